import { eachCommand } from '../../test/each-command.js';
import { problem } from '../../test/fake-services.js';

const project = {
  kind: 'project',
  id: 'id-1',
  code: 'P-100/A',
  revision: 4,
  legalEntityId: 'DE01',
  timeline: [
    { validFrom: '2026-01-01', attributes: { code: 'P-100/A', name: 'Bridge' } },
    { validFrom: '2026-07-01', attributes: { code: 'P-100/A', name: 'Bridge, second span' } },
  ],
  crossReferences: [{ connection: 'psa', externalId: '77' }],
  attributeSources: { code: 'psa', name: 'crm' },
  ambiguous: false,
  formerCodes: [{ code: 'P-99', until: '2025-12-31' }],
};
const sources = [{ connection: 'psa', externalId: '77', code: 'P-100/A', timeline: [], absentSince: null }];
const shown = { objects: [project], sources };
const drift = {
  kind: 'project',
  code: 'P-100/A',
  attribute: 'name',
  connection: 'crm',
  legalEntityId: 'DE01',
  owner: 'psa',
  ownerValue: 'Bridge',
  value: 'Brücke',
  since: '2026-11-20T08:00:00.000Z',
  itemKey: 'drift:project',
  personal: false,
  detail: 'differs',
  suggestion: 'Correct it in crm.',
};
const matrix = {
  policyDigest: 'd',
  rows: [
    { kind: 'project', attribute: 'name', legalEntityId: '*', owner: 'psa' },
    { kind: 'project', attribute: 'name', legalEntityId: 'US01', owner: 'crm' },
    { kind: 'worker', attribute: 'code', legalEntityId: '*', owner: 'hr' },
  ],
};

eachCommand('master', [
  ['master show project P-100/A', { 'GET master-data-sync/master/project/P-100%2FA': shown }],
  ['master show project P-100/A --on 2026-06-30', { 'GET master-data-sync/master/project/P-100%2FA': shown }],
  ['master show project P-9', { 'GET master-data-sync/master/project/P-9': problem(404, 'unknown-code') }, 3],
  [
    'master history project P-100/A',
    {
      'GET master-data-sync/master/project/P-100%2FA/history': {
        object: { ...project, mergedInto: { code: 'P-200', validFrom: '2026-11-01' } },
        sources,
        merges: [
          {
            fromCode: 'P-100/A',
            intoCode: 'P-200',
            validFrom: '2026-11-01',
            decidedBy: 'user:olga',
            decidedAt: '2026-11-02T08:00:00.000Z',
            why: 'one project',
            undoneAt: null,
          },
        ],
        revisions: [
          {
            at: '2026-11-02T08:00:00.000Z',
            actor: 'user:olga',
            action: 'object.merged',
            revision: 4,
            changed: ['mergedInto'],
            reason: 'one project',
            policyDigest: 'd',
          },
        ],
      },
    },
  ],
  [
    'master drift --kind project --legal-entity DE01',
    {
      'GET master-data-sync/drift?kind=project&legalEntityId=DE01&limit=100': {
        items: [drift, { ...drift, personal: true, ownerValue: null, value: null }],
        next: 'abc',
      },
    },
    1,
  ],
  ['master drift', { 'GET master-data-sync/drift?limit=100': { items: [], next: null } }],
  ['master ownership', { 'GET master-data-sync/ownership-matrix': matrix }],
  ['master ownership --kind project --legal-entity DE01', { 'GET master-data-sync/ownership-matrix': matrix }],
  [
    "master merge client C-1 C-2 --valid-from 2026-11-01 --why 'one client'",
    { 'GET master-data-sync/master/client/C-1': shown, 'GET master-data-sync/master/client/C-2': shown },
  ],
  [
    "master merge client C-1 C-2 --valid-from 2026-11-01 --why 'one client' --yes",
    { 'POST master-data-sync/master/client/merge': { dependants: 3 } },
  ],
  ["master unmerge client C-1 --why 'two after all'"],
  ["master unmerge client C-1 --why 'two after all' --yes", { 'POST master-data-sync/master/client/unmerge': { dependants: 1 } }],
]);
