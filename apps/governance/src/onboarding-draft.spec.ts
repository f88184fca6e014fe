import { compilePolicy, type CompiledPolicy } from '@tieout/policy';
import { readBundleTexts } from '@tieout/service-kit';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { draftBundle } from './domain/onboarding/draft-bundle.js';
import type { OnboardingRequest } from './domain/onboarding/onboarding.js';

const DEMO = readBundleTexts(join(import.meta.dirname, '../../../deploy/governance/demo'));
const FILES = Object.entries(DEMO).map(([name, text]) => ({ name, text }));
const TODAY = '2026-11-23';

const request: OnboardingRequest = {
  legalEntity: { code: 'FR01', name: 'Demo Conseil', currency: 'EUR', timeZone: 'Europe/Paris', region: 'EMEA' },
  connections: {
    'fr-hr': {
      system: 'sandbox-hr',
      roles: ['master-data'],
      settings: { url: 'env:FR_HR_URL', key: 'env:FR_HR_KEY' },
      secrets: ['key'],
      kinds: ['worker', 'legal-entity', 'cost-rate'],
    },
    'fr-psa': {
      system: 'sandbox-psa',
      roles: ['time', 'master-data', 'project'],
      settings: { url: 'env:FR_PSA_URL', key: 'env:FR_PSA_KEY' },
      secrets: ['key'],
      kinds: ['project', 'task'],
    },
    'fr-erp': {
      system: 'sandbox-erp',
      roles: ['posting'],
      settings: { url: 'env:FR_ERP_URL', key: 'env:FR_ERP_KEY' },
      secrets: ['key'],
      adoption: { matchBy: ['workerCode', 'projectCode', 'workDate'], toleranceHours: '0.01', toleranceAmount: '0.05' },
    },
  },
  like: 'DE01',
  goLive: '2027-02-01',
};
const drafted = draftBundle(FILES, request, TODAY);
const textOf = (name: string, files = drafted.files): string => files.find((file) => file.name === name)?.text ?? '';
const compiled = (files: readonly { name: string; text: string }[]): CompiledPolicy => {
  const result = compilePolicy(Object.fromEntries(files.map(({ name, text }) => [name, text])));
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result.policy;
};

