import type { Feed } from '@tieout/model';
import { LastMessages, type NatsLink } from '@tieout/messaging';
import { markSubject } from '@tieout/contracts';
import type { Witness } from '../engine/restore-guard.js';

/** Keeps the mark in JetStream: another place than PostgreSQL, so that the one going back does not take the other with it. */
export const natsWitness = (link: NatsLink, feed: Feed): Witness => {
  const marks = new LastMessages(link, 'MARKS');
  return {
    read: async () => {
      const { mark, derivedMs = 0 } = ((await marks.read(markSubject(feed))) ?? {}) as { mark?: unknown; derivedMs?: unknown };
      return mark === undefined ? undefined : { attempt: Number(mark), derivedMs: Number(derivedMs) };
    },
    write: ({ attempt, derivedMs }) => marks.write(markSubject(feed), { mark: attempt, derivedMs }),
  };
};
