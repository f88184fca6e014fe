import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { commandDigest, type GrantV1 } from '@tieout/contracts';
import { signed } from '@tieout/signing';
import { describe, expect, it } from 'vitest';
import { whyNotGranted, type GrantableCommand } from './second-person.js';

const NOW = '2026-11-23T09:00:00.000Z';
const SUBJECT = 'cmd.posting.replay.v1';
const governance = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const command = { actor: 'user:olga', by: 'destination', destination: 'erp', dryRun: false };
const statement = {
  requestId: randomUUID(),
  commandDigest: commandDigest(SUBJECT, command),
  requestedBy: 'user:olga',
  approvedBy: 'user:otto',
  approvedAt: '2026-11-23T08:55:00.000Z',
  expiresAt: '2026-11-23T09:55:00.000Z',
};
const grant = (more: Partial<typeof statement> = {}, key = governance.privateKey): GrantV1 => {
  const changed = { ...statement, ...more };
  return { ...changed, ...signed('grant', changed, key) };
};
const why = (shown: GrantV1, over: { subject?: string; command?: GrantableCommand; keys?: boolean } = {}) =>
  whyNotGranted(
    shown,
    { subject: over.subject ?? SUBJECT, command: over.command ?? command },
    { keys: over.keys === false ? [] : [governance.publicKey], now: NOW },
  );

describe('a grant', () => {
  it('counts for the command that a second person saw, whoever carries it and in whatever order its properties stand', () => {
    expect(why(grant())).toBeUndefined();
    const reordered = { dryRun: false, destination: 'erp', grant: grant(), by: 'destination', actor: 'user:olga' };
    expect(why(grant(), { command: reordered })).toBeUndefined();
  });

  it.each<[string, string | undefined, RegExp]>([
    ['signed by another key', why(grant({}, stranger.privateKey)), /not signed/],
    ['where no key of governance is known', why(grant(), { keys: false }), /not signed/],
    ['changed after it was signed', why({ ...grant(), expiresAt: '2027-01-01T00:00:00.000Z' }), /not signed/],
    ['with a signature of another kind of statement', why({ ...statement, ...signed('override', statement, governance.privateKey) }), /not signed/],
    ['for another command of the subject', why(grant(), { command: { ...command, destination: 'payroll' } as GrantableCommand }), /another command/],
    ['for the same at another service', why(grant(), { subject: 'cmd.payroll.replay.v1' }), /another command/],
    ['that a rehearsal was approved by', why(grant({ commandDigest: commandDigest(SUBJECT, { ...command, dryRun: true }) })), /another command/],
    ['of somebody else', why(grant({ requestedBy: 'user:frida' })), /given to user:frida/],
    ['approved by who asked', why(grant({ approvedBy: 'user:olga' })), /both asked and approved/],
    ['approved by a program', why(grant({ approvedBy: 'service:tieout-cli' })), /no person/],
    ['approved in the future', why(grant({ approvedAt: '2026-11-23T09:06:00.000Z' })), /not yet/],
    ['that has expired', why(grant({ expiresAt: NOW })), /expired/],
  ])('%s: refused', (_, answer, expected) => expect(answer).toMatch(expected)); // prettier-ignore
});
