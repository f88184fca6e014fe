import { describe, expect, it } from 'vitest';
import { commitmentsIn, committed, opens, withoutPersonal, type AuditEntry } from './index.js';

const entry = (more: Partial<AuditEntry>): AuditEntry => ({
  actor: 'service:master-data-sync',
  action: 'master.object.changed',
  subjectKind: 'worker',
  subjectId: 'w-1',
  legalEntityId: 'DE01',
  ...more,
});

describe('personal values', () => {
  it('of a worker are kept apart at any depth; the rest stays', () => {
    const timeline = [{ validFrom: '2026-01-01', attributes: { code: 'W-1', userName: 'ana', type: 'employee' } }];
    const drift = [{ attribute: 'userName', connection: 'psa', externalId: 'x7', ours: 'ana', theirs: 'anna' }];
    const { entry: said, personal } = withoutPersonal(entry({ after: { code: 'W-1', timeline, drift } }));
    expect(personal.map(({ value }) => value)).toEqual(['ana', 'x7', 'ana', 'anna']);
    expect(personal.every(opens)).toBe(true);
    const text = JSON.stringify(said);
    expect(text).not.toMatch(/ana|anna|x7/);
    expect(text).toMatch(/"code":"W-1".*"type":"employee".*"connection":"psa"/);
    expect(commitmentsIn(text)).toEqual(personal.map(({ commitment }) => commitment));
  });

  it('are what a person typed, not what a service says', () => {
    const typed = withoutPersonal(entry({ subjectKind: 'connection', actor: 'user:u1', reason: 'Ana asked for it' }));
    expect(typed.entry.reason).toBe(`personal:${typed.personal[0]!.commitment}`);
    const own = entry({ subjectKind: 'connection', reason: 'no answer' });
    expect(withoutPersonal(own)).toEqual({ entry: own, personal: [] });
  });

  it('of another kind of subject are none', () => {
    const project = entry({ subjectKind: 'project', after: { name: 'Website', userName: 'x' } });
    expect(withoutPersonal(project).entry).toBe(project);
  });

  it('give another commitment each time', () => {
    const [a, b] = [committed('ana'), committed('ana')];
    expect(a.commitment).not.toBe(b.commitment);
    expect(opens({ ...a, value: 'anna' })).toBe(false);
  });
});
