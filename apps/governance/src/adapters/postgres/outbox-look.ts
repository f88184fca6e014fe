import type { Tx } from '@tieout/persistence';

/** Those of the subjects on which something waits to be published. */
export const waitingSubjects = async (tx: Tx, subjects: readonly string[]): Promise<ReadonlySet<string>> =>
  new Set(
    (
      await tx.query<{ subject: string }>(
        `SELECT DISTINCT subject FROM outbox WHERE published_at IS NULL AND subject = ANY($1::text[])`,
        [subjects],
      )
    ).map(({ subject }) => subject),
  );
