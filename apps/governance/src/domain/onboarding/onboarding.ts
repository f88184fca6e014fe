import type { Feed, Instant, WorkDate } from '@tieout/model';

export interface NewLegalEntity {
  readonly code: string;
  readonly name: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly region: string;
}

/** A connection as connections.yaml takes it; `mappingLike`: whose mapping it gets, where it is a source of time. */
export type ConnectionDraft = Readonly<Record<string, unknown>> & {
  readonly system: string;
  readonly roles: readonly string[];
  readonly kinds?: readonly string[];
  readonly mappingLike?: string;
};

export interface OnboardingRequest {
  readonly legalEntity: NewLegalEntity;
  readonly connections: Readonly<Record<string, ConnectionDraft>>;
  /** A legal entity whose rules it begins with. */
  readonly like?: string | undefined;
  /** The first day on which its time is booked from here, in its own time zone. */
  readonly goLive: WorkDate;
  /** From which posting date on lines of a predecessor are looked for. Default: the month before go-live. */
  readonly adoptFrom?: WorkDate | undefined;
}

export interface Onboarding {
  readonly onboardingId: string;
  readonly request: OnboardingRequest;
  readonly bundleId: string;
  /** Digest of the policy that the bundle was drafted from. */
  readonly baseDigest: string;
  /** What the draft could not know. */
  readonly notes: readonly string[];
  readonly startedBy: string;
  readonly startedAt: Instant;
}

/** What a machine may do, one at a time, because somebody asked for the next step. */
export type OnboardingAction =
  | { readonly kind: 'redraft' }
  | { readonly kind: 'propose' }
  | { readonly kind: 'lock' | 'rehearse' | 'adopt' | 'open'; readonly feed: Feed; readonly destination: string };

/** An action that was carried out, or asked for: then `requestId` names what waits for a second person. */
export interface DoneAction {
  readonly kind: OnboardingAction['kind'];
  readonly feed?: Feed | undefined;
  readonly destination?: string | undefined;
  readonly by: string;
  readonly at: Instant;
  readonly requestId?: string | undefined;
  readonly answer?: unknown;
}

/** Days of the predecessor's lines that adoption looks at, both included. */
export const adoptionWindow = ({ goLive, adoptFrom }: OnboardingRequest): { readonly from: WorkDate; readonly to: WorkDate } => {
  const [year = 0, month = 0] = goLive.split('-').map(Number);
  const before = new Date(Date.UTC(year, month - 2, 1)).toISOString().slice(0, 10);
  const eve = new Date(Date.parse(`${goLive}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
  return { from: adoptFrom ?? before, to: eve };
};
