import { linkWaiting, WorkLoop } from '@tieout/persistence';
import { histogram } from '@tieout/telemetry';
import type { ServiceRuntime } from './runtime.js';

/**
 * A record is linked within a second of its commit. Polled, not notified: under load a notification for each commit would cost more than
 * the whole chain does, and an idle look costs a tenth of a millisecond.
 */
const LOOK_MS = 400;
/** Some 20 ms of work: short enough for who waits on the same disk. */
const BATCH = 2_000;

/** Links this service's committed audit records. Every replica has one; the database lets one of them work at a time. */
export const auditChainer = ({ name, database, clock, logger }: ServiceRuntime): WorkLoop => {
  const delay = histogram(
    'tieout.audit.link.delay',
    'from the writing of an audit record to its link, of the oldest of a batch',
    's',
  );
  return new WorkLoop({
    name: 'audit chain',
    pollMs: LOOK_MS,
    run: async () => {
      const { oldest, more } = await linkWaiting(database, name, BATCH);
      if (oldest !== null) delay.record(Math.max(0, clock.epochMs() - Date.parse(oldest)) / 1_000);
      return more ? 'more' : 'idle';
    },
    database,
    clock,
    logger,
  });
};
