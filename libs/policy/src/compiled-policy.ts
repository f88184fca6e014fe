import type { ConnectionId, Feed, Instant, Leg, MasterKind, ReasonCode } from '@tieout/model';
import type { Severity, SeverityQuestion } from './answers/cases.js';
import type { CalendarSpan, ChangeAnswer, ChangeQuestion } from './answers/change-calendar.js';
import type { AdoptionRules, ConnectionDeclaration, FeedBudget } from './answers/connections.js';
import type { DispatchAnswer, Lane, LaneQuestion } from './answers/dispatch.js';
import type {
  ActionSize,
  ApprovalRules,
  BundlePart,
  OperatorAction,
  OwnershipRow,
  RetentionRules,
} from './answers/governance.js';
import type { AccountAnswer, AccountQuestion, AccrualRules, LegQuestion, PayrollRules, SummaryField } from './answers/ledger.js';
import type { CalendarRules, MappedTime, RateRules, ValidationRules, Where } from './answers/time.js';

export type { Feed } from '@tieout/model';
export * from './answers/cases.js';
export * from './answers/change-calendar.js';
export * from './answers/connections.js';
export * from './answers/dispatch.js';
export * from './answers/governance.js';
export * from './answers/ledger.js';
export * from './answers/problem.js';
export * from './answers/time.js';

/** A bundle turned into pure functions: same question, same answer, for as long as the digest is the same. */
export interface CompiledPolicy {
  /** SHA-256 over the canonical content; comments, order of keys and layout do not count. */
  readonly digest: string;
  readonly connections: readonly ConnectionDeclaration[];
  /** The attribute 'code' names who may create the object. */
  systemOfRecord(kind: MasterKind, attribute: string, legalEntityId?: string): ConnectionId | undefined;
  mapTime(connection: ConnectionId, fields: Readonly<Record<string, string>>): MappedTime;
  validationFor(where: Where): ValidationRules;
  /** By legal entity and region of the books, not of the person. */
  calendarFor(where: Where): CalendarRules;
  readonly rates: RateRules;
  /** A rate changed for days that were booked already: only what was not sent yet is rated anew, or what stands is corrected too. */
  readonly correctRatesAfterwards: 'unsent-only' | 'correct-posted';
  /** Whether a one-off override may let time pass that is held for this. */
  waivable(reason: ReasonCode): boolean;
  account(question: AccountQuestion): AccountAnswer | undefined;
  /** Every destination of the legal entity's time, of all feeds. */
  routes(legalEntityId: string): readonly ConnectionId[];
  /** Those of one feed. Without one for `posting`, time is held. */
  feedRoutes(feed: Feed, legalEntityId: string): readonly ConnectionId[];
  /** The systems in which a project of the legal entity is made when its opportunity is won. */
  projectSystems(legalEntityId: string): readonly ConnectionId[];
  /** An ERP that gets the same hours to be compared, while the books of another one count. */
  isShadow(connection: ConnectionId): boolean;
  /** A legal entity moved to another destination: where a correction of what stands in the old one goes. */
  readonly afterMove: 'reverse-in-old' | 'adjust-in-new';
  /** The feed's fixed share of what the connection allows; undefined: the bundle sets no limit, the connector's own holds. */
  budget(connection: ConnectionId, feed: Feed): FeedBudget | undefined;
  /** Dispatch windows, change windows and freezes. Freezes of a legal entity or region count only where it is given. */
  mayDispatch(connection: ConnectionId, feed: Feed, at: Instant, where?: Where): DispatchAnswer;
  lane(question: LaneQuestion): Lane;
  /** For how long a line of this lane lets others pass: it ranks as if it were made so much later. */
  patienceSeconds(lane: Lane): number;
  /** So long before its deadline, at the latest, a line of this lane is due. */
  leadSeconds(lane: Lane): number;
  summarise(destination: ConnectionId, leg: Leg, legalEntityId: string): 'lines' | readonly SummaryField[];
  /** What an hour becomes in an ERP's ledger. The pair between two legal entities is added where `intercompany` says so. */
  legs(question: LegQuestion): readonly Leg[];
  readonly accruals: AccrualRules;
  readonly payroll: PayrollRules;
  /** undefined: nothing is adopted there. */
  adoption(connection: ConnectionId): AdoptionRules | undefined;
  owner(reason: ReasonCode, legalEntityId: string): { readonly team: string };
  severity(question: SeverityQuestion): Severity;
  dueAt(severity: Severity, openedAt: Instant): Instant;
  readonly approvals: ApprovalRules;
  /** SHA-256 per part of the bundle, for `changedParts`. */
  readonly partDigests: Readonly<Partial<Record<BundlePart, string>>>;
  /** In the order of BUNDLE_PARTS. */
  changedParts(other: Pick<CompiledPolicy, 'partDigests'>): readonly BundlePart[];
  /** Whether a second person must agree before the action is carried out. */
  secondPerson(action: OperatorAction, size: ActionSize): boolean;
  /** Whether deployments, activations, promotions and changes of mappings may happen. */
  changeAllowed(question: ChangeQuestion): ChangeAnswer;
  /** What the calendar holds between two instants, earliest first. */
  changeCalendar(from: Instant, to: Instant): readonly CalendarSpan[];
  readonly retention: RetentionRules;
  /** Who owns what: the firm's line of each attribute (`*`), and those of the given legal entities that differ from it. */
  ownershipMatrix(legalEntities: readonly string[]): readonly OwnershipRow[];
}
