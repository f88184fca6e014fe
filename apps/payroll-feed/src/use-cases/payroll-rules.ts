import type { Clock } from '@tieout/clock';
import { FEED_EVENTS } from '@tieout/contracts';
import { frozenEntities, type FeedRules, type Placing, type PostingRow } from '@tieout/delivery';
import {
  contentHash,
  dateIn,
  masterKey,
  type ConnectionId,
  type Instant,
  type MasterObject,
  type ReasonCode,
} from '@tieout/model';
import type { MasterReadModel, Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { approvals } from '../adapters/postgres/pay-run.reads.js';
import type { PayRunStore } from '../adapters/postgres/pay-run.store.js';
import { payCalendar, payGroupOn, type PayCalendar, type PayPeriod } from '../domain/pay-calendar.js';
import { payPeriodFor } from '../domain/pay-period.js';
import { isSigned } from '../domain/run-states.js';
import { nextCutOffs, urgencyOf } from '../domain/urgency.js';
import { wantedLines } from '../domain/wanted.js';
import type { FollowPayRuns } from './follow-pay-runs.js';

/** Workers and calendars may still be on their way when the first lines arrive. */
const MASTER_GRACE_MS = 30_000;
/** Calendars change: however far the cut-off is, a line is asked again after this. Sooner, and a month of lines would keep the step busy. */
const LONGEST_REST_MS = 300_000;
/** Payroll books to nothing that we know of. */
const NO_ACCOUNTS = { account: '', balancingAccount: '' };

export type PayrollPolicy = Pick<
  CompiledPolicy,
  'digest' | 'payroll' | 'lane' | 'patienceSeconds' | 'leadSeconds' | 'summarise' | 'feedRoutes' | 'mayDispatch'
>;

export interface PayrollParts {
  readonly policy: { current(): PayrollPolicy };
  readonly master: Pick<MasterReadModel, 'byKind' | 'byCodes'>;
  readonly clock: Clock;
  readonly runs: PayRunStore;
  readonly follow: FollowPayRuns;
}

export const payRunId = (destination: ConnectionId, payPeriod: string): string => contentHash({ destination, payPeriod });

export const readCalendar = async (tx: Tx, { master, clock }: Pick<PayrollParts, 'master' | 'clock'>): Promise<PayCalendar> => {
  const [groups, periods] = [await master.byKind(tx, 'pay-group'), await master.byKind(tx, 'pay-period')];
  return payCalendar(groups, periods, clock.now().slice(0, 10));
};

/** What payroll asks of the delivery engine: a leg per pay code, differences instead of reversals, runs instead of accounting periods. */
export const payrollRules = (parts: PayrollParts, destinations: ReadonlySet<ConnectionId>): FeedRules => {
  const { policy, master, clock } = parts;
  return {
    context: 'payroll',
    actor: 'service:payroll-feed',
    correction: 'adjust',
    events: FEED_EVENTS.payroll,
    destinations,
    wanted: (release) => wantedLines(release, policy.current().payroll),
    urgency: async (tx, nowMs) => {
      const cutOffs = nextCutOffs(await readCalendar(tx, parts), clock.now());
      return (content) => urgencyOf(content, cutOffs, nowMs, policy.current());
    },
    placer: async (tx, rows) => {
      const placings = await new Placer(parts, tx).place(rows);
      return (row) => placings.get(row.postingKey)!;
    },
    summaryOf: (destination, { leg, content }) => {
      const fields = policy.current().summarise(destination, leg, content.legalEntityId);
      // Nobody is paid for somebody else's hours, whatever the bundle says.
      return fields === 'lines' ? undefined : [...new Set(['worker' as const, ...fields])];
    },
    frozenEntities: frozenEntities({ feed: 'payroll', policy, master, clock }),
    periodRevision: async (tx, _legalEntityId, period) => {
      const known = await master.byCodes(tx, [{ kind: 'pay-period', code: period }]);
      return known.get(masterKey('pay-period', period))?.revision ?? 0;
    },
  };
};

/** Puts pending lines of one destination into runs, in the transaction that freezes them. */
class Placer {
  /** One now for all lines: those that wait for the same cut-off rest equally long. */
  readonly #nowMs: number;

  constructor(
    private readonly parts: PayrollParts,
    private readonly tx: Tx,
  ) {
    this.#nowMs = parts.clock.epochMs();
  }

  async place(rows: readonly PostingRow[]): Promise<ReadonlyMap<string, Placing>> {
    const { master, runs, follow, clock } = this.parts;
    const { tx } = this;
    const destination = rows[0]!.destination;
    const calendar = await readCalendar(tx, this.parts);
    const workers = await master.byCodes(
      tx,
      [...new Set(rows.map(({ content }) => content.workerCode))].map((code) => ({ kind: 'worker' as const, code })),
    );
    const corrections = rows.filter(({ origin }) => origin === 'correction').map(({ entryId }) => entryId);
    const approvedAt = await approvals(tx, destination, corrections);
    // Locked until the documents stand: nothing joins a run between its preview and its signature.
    const open = [...calendar.groups.keys()].flatMap((group) => calendar.periodsOf(group)).map(({ code }) => code);
    const states = new Map(
      (await follow.advance(tx, await runs.lockPeriods(tx, destination, open))).map((run) => [run.payPeriod, run.state]),
    );
    const signed = (code: string): boolean => isSigned(states.get(code) ?? 'collecting');
    const chosen = new Map<string, PayPeriod>();
    const placings = new Map<string, Placing>();
    for (const row of rows) {
      const worker = workers.get(masterKey('worker', row.content.workerCode));
      const answer = this.#answer(row, worker, calendar, signed, approvedAt.get(row.entryId));
      if (answer.kind === 'run') chosen.set(answer.period.code, answer.period);
      placings.set(row.postingKey, answer.kind === 'run' ? this.#into(answer.period) : answer);
    }
    await runs.open(
      tx,
      [...chosen.values()].map((period) => ({
        id: payRunId(destination, period.code),
        destination,
        legalEntityId: calendar.groups.get(period.payGroup)!.legalEntityId,
        period,
      })),
      clock.now(),
    );
    return placings;
  }

  #answer(
    row: PostingRow,
    worker: MasterObject | undefined,
    calendar: PayCalendar,
    signed: (code: string) => boolean,
    approvedAt: Instant | undefined,
  ): Placing | { readonly kind: 'run'; readonly period: PayPeriod } {
    const { content, origin } = row;
    if ((content.payCode ?? '') === '')
      return blocked('UNMAPPED_ACTIVITY', 'the release names no pay code: payroll could not pay for these hours');
    const answer = payPeriodFor(
      {
        workDate: content.workDate,
        legalEntityId: content.legalEntityId,
        origin,
        // A correction carries the approval of what it follows; withdrawn, it counts from its receipt.
        madeAt: (origin === 'original' ? content.approvedAt : approvedAt) ?? row.createdAt,
        groupAtWorkDate: payGroupOn(worker, content.workDate),
        currentGroup: payGroupOn(worker, this.#today(worker, calendar)),
        afterCutOff: this.parts.policy.current().payroll.correctionsAfterCutOff(content.legalEntityId),
        refused: row.refusedPeriods,
      },
      calendar,
      signed,
    );
    if (answer.kind === 'period') return { kind: 'run', period: answer.period };
    if (this.#nowMs - Date.parse(row.createdAt) < MASTER_GRACE_MS) return { kind: 'early' };
    return worker === undefined ? blocked('UNKNOWN_WORKER', `worker ${content.workerCode} is not in master data`) : answer;
  }

  /** The day it is now where the worker is paid. */
  #today(worker: MasterObject | undefined, calendar: PayCalendar): string {
    const { clock } = this.parts;
    const group = payGroupOn(worker, clock.now().slice(0, 10));
    const zone = group === undefined ? undefined : calendar.groups.get(group)?.timeZone;
    return zone === undefined ? clock.now().slice(0, 10) : dateIn(clock.now(), zone);
  }

  #into(period: PayPeriod): Placing {
    const untilMs = Date.parse(period.cutOff) + 1;
    if (this.#nowMs < untilMs) return { kind: 'early', forMs: Math.min(untilMs - this.#nowMs, LONGEST_REST_MS) };
    return {
      kind: 'placed',
      period: { code: period.code, startDate: period.startDate, endDate: period.endDate },
      accounts: NO_ACCOUNTS,
      group: period.payGroup,
      postingDate: period.payDate ?? period.endDate,
      held: true,
    };
  }
}

const blocked = (reason: ReasonCode, detail: string): Placing => ({ kind: 'blocked', reason, detail });
