import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { STREAMS, type StreamName } from '@tieout/contracts';

export interface LastMessage {
  /** Sequence in the stream, for expected-last-subject-sequence. */
  readonly sequence: number;
  readonly revision: number;
}

/** Reads what stands on a master subject now; undefined when nothing does. */
export type ReadLast = (subject: string) => Promise<LastMessage | undefined>;

const MASTER: StreamName = STREAMS[0].name;
const NO_MESSAGE = 10037;
const NO_STREAM = 10059;

const apiCode = (error: unknown): number | undefined => (error as { code?: number }).code;

/** A stream that is gone holds nothing; the publisher makes it again. */
export const lastOnStream =
  (link: { readonly nc: NatsConnection }): ReadLast =>
  async (subject) => {
    const manager = await jetstreamManager(link.nc, { checkAPI: false });
    try {
      const found = await manager.streams.getMessage(MASTER, { last_by_subj: subject });
      return found ? { sequence: found.seq, revision: found.json<{ revision: number }>().revision } : undefined;
    } catch (error) {
      if (apiCode(error) === NO_MESSAGE || apiCode(error) === NO_STREAM) return undefined;
      throw error;
    }
  };

export type MasterDecision =
  { readonly do: 'publish'; readonly expectLastSubjectSequence: number } | { readonly do: 'skip'; readonly superseded: boolean };

/**
 * What to do with a revision, given what stands on its subject. The same revision on the stream is this very row, published before a
 * crash; only a re-emission says it once more, for a consumer that has lost it.
 */
export const decideMaster = (row: { revision: number; emission: number }, last: LastMessage | undefined): MasterDecision => {
  if (!last) return { do: 'publish', expectLastSubjectSequence: 0 };
  if (last.revision > row.revision) return { do: 'skip', superseded: true };
  if (last.revision === row.revision && row.emission === 1) return { do: 'skip', superseded: false };
  return { do: 'publish', expectLastSubjectSequence: last.sequence };
};
