import type { Tx } from '@tieout/persistence';
import type { DoneAction, Onboarding } from '../../domain/onboarding/onboarding.js';

const COLUMNS = `onboarding_id as "onboardingId", request, bundle_id as "bundleId", base_digest as "baseDigest", notes, started_by as "startedBy", started_at as "startedAt"`;

/** @returns false when the legal entity has one already. */
export const addOnboarding = async (tx: Tx, one: Onboarding): Promise<boolean> => {
  const rows = await tx.query(
    `insert into onboarding (onboarding_id, legal_entity, request, bundle_id, base_digest, notes, started_by, started_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (legal_entity) do nothing returning 1`,
    [
      one.onboardingId,
      one.request.legalEntity.code,
      JSON.stringify(one.request),
      one.bundleId,
      one.baseDigest,
      one.notes,
      one.startedBy,
      one.startedAt,
    ],
  );
  return rows.length === 1;
};

export const findOnboarding = async (tx: Tx, onboardingId: string): Promise<Onboarding | undefined> =>
  (await tx.query<Onboarding>(`select ${COLUMNS} from onboarding where onboarding_id = $1`, [onboardingId]))[0];

/** Until the transaction ends nobody else takes its next step. */
export const lockOnboarding = async (tx: Tx, onboardingId: string): Promise<Onboarding | undefined> =>
  (await tx.query<Onboarding>(`select ${COLUMNS} from onboarding where onboarding_id = $1 for update`, [onboardingId]))[0];

/** Newest first. */
export const listOnboardings = (tx: Tx, limit: number): Promise<Onboarding[]> =>
  tx.query<Onboarding>(`select ${COLUMNS} from onboarding order by started_at desc, onboarding_id limit $1`, [limit]);

export const putOnboardingBundle = async (tx: Tx, { onboardingId, bundleId, baseDigest, notes }: Onboarding): Promise<void> => {
  await tx.query('update onboarding set bundle_id = $2, base_digest = $3, notes = $4 where onboarding_id = $1', [
    onboardingId,
    bundleId,
    baseDigest,
    notes,
  ]);
};

export const addAction = async (tx: Tx, onboardingId: string, action: DoneAction): Promise<void> => {
  await tx.query(
    `insert into onboarding_action (onboarding_id, kind, feed, destination, by_actor, at, request_id, answer)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      onboardingId,
      action.kind,
      action.feed ?? null,
      action.destination ?? null,
      action.by,
      action.at,
      action.requestId ?? null,
      action.answer === undefined ? null : JSON.stringify(action.answer),
    ],
  );
};

interface ActionRow {
  readonly kind: DoneAction['kind'];
  readonly feed: DoneAction['feed'] | null;
  readonly destination: string | null;
  readonly by: string;
  readonly at: string;
  readonly requestId: string | null;
  readonly answer: unknown;
}

/** In the order in which they were done. */
export const actionsOf = async (tx: Tx, onboardingId: string): Promise<DoneAction[]> =>
  (
    await tx.query<ActionRow>(
      `select kind, feed, destination, by_actor as by, at, request_id as "requestId", answer from onboarding_action
       where onboarding_id = $1 order by id`,
      [onboardingId],
    )
  ).map(({ feed, destination, requestId, answer, ...action }) => ({
    ...action,
    ...(feed && { feed }),
    ...(destination !== null && { destination }),
    ...(requestId !== null && { requestId }),
    ...(answer !== null && { answer }),
  }));
