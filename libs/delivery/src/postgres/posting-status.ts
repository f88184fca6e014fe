import type { ProgressAnswerV1 } from '@tieout/contracts';
import type { DocumentRow, PostingRow } from '../engine/rows.js';
import { LINE_STATE } from './posting.table.js';
import type { PostgresLedger } from './postgres-ledger.js';

export interface PostingView {
  readonly postingKey: string;
  readonly destination: string;
  readonly releaseNo: number;
  readonly leg: string;
  readonly kind: string;
  readonly reverses?: string;
  readonly state: string;
  readonly workDate: string;
  readonly hours: string;
  readonly amount: string;
  readonly currency: string;
  readonly postingPeriod?: string;
  readonly postingDate?: string;
  readonly documentKey?: string;
  readonly externalId?: string;
  readonly postedAt?: string;
  readonly confirmedAt?: string;
  readonly blocked?: { readonly reason: string; readonly detail: string };
  readonly message?: string;
}

export interface EntryPostings {
  readonly entryId: string;
  readonly postings: readonly PostingView[];
}

/** What was posted where, for people and other services. */
export class PostingStatus {
  constructor(private readonly ledger: PostgresLedger) {}

  async ofEntry(entryId: string): Promise<EntryPostings> {
    const { database, postings, documents } = this.ledger;
    const rows = await postings.ofEntry(database, entryId);
    const keys = [...new Set(rows.flatMap((row) => row.documentKey ?? []))];
    const found = new Map((await documents.byKeys(database, keys)).map((document) => [document.documentKey, document]));
    return {
      entryId,
      postings: rows.map((row) => viewOf(row, row.documentKey === null ? undefined : found.get(row.documentKey))),
    };
  }

  /** Of these, the entries of which a line left: it stands in a destination, was reversed there, or nobody knows yet. */
  async sentOf(entryIds: readonly string[]): Promise<readonly string[]> {
    const rows = await this.ledger.database.query<{ entry_id: string }>(
      `select distinct entry_id from (select p.entry_id, ${LINE_STATE} as state from posting p where p.entry_id = any($1::uuid[])) as line
       where state in ('sending', 'unknown', 'posted', 'confirmed')`,
      [entryIds],
    );
    return rows.map(({ entry_id }) => entry_id);
  }

  async document(documentKey: string) {
    const { database, postings, documents } = this.ledger;
    const row = await documents.find(database, documentKey);
    if (row === undefined) return undefined;
    const { absenceCounts: _, exposed: __, lookUps: ___, traceparent: ____, ...document } = row;
    const members = await postings.ofDocuments(database, [documentKey]);
    return {
      ...document,
      lines: members.map((member) => viewOf(member, row)),
      attempts: await documents.attempts(database, documentKey),
    };
  }

  /** Idle: nothing waits or is in flight. Blocked and rejected lines, and documents that only a person can bring on, have their cases. */
  async progress(): Promise<ProgressAnswerV1> {
    // One statement, one moment: between two, a line could move from where it was not yet counted to where it was counted already.
    const rows = await this.ledger.database.query<{ what: string; n: number }>(
      `select case when blocked_reason is not null and state = 'pending' and not recheck then 'blocked'
           when state = 'pending' and document_key is null and not_before > clock_timestamp() then 'early'
           when state = 'pending' and held then 'unsigned'
           else state end as what, count(*) as n
       from (select p.blocked_reason, p.recheck, p.document_key, p.not_before, ${LINE_STATE} as state,
           exists (select from document d where d.document_key = p.document_key and d.state = 'frozen' and d.held) as held from posting p) as line group by 1
       union all select 'unplanned', count(*) from target where planning = 'dirty'
       union all select 'stuck', coalesce(sum(cardinality(posting_keys)), 0)::bigint from document
         where state = 'unknown' and unknown_why in ('duplicate', 'differs', 'no-look-up')`,
    );
    const { stuck = 0, ...counts } = Object.fromEntries(rows.map(({ what, n }) => [what, n]));
    const { unplanned = 0, pending = 0, sending = 0, posted = 0, unknown = 0 } = counts;
    return { idle: unplanned + pending + sending + posted === 0 && unknown <= stuck, counts };
  }
}

const viewOf = (row: PostingRow, document: DocumentRow | undefined): PostingView => ({
  postingKey: row.postingKey,
  destination: row.destination,
  releaseNo: row.releaseNo,
  leg: row.leg,
  kind: row.kind,
  ...(row.reverses !== null && { reverses: row.reverses }),
  state: row.state,
  workDate: row.content.workDate,
  hours: row.content.hours,
  amount: row.content.amount,
  currency: row.content.currency,
  ...(row.postingPeriod !== null && { postingPeriod: row.postingPeriod }),
  ...(row.postingDate !== null && { postingDate: row.postingDate }),
  ...(row.documentKey !== null && { documentKey: row.documentKey }),
  ...(document?.externalId && { externalId: document.externalId }),
  ...(document?.postedAt && { postedAt: document.postedAt }),
  ...(document?.confirmedAt && { confirmedAt: document.confirmedAt }),
  ...(row.blockedReason !== null && { blocked: { reason: row.blockedReason, detail: row.blockedDetail ?? '' } }),
  ...(row.message !== null && { message: row.message }),
});
