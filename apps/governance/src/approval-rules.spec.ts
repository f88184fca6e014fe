import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPROVER_ROLES, BUNDLE_PARTS, compilePolicy, type BundlePart, type Role } from '@tieout/policy';
import { COMMAND_CONTRACTS } from '@tieout/contracts';
import { readBundleTexts } from '@tieout/service-kit';
import { describe, expect, it } from 'vitest';
import { AT, BASE, DIGEST, person, proposed, refusalOf } from '../test/in-force.js';
import { activate } from './domain/bundle/activate.js';
import { approve } from './domain/bundle/approve.js';
import type { Bundle } from './domain/bundle/bundle.js';

const DEMO = join(import.meta.dirname, '../../../deploy/governance/demo');
const compiled = compilePolicy(readBundleTexts(DEMO));
if (!compiled.ok) throw new Error('the demo bundle does not compile');
const { policy } = compiled;
// The calendar is another matter: here it is always open.
const active = { digest: BASE, approvals: policy.approvals, changeAllowed: () => ({ allowed: true as const }) };
const now = { at: AT, environment: 'local', active };

/** The file itself, read without the compiler that is under test as well: "  part: [role, role]" below "approvers:". */
const written: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  readFileSync(join(DEMO, 'approvals.yaml'), 'utf8')
    .split(/^approvers:$/m)[1]!
    .split(/^\S.*:/m)[0]!
    .split('\n')
    .flatMap((line) => {
      const found = /^ {2}([a-z-]+): \[(.*)\]$/.exec(line);
      return found ? [[found[1]!, found[2]!.split(', ')] as const] : [];
    }),
);

const bundleOf = (part: BundlePart): Bundle => proposed([part]);
const pairs = BUNDLE_PARTS.flatMap((part) => APPROVER_ROLES.map((role) => [part, role, written[part]!.includes(role)] as const));

describe('who may approve what, by the approvals.yaml of the demo firm', () => {
  it('names somebody for every part of a bundle, and for overrides and contracts', () => {
    expect(Object.keys(written).sort()).toEqual([...BUNDLE_PARTS, 'overrides', 'contracts'].sort());
  });

  it.each(pairs)('%s by %s: %s', (part, role, may) => {
    const decided = approve(bundleOf(part), person('someone', role), { digest: DIGEST }, now);
    expect(refusalOf(decided)).toBe(may ? undefined : 'role-not-held');
    // The same in a role that is named: nobody gets past by asking for it.
    const asked = approve(bundleOf(part), person('someone', role), { digest: DIGEST, role: written[part]![0] as Role }, now);
    expect(asked.ok).toBe(role === written[part]![0]);
  });

  it.each(pairs.filter(([, , may]) => may))('%s by %s, who wrote it: false', (part, role) => {
    expect(refusalOf(approve(bundleOf(part), person('ana', role), { digest: DIGEST }, now))).toBe('self-approval');
  });

  it.each(BUNDLE_PARTS)('%s is approved by everybody who is named, and not before', (part) => {
    const roles = written[part]! as Role[];
    let bundle = bundleOf(part);
    for (const [i, role] of roles.entries()) {
      expect(bundle.state).toBe('proposed');
      const decided = approve(bundle, person(`one-${i}`, role), { digest: DIGEST }, now);
      if (decided.ok) bundle = decided.value;
    }
    expect(bundle.state).toBe('approved');
    expect(activate(bundle, person('paul', policy.approvals.activateRoles[0]!), undefined, now).ok).toBe(true);
  });

  it.each(APPROVER_ROLES)('what %s may activate, roll back and declare is what the file says', (role) => {
    const text = readFileSync(join(DEMO, 'approvals.yaml'), 'utf8');
    const listed = (key: string): boolean => new RegExp(`^${key}: \\[(.*)\\]$`, 'm').exec(text)![1]!.split(', ').includes(role);
    expect(policy.approvals.activateRoles.includes(role)).toBe(listed('activate'));
    expect(policy.approvals.rollbackRoles.includes(role)).toBe(listed('rollBack'));
    expect(policy.approvals.emergencyRoles.includes(role)).toBe(listed('declareEmergency'));
  });

  it('cannot be said by a message: there is no command to governance', () => {
    expect(Object.keys(COMMAND_CONTRACTS).filter((subject) => subject.startsWith('cmd.governance.'))).toEqual([]);
  });
});
