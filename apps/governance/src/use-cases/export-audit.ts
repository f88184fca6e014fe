import { exportLines, type Checkpoint, type ExportItem, type Head } from '@tieout/audit';
import { auditPageSubject, type AuditPageAnswerV1, type Context } from '@tieout/contracts';
import { UNASSIGNED, type Instant } from '@tieout/model';
import { appendAudit } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import type { KeyObject } from 'node:crypto';
import { AuditStore } from '../adapters/postgres/audit.store.js';

export interface ExportRange {
  /** Begins at the last checkpoint before it that names all chains; absent: at the first record. */
  readonly from?: Instant | undefined;
  /** Ends at the first checkpoint after it; absent: at the last one. */
  readonly to?: Instant | undefined;
  /** A chain ("erp-posting/DE01") or all of a service ("erp-posting"). */
  readonly chain?: string | undefined;
}

interface Wanted {
  readonly start: Checkpoint | undefined;
  readonly end: number;
  readonly contexts: ReadonlyMap<string, Context>;
  readonly only: readonly string[] | undefined;
  /** Where chains that went back stood then, by chain, in the order of the checkpoints that say so. */
  readonly restarts: readonly { readonly no: number; readonly chain: string; readonly seq: number }[];
}

const RECORDS_AT_ONCE = 2_000;
const CHECKPOINTS_AT_ONCE = 200;

/** Writes the audit of all services, from checkpoint to checkpoint, so that anybody can verify it with the public key. */
export class ExportAudit {
  readonly #store = new AuditStore();

  constructor(
    private readonly runtime: ServiceRuntime,
    private readonly signingKey: KeyObject,
  ) {}

  /** @returns the lines, read while they are taken; undefined: no such chain */
  async run(range: ExportRange, actor: string): Promise<AsyncGenerator<string> | undefined> {
    const { clock, database, policy } = this.runtime;
    const wanted = await this.#wanted(range);
    if (wanted === undefined) return undefined;
    const after = { from: range.from, to: range.to, chain: range.chain, checkpoints: wanted.end - (wanted.start?.no ?? 0) };
    const subject = { subjectKind: 'audit', subjectId: range.chain ?? 'all', legalEntityId: UNASSIGNED };
    const row = { actor, action: 'audit.exported', ...subject, after, policyDigest: policy.current().digest };
    await database.transaction((tx) => appendAudit(tx, [row], clock.now()));
    const from = (wanted.start?.heads ?? []).filter(
      (head) => (wanted.only?.includes(head.chain) ?? true) && !isLost(head, wanted),
    );
    return exportLines({
      at: clock.now(),
      from,
      only: wanted.only,
      lines: this.#lines(wanted, from),
      privateKey: this.signingKey,
    });
  }

  async #wanted({ from, to, chain }: ExportRange): Promise<Wanted | undefined> {
    const { database } = this.runtime;
    const chains = await this.#store.chains(database);
    const only = chain === undefined ? undefined : chains.map((one) => one.chain).filter((name) => isOf(name, chain));
    if (only?.length === 0) return undefined;
    const last = (await this.#store.last(database))?.no ?? 0;
    return {
      start: from === undefined ? undefined : await this.#store.completeAt(database, from),
      end: (to === undefined ? undefined : await this.#store.firstAt(database, to)) ?? last,
      contexts: new Map(chains.map((one) => [one.chain, one.context])),
      only,
      restarts: await this.#store.restarts(database),
    };
  }

  async *#lines(wanted: Wanted, from: readonly Head[]): AsyncGenerator<ExportItem> {
    const reached = new Map(from.map(({ chain, seq }) => [chain, seq]));
    if (wanted.start) yield { kind: 'checkpoint', checkpoint: wanted.start };
    for await (const checkpoint of this.#checkpoints(wanted)) {
      for (const { chain, seq } of checkpoint.heads) {
        if (wanted.only && !wanted.only.includes(chain)) continue;
        // What stood beyond a later restart is gone; the numbers were given again.
        const caps = wanted.restarts.filter((one) => one.no > checkpoint.no && one.chain === chain).map((one) => one.seq);
        for await (const line of this.#records(wanted, chain, reached.get(chain) ?? 0, Math.min(seq, ...caps))) {
          if (line.kind === 'record') reached.set(chain, line.seq);
          yield line;
        }
      }
      yield { kind: 'checkpoint', checkpoint };
    }
  }

  async *#checkpoints({ start, end }: Wanted): AsyncGenerator<Checkpoint> {
    for (let no = start?.no ?? 0; no < end;) {
      const some = await this.#store.after(this.runtime.database, no, Math.min(CHECKPOINTS_AT_ONCE, end - no));
      if (some.length === 0) return;
      yield* some;
      no = some.at(-1)!.no;
    }
  }

  async *#records({ contexts }: Wanted, chain: string, after: number, until: number): AsyncGenerator<ExportItem> {
    const context = contexts.get(chain);
    if (context === undefined) return;
    for (let seq = after; seq < until;) {
      const question = { chain, afterSeq: seq, limit: Math.min(RECORDS_AT_ONCE, until - seq) };
      const { records, personal } = await this.runtime.questions.ask<AuditPageAnswerV1>(
        auditPageSubject(context),
        question,
        30_000,
      );
      if (records.length === 0) return;
      for (const record of records) yield { kind: 'record', ...record };
      for (const value of personal) yield { kind: 'personal', ...value };
      seq = records.at(-1)!.seq;
    }
  }
}

/** A head that was lost when its chain went back: nothing follows from it, so the chain is told from its first record. */
const isLost = ({ chain, seq }: Head, { start, restarts }: Wanted): boolean =>
  restarts.some((one) => one.no > (start?.no ?? 0) && one.chain === chain && one.seq < seq);

const isOf = (name: string, chain: string): boolean => name === chain || name.startsWith(`${chain}/`);
