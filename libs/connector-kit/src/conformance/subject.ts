import type { Clock } from '@tieout/clock';
import type { CurrencyCode, DecimalString, MasterKind, PostingDate, WorkDate } from '@tieout/model';
import type { ConnectionSettings } from '../config.js';
import type { Connector } from '../connector.js';
import type { PostingDocument, PostingLine } from '../posting-target.js';
import type { NewProject } from '../project-target.js';

/** A connector and the way to a vendor that the suite may change. Hand it to `describeConformance` in `test/conformance.int.spec.ts`. */
export interface ConformanceSubject {
  readonly connector: Connector;
  /** Names a configuration, where the suite runs over several of one connector. */
  readonly variant?: string;
  /** Starts, or reaches, the vendor. Called once per suite. */
  start(): Promise<ConformanceVendor>;
}

export interface ConformanceVendor {
  /** Working settings. Choose the smallest page size the connector allows, so that a few records make several pages. */
  readonly settings: ConnectionSettings;
  /** The same with credentials that the vendor does not accept. Absent only where the system has none (files). */
  readonly wrongCredentials?: ConnectionSettings;
  /** The same with a request timeout of at most 1 s. Absent only where there is no network. */
  readonly impatient?: ConnectionSettings;
  /** What the connector takes for now. Default: the system clock. */
  readonly clock?: Clock;
  /** Only where the connector does not go through `deps.fetch`: takes the vendor away and returns the way back. */
  takeAway?(): Promise<() => Promise<void>>;
  /** The connector never goes through `deps.fetch`: writes are disturbed by `takeAway` and `loseAnswers`, too. */
  readonly pastFetch?: boolean;
  /**
   * Only with `pastFetch`: writes reach the vendor and are carried out, and their answers are lost; returns the way back. Absent: a
   * write there has no answer that could be lost (a file is in place or it is not).
   */
  loseAnswers?(): Promise<() => Promise<void>>;
  /** Each capability in the manifest needs its fixture; a missing one fails the suite. */
  readonly time?: TimeFixture;
  readonly masterData?: MasterDataFixture;
  readonly posting?: PostingFixture;
  readonly projects?: ProjectFixture;
  stop(): Promise<void>;
}

/** Writes time at the vendor, past the connector. */
export interface TimeFixture {
  /** A day on which records may be created; the suite sweeps from it to it. */
  readonly workDate: WorkDate;
  /** Name of the flat field that holds the hours. */
  readonly hoursField: string;
  /** How many records fill at least two pages. Default 7. */
  readonly recordsForPaging?: number;
  /** @returns the source id, as the connector will give it. */
  create(record: { readonly hours: DecimalString; readonly approved: boolean }): Promise<string>;
  edit(sourceId: string, hours: DecimalString): Promise<void>;
  /** Absent: the vendor cannot delete. */
  remove?(sourceId: string): Promise<void>;
  /** Creates a record that cannot be read; @returns a text that `recordKey` or `where` of the refusal must contain. Absent: the vendor cannot hold one. */
  createMalformed?(): Promise<string>;
}

export interface MasterDataFixture {
  /** Codes that the vendor holds, by kind: each must be read. Kinds may be left out when the vendor has none of them. */
  readonly codes: Readonly<Partial<Record<MasterKind, readonly string[]>>>;
}

/** What documents may name at the vendor. The suite builds the documents from it. */
export interface PostingFixture {
  readonly legalEntityId: string;
  readonly currency: CurrencyCode;
  readonly openPeriod: string;
  readonly openDate: PostingDate;
  /** Absent: the vendor has no periods that close. */
  readonly closedPeriod?: string;
  readonly closedDate?: PostingDate;
  readonly workerCode: string;
  readonly projectCode: string;
  readonly taskCode?: string;
  readonly costCentre?: string;
  readonly account: string;
  readonly balancingAccount: string;
  /** A change that makes one line invalid at the vendor. Absent: the vendor checks nothing. */
  readonly invalidLine?: Partial<PostingLine>;
  /** Documents at the vendor with this reference, counted past the connector; by its lines where the vendor keeps no reference. */
  countDocuments(documentKey: string, document: PostingDocument): Promise<number>;
  /** The vendor takes single postings only, and rejects a line that sums several. */
  readonly singleLinesOnly?: boolean;
  /** The vendor keeps which postings a summed line stands for, and `readLedger` must show them. Default: may forget them. */
  readonly keepsMembers?: boolean;
  /**
   * Whether a request is the one that books: the suite lets it reach the vendor and then cuts the answer. Default: every method but
   * GET. `draft`: creates a draft; `post`: posts.
   */
  writes?(request: { readonly method: string; readonly url: string; readonly body: string }): 'draft' | 'post' | undefined;
}

/** What projects may name at the vendor. The suite gives them codes: "p-" and hexadecimal digits. */
export interface ProjectFixture {
  readonly legalEntityId: string;
  readonly currency: CurrencyCode;
  readonly client?: string;
  /** A change that the vendor refuses. Absent: it checks nothing. */
  readonly invalid?: Partial<NewProject>;
  /** Projects at the vendor with this code, counted past the connector. */
  countProjects(code: string): Promise<number>;
  /** Somebody else makes one. */
  addProject(code: string): Promise<void>;
}
