import { describe, expect, it } from 'vitest';
import { commandDigest } from './command-digest.js';

describe('commandDigest', () => {
  const command = { dryRun: false, by: 'entries', entryIds: ['a', 'b'] };
  const digest = commandDigest('cmd.posting.replay.v1', command);

  it('is the same whoever sends the command, with or without a grant, in any order of properties', () => {
    const { by, dryRun, entryIds } = command;
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(
      commandDigest('cmd.posting.replay.v1', {
        entryIds,
        by,
        dryRun,
        actor: 'user:olga',
        grant: { requestId: 'r' },
        from: undefined,
      }),
    ).toBe(digest);
  });

  it.each([
    ['another subject', 'cmd.payroll.replay.v1', command],
    ['another order of items', 'cmd.posting.replay.v1', { ...command, entryIds: ['b', 'a'] }],
    ['one item more', 'cmd.posting.replay.v1', { ...command, entryIds: ['a', 'b', 'c'] }],
    ['another property', 'cmd.posting.replay.v1', { ...command, destination: 'erp' }],
  ])('is another for %s', (_what, subject, other) => {
    expect(commandDigest(subject, other)).not.toBe(digest);
  });
});
