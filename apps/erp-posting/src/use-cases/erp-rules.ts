import { FEED_EVENTS } from '@tieout/contracts';
import {
  frozenEntities,
  type Accounts,
  type FeedRules,
  type LineContent,
  type Placing,
  type PostingRow,
  type WantedLine,
} from '@tieout/delivery';
import type { Clock } from '@tieout/clock';
import {
  attributesOn,
  periodCode,
  type ConnectionId,
  type MasterObject,
  type ReasonCode,
  type ReleasedContent,
} from '@tieout/model';
import type { MasterReadModel, Tx } from '@tieout/persistence';
import type { CalendarRules, CompiledPolicy } from '@tieout/policy';
import {
  accountingPeriods,
  resolveAccrual,
  resolvePeriod,
  type AccountingPeriod,
  type AccrualAnswer,
} from '../domain/periods.js';
import { adjustInNew } from '../domain/carry-over.js';
import { urgencyOf } from '../domain/urgency.js';
import { wantedLines } from '../domain/wanted.js';

/** Accounting periods may still be on their way when the first lines arrive. */
const PERIODS_GRACE_MS = 30_000;
/** An accrual's reversal waits for days until its period opens; then a few minutes more do no harm. */
const NOT_OPEN_MS = 300_000;

export type ErpPolicy = Pick<
  CompiledPolicy,
  | 'digest'
  | 'afterMove'
  | 'calendarFor'
  | 'account'
  | 'legs'
  | 'feedRoutes'
  | 'mayDispatch'
  | 'lane'
  | 'patienceSeconds'
  | 'leadSeconds'
  | 'summarise'
>;

/** What decides where a line of one legal entity is booked. */
interface Books {
  readonly periods: readonly AccountingPeriod[];
  readonly calendar: CalendarRules;
}

interface Parts {
  readonly policy: { current(): ErpPolicy };
  readonly master: Pick<MasterReadModel, 'byKind' | 'byCodes'>;
  readonly clock: Clock;
  readonly destinations: ReadonlySet<ConnectionId>;
}

/** What an ERP's ledger asks of the delivery engine: legs, accounting periods, accounts, reversal and new line. */
export const erpRules = ({ policy, master, clock, destinations }: Parts): FeedRules => {
  const periodsOf = async (tx: Tx): Promise<(legalEntityId: string) => readonly AccountingPeriod[]> => {
    const objects = await master.byKind(tx, 'accounting-period');
    return perLegalEntity(objects, clock.now().slice(0, 10));
  };
  /** By the code of the legal entity, as they are now: the region of the books decides about late time, not that of the person. */
  const regionsOf = async (tx: Tx): Promise<ReadonlyMap<string, string>> => {
    const today = clock.now().slice(0, 10);
    return new Map(
      (await master.byKind(tx, 'legal-entity')).flatMap(({ code, timeline }) => {
        const region = attributesOn({ kind: 'legal-entity', timeline }, today)?.region;
        return region === undefined ? [] : [[code, region] as const];
      }),
    );
  };
  return {
    context: 'posting',
    actor: 'service:erp-posting',
    correction: 'reverse',
    events: FEED_EVENTS.posting,
    destinations,
    // Each book of intercompany time goes to the ERP of its own legal entity.
    wanted: (release: ReleasedContent, destination: ConnectionId): readonly WantedLine[] =>
      wantedLines(release, policy.current()).filter(({ content }) =>
        policy.current().feedRoutes('posting', content.legalEntityId).includes(destination),
      ),
    // Undefined as long as policy does not want it: what was sent before is then not even looked for.
    get afterMove(): FeedRules['afterMove'] {
      const bundle = policy.current();
      if (bundle.afterMove !== 'adjust-in-new') return undefined;
      return (legalEntityId, wanted, sent) => adjustInNew(wanted, sent, bundle.feedRoutes('posting', legalEntityId));
    },
    urgency: async (tx, nowMs) => {
      const periods = await periodsOf(tx);
      return (content: LineContent) => urgencyOf(content, periods(content.legalEntityId), nowMs, policy.current());
    },
    placer: async (tx, _rows, booked) => {
      const periods = await periodsOf(tx);
      const regions = await regionsOf(tx);
      return (row) => {
        const { legalEntityId } = row;
        const calendar = policy.current().calendarFor({ legalEntityId, region: regions.get(legalEntityId) });
        return place(row, { periods: periods(legalEntityId), calendar }, booked.get(row.postingKey));
      };
    },
    summaryOf: (destination, { leg, content }) => {
      const fields = policy.current().summarise(destination, leg, content.legalEntityId);
      return fields === 'lines' ? undefined : fields;
    },
    frozenEntities: frozenEntities({ feed: 'posting', policy, master, clock }),
    periodRevision: async (tx, legalEntityId, period) => {
      const codes = [periodCode(legalEntityId, period), period];
      const known = await master.byCodes(
        tx,
        codes.map((code) => ({ kind: 'accounting-period' as const, code })),
      );
      return Math.max(0, ...[...known.values()].map((object) => object.revision));
    },
  };

  function place(row: PostingRow, { periods, calendar }: Books, booked: Accounts | undefined): Placing {
    if (periods.length === 0 && clock.epochMs() - Date.parse(row.createdAt) < PERIODS_GRACE_MS) return { kind: 'early' };
    const { content, leg } = row;
    const answer = periodOf(row, periods, calendar);
    if (answer.kind === 'blocked') return answer;
    if (answer.kind === 'not-yet') return { kind: 'early', forMs: NOT_OPEN_MS };
    const { legalEntityId, workerType, billable } = content;
    const accounts = booked ?? policy.current().account({ legalEntityId, leg, workerType, billable });
    if (accounts !== undefined) return { kind: 'placed', period: answer.period, accounts };
    return blocked(
      'NO_ROUTE',
      `the policy bundle names no account for ${leg} of ${billable ? 'billable' : 'non-billable'} time by a ${workerType} in ${legalEntityId}`,
    );
  }
};

const periodOf = (row: PostingRow, periods: readonly AccountingPeriod[], calendar: CalendarRules): AccrualAnswer => {
  const { content, kind, origin, anchorPeriod, refusedPeriods: refused } = row;
  const { workDate, reverseInto } = content;
  if (reverseInto !== undefined)
    return resolveAccrual({ workDate, refused, reverseInto, reversal: kind === 'reversal' }, periods, calendar);
  return resolvePeriod({ workDate, origin, anchorPeriod: anchorPeriod ?? undefined, refused }, periods, calendar);
};

const blocked = (reason: ReasonCode, detail: string): Placing => ({ kind: 'blocked', reason, detail });

const perLegalEntity = (
  objects: readonly MasterObject[],
  today: string,
): ((legalEntityId: string) => readonly AccountingPeriod[]) => {
  const found = new Map<string, AccountingPeriod[]>();
  return (legalEntityId) => {
    let periods = found.get(legalEntityId);
    if (periods === undefined) found.set(legalEntityId, (periods = accountingPeriods(legalEntityId, objects, today)));
    return periods;
  };
};
