import type { Clock } from '@tieout/clock';
import { appendAudit, type Database, type Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { totalsOf } from '../adapters/postgres/pay-run.reads.js';
import type { PayRunStore, RunMove, RunNews } from '../adapters/postgres/pay-run.store.js';
import type { PayRunRow } from '../adapters/postgres/pay-run.table.js';
import { totalsDiffer } from '../domain/preview.js';
import { follow } from '../domain/run-states.js';

const BATCH = 100;

interface Parts {
  readonly database: Pick<Database, 'transaction'>;
  readonly runs: PayRunStore;
  readonly clock: Clock;
  readonly policy: { current(): Pick<CompiledPolicy, 'digest'> };
}

/** Moves runs along with the clock and with what became of their documents. */
export class FollowPayRuns {
  constructor(private readonly parts: Parts) {}

  async run(): Promise<'more' | 'idle'> {
    const { database, runs } = this.parts;
    await database.transaction(async (tx) => this.advance(tx, await runs.lockUnfinished(tx, BATCH)));
    return 'idle';
  }

  /** The runs as they stand now. The caller has locked them. */
  async advance(tx: Tx, rows: readonly PayRunRow[]): Promise<PayRunRow[]> {
    const { runs, clock } = this.parts;
    const now = clock.now();
    const moving = rows.filter(({ state }) => state !== 'acknowledged').map(({ id }) => id);
    const facts = new Map((await runs.factsOf(tx, moving, now)).map((news) => [news.id, news]));
    const moved = rows.flatMap((row) => {
      const news = facts.get(row.id);
      return news === undefined ? [] : [{ row, news, state: follow(row.state, news) }];
    });
    const moves: RunMove[] = [];
    for (const { row, news, state } of moved) if (state !== row.state) moves.push(await this.#move(tx, row, news, state));
    await runs.move(tx, moves, now);
    await runs.rememberRefused(
      tx,
      moved
        .filter(({ state }) => state === 'refused')
        .map(({ row, news }) => ({ id: row.id, documentKeys: news.refusedDocuments.map(({ documentKey }) => documentKey) })),
    );
    await this.#tell(tx, rows, moves, now);
    const states = new Map(moves.map(({ id, state }) => [id, state]));
    return rows.map((row) => ({ ...row, state: states.get(row.id) ?? row.state }));
  }

  async #move(tx: Tx, row: PayRunRow, news: RunNews, state: PayRunRow['state']): Promise<RunMove> {
    const { id } = row;
    if (state === 'refused')
      return { id, state, message: news.refusedDocuments.map(({ message }) => message ?? 'refused').join('; ') };
    if (state !== 'acknowledged') return { id, state };
    const acknowledgedTotals = await totalsOf(tx, row, true);
    return {
      id,
      state,
      acknowledgedTotals,
      message: row.signedTotals ? totalsDiffer(row.signedTotals, acknowledgedTotals) : undefined,
    };
  }

  async #tell(tx: Tx, rows: readonly PayRunRow[], moves: readonly RunMove[], now: string): Promise<void> {
    const before = new Map(rows.map((row) => [row.id, row]));
    await appendAudit(
      tx,
      moves.map(({ id, state, message, acknowledgedTotals }) => ({
        actor: 'service:payroll-feed',
        action: `pay-run.${state}`,
        subjectKind: 'pay-run',
        subjectId: id,
        legalEntityId: before.get(id)!.legalEntityId,
        before: { state: before.get(id)!.state },
        after: { state, ...(acknowledgedTotals && { acknowledgedTotals }) },
        policyDigest: this.parts.policy.current().digest,
        ...(message !== undefined && { reason: message }),
      })),
      now,
    );
  }
}
