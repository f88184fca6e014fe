import { EVENT_HEADERS, EVENT_TYPES } from '@tieout/contracts';
import { Logger } from '@nestjs/common';
import { headers } from '@nats-io/transport-node';
import { afterEach, expect, it, vi } from 'vitest';
import { DeprecationNotices } from './deprecation-notices.js';

const TYPE = EVENT_TYPES.entryHeld;
const until = (date?: string) => {
  const all = headers();
  if (date !== undefined) all.set(EVENT_HEADERS.deprecatedUntil, date);
  return all;
};

afterEach(() => vi.restoreAllMocks());

it('a deprecated type is logged once per consumer and date, another type never', () => {
  const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const notices = new DeprecationNotices();
  notices.see('a--entry-held', TYPE, undefined);
  notices.see('a--entry-held', TYPE, until());
  expect(warn).not.toHaveBeenCalled();
  for (let message = 0; message < 3; message += 1) notices.see('a--entry-held', TYPE, until('2027-05-31'));
  notices.see('b--entry-held', TYPE, until('2027-05-31'));
  notices.see('a--entry-held', TYPE, until('2027-12-31'));
  expect(warn.mock.calls.map(([text]) => String(text).split(';')[0])).toEqual([
    'a--entry-held reads time.entry.held.v1, which is said until 2027-05-31 only',
    'b--entry-held reads time.entry.held.v1, which is said until 2027-05-31 only',
    'a--entry-held reads time.entry.held.v1, which is said until 2027-12-31 only',
  ]);
});