describe('draftBundle', () => {
  const policy = compiled(drafted.files);
  const before = compiled(FILES);

  it('says for the new legal entity what was asked for', () => {
    expect(policy.connections.map(({ id }) => id)).toEqual([
      ...before.connections.map(({ id }) => id),
      'fr-hr',
      'fr-psa',
      'fr-erp',
    ]);
    expect(policy.systemOfRecord('worker', 'code', 'FR01')).toBe('fr-hr');
    expect(policy.systemOfRecord('project', 'code', 'FR01')).toBe('fr-psa');
    expect(policy.systemOfRecord('client', 'code', 'FR01')).toBe('psa');
    expect(policy.feedRoutes('posting', 'FR01')).toEqual(['fr-erp']);
    expect(policy.feedRoutes('payroll', 'FR01')).toEqual(['payroll']);
    expect(policy.projectSystems('FR01')).toEqual(['fr-psa']);
    expect(
      policy.mapTime('fr-psa', {
        employee: 'e1',
        project: 'P',
        activity: 'Consulting',
        date: TODAY,
        hours: '1',
        status: 'approved',
      }).ok,
    ).toBe(true);
  });

  it('begins with the rules of the one it is like', () => {
    expect(policy.owner('PERIOD_CLOSED', 'FR01')).toEqual(policy.owner('PERIOD_CLOSED', 'DE01'));
    expect(policy.validationFor({ legalEntityId: 'FR01' })).toEqual(before.validationFor({ legalEntityId: 'DE01' }));
    const closes = (legalEntity: string): unknown[] =>
      policy
        .changeCalendar('2026-11-01T00:00:00.000Z', '2027-01-31T00:00:00.000Z')
        .filter((span) => span.legalEntities?.includes(legalEntity) && span.kind === 'close');
    expect(closes('FR01').length).toBeGreaterThan(0);
    expect(closes('FR01')).toEqual(closes('DE01'));
  });

  it('changes nothing for the others', () => {
    for (const entity of ['US01', 'DE01', 'IN01']) {
      for (const kind of ['worker', 'project', 'cost-rate'] as const)
        expect(policy.systemOfRecord(kind, 'code', entity)).toBe(before.systemOfRecord(kind, 'code', entity));
      expect(policy.routes(entity)).toEqual(before.routes(entity));
      expect(policy.validationFor({ legalEntityId: entity })).toEqual(before.validationFor({ legalEntityId: entity }));
    }
  });

  it('sends nothing before go-live, and from then on everything', () => {
    const may = (at: string): boolean => policy.mayDispatch('fr-erp', 'posting', at, { legalEntityId: 'FR01' }).open;
    expect(['2026-11-23T12:00:00.000Z', '2027-01-31T22:59:00.000Z', '2027-01-31T23:00:00.000Z'].map(may)).toEqual([
      false,
      false,
      true,
    ]);
    expect(policy.mayDispatch('erp', 'posting', '2026-11-24T12:00:00.000Z', { legalEntityId: 'DE01' }).open).toBe(true);
    expect(textOf('calendars.yaml', draftBundle(FILES, { ...request, goLive: TODAY }, TODAY).files)).not.toContain(
      'is being onboarded',
    );
  });

  it('keeps every comment, and files that it has nothing to say about as they are', () => {
    for (const { name, text } of FILES) {
      const comments = (of: string): string[] => [...of.matchAll(/#.*$/gm)].map(([comment]) => comment.trim());
      const now = comments(textOf(name));
      expect(comments(text).filter((comment) => !now.includes(comment))).toEqual([]);
    }
    for (const name of ['priorities.yaml', 'slas.yaml', 'validation.yaml', 'approvals.yaml', 'retention.yaml'])
      expect(textOf(name)).toBe(DEMO[name]);
    expect(textOf('connections.yaml')).toContain('# Of FR01.');
    expect(textOf('legal-entities/FR01.yaml')).not.toBe('');
  });

  it('is a diff that a person can read: few lines go, and each for one that says more', () => {
    const lines = (text: string): string[] => text.split('\n').map((line) => line.replaceAll(/ +/g, ' ').trim());
    const gone = FILES.flatMap(({ name, text }) => {
      const now = new Set(lines(textOf(name)));
      return lines(text).filter((line) => !now.has(line));
    });
    // One-word owners that became a list, legal entities in calendars, and the key of a list that was empty.
    expect(gone.length).toBeLessThan(25);
  });

  it('says what it could not know', () => {
    expect(drafted.notes).toEqual([
      'mappings.yaml: the mapping of "fr-psa" is that of "psa": check it against its fields',
      'accounts.yaml: missingProjects: name the project of FR01 on which missing time is accrued',
      'calendars.yaml: closes of DE01 count for FR01, too: check time zone (Europe/Paris) and holidays',
      'calendars.yaml: payrollCycles of DE01 count for FR01, too: check time zone (Europe/Paris) and holidays',
      'calendars.yaml: holidays of DE01 count for FR01, too: check time zone (Europe/Paris) and holidays',
    ]);
    const bare: OnboardingRequest = {
      ...request,
      like: 'XX99',
      connections: {
        'fr-csv': { system: 'other', roles: ['time', 'master-data'] },
        psa: { system: 'sandbox-psa', roles: ['control'] },
      },
    };
    expect(draftBundle(FILES, bare, TODAY).notes).toEqual([
      'mappings.yaml: "fr-csv" needs a mapping, and no connection with the same system has one: write it',
      'connections.yaml: "fr-csv" names no kinds; say which, and who owns them for FR01 in systems-of-record.yaml',
      'connections.yaml: "psa" is there already and stays as it is',
      "no rule of XX99 is its own: FR01 begins with the firm's",
    ]);
  });

  it('drafted again from its own outcome it changes nothing', () => {
    const again = draftBundle(drafted.files, { ...request, goLive: TODAY }, TODAY);
    expect(compiled(again.files).digest).toBe(policy.digest);
  });
});
