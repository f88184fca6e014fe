import type { BundlePart } from '@tieout/policy';
import { describe, expect, it } from 'vitest';
import { rulesDigestOf } from './rules-digest.js';

const base: Partial<Record<BundlePart, string>> = { validation: 'v', calendars: 'c', accounts: 'a', routing: 'r', slas: 's' };
const digest = (part: BundlePart) => rulesDigestOf({ partDigests: { ...base, [part]: 'other' } });

describe('the rules that a verdict reads', () => {
  it.each<BundlePart>(['validation', 'calendars', 'accounts', 'routing'])('are others when %s changes', (part) =>
    expect(digest(part)).not.toBe(rulesDigestOf({ partDigests: base })),
  );
  it.each<BundlePart>(['slas', 'priorities', 'ownership', 'approvals', 'connections', 'retention'])(
    'are the same when %s does',
    (part) => expect(digest(part)).toBe(rulesDigestOf({ partDigests: base })),
  );
});
