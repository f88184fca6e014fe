import { setTimeout as delay } from 'node:timers/promises';
import type { ReasonCode } from '@tieout/model';
import { notify, type NewEvent, type Tx } from '@tieout/persistence';
import { v7 } from 'uuid';
import type { Block } from '../adapters/postgres/posting.store.js';
import type { PostingRow } from '../adapters/postgres/posting.table.js';
import { freezeDocuments, type FreezableLine, type FrozenDocument, type PlacedLine } from '../domain/freeze.js';
import { accountingPeriods, resolvePeriod, type AccountingPeriod } from '../domain/periods.js';
import type { Destination } from './destination.js';
import { CHANNELS, tell, type Ledger } from './ledger.js';
import { lineBlocked, lineCleared } from './ledger-events.js';
import type { Pace } from './pace.js';

/** Lines are gathered for at most this long while more of them come in. */
const GATHER_MS = 200;
const GATHER_STEP_MS = 20;
const BATCH = 2_000;
/** Accounting periods may still be on their way when the first lines arrive. */
const PERIODS_GRACE_MS = 30_000;

type Accounts = Pick<FreezableLine, 'account' | 'balancingAccount'>;
type Decision =
  | { readonly kind: 'placed'; readonly placed: PlacedLine }
  | { readonly kind: 'blocked'; readonly block: Block }
  | { readonly kind: 'early' };

/** Puts pending lines of one destination into documents that never change again. */
export class FreezeDocuments {
  #gatheringSince: number | undefined;

  constructor(
    private readonly ledger: Ledger,
    private readonly destination: Destination,
    private readonly pace: Pace,
  ) {}

  async run(): Promise<'more' | 'idle'> {
    if (this.pace.gathering) {
      this.#gatheringSince ??= performance.now();
      if (performance.now() - this.#gatheringSince < GATHER_MS) {
        await delay(GATHER_STEP_MS);
        return 'more';
      }
    }
    this.#gatheringSince = undefined;
    return this.ledger.database.transaction((tx) => this.#batch(tx));
  }

  async #batch(tx: Tx): Promise<'more' | 'idle'> {
    const { postings, documents } = this.ledger;
    const { id, capabilities } = this.destination;
    const rows = await postings.lockFreezable(tx, id, BATCH);
    if (rows.length === 0) return 'idle';
    // The sender is busy: a document that is not full gains nothing by being frozen now.
    const onlyFull = (await documents.countFrozen(tx, id)) >= capabilities.maxConcurrency;
    const decided = await this.#decide(tx, rows);
    const placed = rows.flatMap((row) => {
      const decision = decided.get(row.postingKey);
      return decision?.kind === 'placed' ? [decision.placed] : [];
    });
    const blocks = [...decided.values()].flatMap((decision) => (decision.kind === 'blocked' ? [decision.block] : []));
    const frozen = freezeDocuments(placed, { destination: id, maxLines: capabilities.maxLinesPerDocument, onlyFull, newKey: v7 });
    await this.#write(tx, rows, frozen, blocks);
    return rows.length === BATCH && (frozen.length > 0 || blocks.length > 0) ? 'more' : 'idle';
  }

  async #decide(tx: Tx, rows: readonly PostingRow[]): Promise<Map<string, Decision>> {
    const { clock, master, postings } = this.ledger;
    const booked = await postings.accountsReversed(tx, rows);
    const objects = await master.byKind(tx, 'accounting-period');
    const today = clock.now().slice(0, 10);
    const periodsOf = new Map<string, AccountingPeriod[]>();
    const decided = new Map<string, Decision>();
    for (const row of rows) {
      let periods = periodsOf.get(row.legalEntityId);
      if (periods === undefined)
        periodsOf.set(row.legalEntityId, (periods = accountingPeriods(row.legalEntityId, objects, today)));
      decided.set(row.postingKey, this.#place(row, periods, booked.get(row.postingKey)));
    }
    return decided;
  }

  #place(row: PostingRow, periods: readonly AccountingPeriod[], booked: Accounts | undefined): Decision {
    const { clock, policy } = this.ledger;
    if (periods.length === 0 && clock.epochMs() - Date.parse(row.createdAt) < PERIODS_GRACE_MS) return { kind: 'early' };
    const blocked = (reason: ReasonCode, detail: string): Decision => ({
      kind: 'blocked',
      block: { postingKey: row.postingKey, entryId: row.entryId, reason, detail },
    });
    const answer = resolvePeriod(
      {
        workDate: row.content.workDate,
        origin: row.origin,
        anchorPeriod: row.anchorPeriod ?? undefined,
        refused: row.refusedPeriods,
      },
      periods,
      policy.current().calendar,
    );
    if (answer.kind === 'blocked') return blocked(answer.reason, answer.detail);
    const { legalEntityId, workerType, billable } = row.content;
    const accounts = booked ?? policy.current().account({ legalEntityId, leg: row.leg, workerType, billable });
    if (accounts === undefined) {
      return blocked(
        'NO_ROUTE',
        `the policy bundle names no account for ${row.leg} of ${billable ? 'billable' : 'non-billable'} time by a ${workerType} in ${legalEntityId}`,
      );
    }
    return { kind: 'placed', placed: { line: freezable(row, accounts), period: answer.period } };
  }

  async #write(tx: Tx, rows: readonly PostingRow[], frozen: readonly FrozenDocument[], blocks: readonly Block[]): Promise<void> {
    const { documents, postings, clock } = this.ledger;
    const now = clock.now();
    const byKey = new Map(rows.map((row) => [row.postingKey, row]));
    const placements = frozen.flatMap((document) =>
      document.lines.map(({ postingKey, entryId, account, balancingAccount }) => ({
        documentKey: document.documentKey,
        postingKey,
        entryId,
        account,
        balancingAccount,
      })),
    );
    await documents.insert(tx, frozen, now);
    await postings.place(tx, placements, now);
    await postings.block(tx, blocks, now);
    const news = blocks.filter((block) => byKey.get(block.postingKey)!.blockedReason !== block.reason);
    const cleared = placements.map(({ postingKey }) => byKey.get(postingKey)!).filter((row) => row.blockedReason !== null);
    await tell(tx, this.ledger, {
      audit: [
        ...frozen.map((document) => ({
          action: 'document.frozen',
          subjectKind: 'document',
          subjectId: document.documentKey,
          legalEntityId: document.legalEntityId,
          after: {
            state: 'frozen',
            destination: document.destination,
            postingPeriod: document.postingPeriod,
            postingDate: document.postingDate,
            contentHash: document.contentHash,
            totals: document.totals,
            postingKeys: document.lines.map((line) => line.postingKey),
          },
        })),
        ...news.map((block) => ({
          action: 'posting.blocked',
          subjectKind: 'posting',
          subjectId: block.postingKey,
          legalEntityId: byKey.get(block.postingKey)!.legalEntityId,
          after: { blocked: block.reason },
          reason: block.detail,
        })),
      ],
      events: [
        ...news.map((block): NewEvent => lineBlocked(byKey.get(block.postingKey)!, block.reason, block.detail, now)),
        ...cleared.map((row): NewEvent => lineCleared(row, now)),
      ],
    });
    if (frozen.length > 0) await notify(tx, CHANNELS.send);
  }
}

const freezable = (row: PostingRow, accounts: Accounts): FreezableLine => ({
  postingKey: row.postingKey,
  entryId: row.entryId,
  releaseNo: row.releaseNo,
  leg: row.leg,
  kind: row.kind,
  reverses: row.reverses ?? undefined,
  content: row.content,
  ...accounts,
});
