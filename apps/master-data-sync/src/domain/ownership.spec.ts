import type { MasterObject } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import type { OwnerOf } from './merge-records.js';
import { ownershipViolations } from './ownership.js';

const owner: OwnerOf = (attribute, entity) =>
  attribute === 'name' && entity === 'US01' ? 'hub' : attribute === 'secret' ? undefined : 'psa';
const sent = (attributes: Record<string, string>) => ({
  connection: 'hub',
  timeline: [{ validFrom: '0001-01-01', attributes: { code: 'P-1', ...attributes } }],
});
const known = (legalEntityId: string, attributes: Record<string, string> = {}): MasterObject => ({
  kind: 'project',
  id: 'x',
  code: 'P-1',
  revision: 1,
  legalEntityId,
  timeline: [{ validFrom: '0001-01-01', attributes: { code: 'P-1', ...attributes } }],
  crossReferences: [],
  attributeSources: {},
  ambiguous: false,
});
const violations = (attributes: Record<string, string>, object: MasterObject | undefined) =>
  ownershipViolations(sent(attributes), object, 'project', owner, '2026-11-23');

describe('ownershipViolations', () => {
  it('asks for the owner in the legal entity of the object, not of the one that is claimed', () => {
    expect(violations({ name: 'A' }, known('US01', { name: 'B' }))).toEqual([]);
    expect(violations({ name: 'A', legalEntity: 'US01' }, known('DE01', { name: 'B', legalEntity: 'DE01' }))).toEqual([
      { attribute: 'legalEntity', owner: 'psa', differs: true },
      { attribute: 'name', owner: 'psa', differs: true },
    ]);
  });
  it('tells what differs from what was only repeated', () => {
    expect(violations({ name: 'A', budgetAmount: '10.0' }, known('DE01', { name: 'A', budgetAmount: '10' }))).toEqual([
      { attribute: 'budgetAmount', owner: 'psa', differs: false },
      { attribute: 'name', owner: 'psa', differs: false },
    ]);
  });
  it('lets nobody but the owner of the code create an object, and nobody say what nobody owns', () => {
    expect(violations({ secret: 'x' }, undefined)).toEqual([
      { attribute: 'code', owner: 'psa', differs: true },
      { attribute: 'secret', owner: undefined, differs: true },
    ]);
  });
});
