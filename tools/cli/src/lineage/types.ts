/** What the services say of an entry: the parts that are shown. Everything else goes along into the JSON. */
export interface TimeSide {
  readonly entry: {
    readonly entry_id: string;
    readonly connection: string;
    readonly source_id: string;
    readonly legal_entity_id: string;
    readonly verdict: string;
    readonly version_no: number;
    readonly release_no: number;
    readonly content: Readonly<Record<string, unknown>>;
    readonly deleted: boolean;
    readonly policy_digest: string | null;
    readonly traceparent: string | null;
  };
  readonly versions: readonly {
    readonly version_no: number;
    readonly content: Readonly<Record<string, unknown>>;
    readonly approval: { readonly by?: string; readonly at?: string } | null;
    readonly deleted: boolean;
    readonly received_at: string;
  }[];
  readonly decisions: readonly {
    readonly decision_no: number;
    readonly version_no: number;
    readonly release_no: number | null;
    readonly kind: string;
    readonly body: Readonly<Record<string, unknown>>;
    readonly policy_digest: string;
    readonly decided_at: string;
  }[];
}

export interface SourceRecord {
  readonly payload: unknown;
  readonly sourceUpdatedAt: string | null;
  readonly sourceRevision: number | null;
  readonly receivedAt: string;
}

export interface PostingLine {
  readonly postingKey: string;
  readonly destination: string;
  readonly releaseNo: number;
  readonly leg: string;
  readonly kind: string;
  readonly state: string;
  readonly hours: string;
  readonly amount: string;
  readonly currency: string;
  readonly postingPeriod?: string;
  readonly documentKey?: string;
  readonly externalId?: string;
  readonly blocked?: { readonly reason: string; readonly detail: string };
  readonly message?: string;
}

export interface PostingDocument {
  readonly documentKey: string;
  readonly destination: string;
  readonly state: string;
  readonly externalId: string | null;
  readonly postingPeriod: string;
  readonly postedAt: string | null;
  readonly confirmedAt: string | null;
  readonly message: string | null;
  readonly lines?: readonly unknown[];
  readonly attempts: readonly {
    readonly step: string;
    readonly outcome: string;
    readonly detail: string | null;
    readonly at: string;
  }[];
}

export interface Override {
  readonly overrideId: string;
  readonly reasons: readonly string[];
  readonly state: string;
  readonly validUntil: string;
  readonly requestedBy: string;
}

export interface Reconciled {
  readonly status: { readonly state: string; readonly routes: readonly string[]; readonly decidedAt: string } | null;
  readonly differences: readonly {
    readonly reason: string;
    readonly destination: string;
    readonly detail: string;
    readonly foundAt: string;
    readonly resolvedAt: string | null;
    /** People let it stand. */
    readonly acceptedBy: string | null;
    readonly acceptedReason: string | null;
  }[];
  readonly lastRun: { readonly runId: string; readonly asOf: string; readonly tiesOut: boolean } | null;
}

export interface CaseOfEntry {
  readonly caseId: string;
  readonly reason: string;
  readonly state: string;
  readonly severity: string;
  readonly owner: string;
  readonly dueAt: string;
  readonly detail: string;
}

export interface Lineage {
  readonly entryId: string;
  readonly traceId: string | null;
  readonly time: TimeSide;
  readonly sourceRecords: readonly SourceRecord[];
  readonly feeds: Readonly<
    Record<string, { readonly postings: readonly PostingLine[]; readonly documents: readonly PostingDocument[] }>
  >;
  readonly reconciliation: Reconciled | null;
  readonly cases: readonly CaseOfEntry[];
  readonly overrides: readonly Override[];
  /** Parts that could not be had, each with the reason: this is then not the whole way. */
  readonly missing: readonly string[];
}
