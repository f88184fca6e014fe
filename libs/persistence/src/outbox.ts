import { KEEPS_LAST, eventSubject, type Context, type EventBody, type EventType } from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import { currentTraceparent } from '@tieout/telemetry';
import { v7 } from 'uuid';
import type { Tx } from './database.js';
import { bucketOf } from './sweep-decisions.js';

export const OUTBOX_CHANNEL = 'tieout_outbox';

export interface NewEvent<T extends EventType = EventType> {
  readonly type: T;
  /** What follows the type in the subject: the legal entity, or for master data kind and id. */
  readonly scope: readonly string[];
  readonly body: EventBody<T>;
  /** Absent: the active span's. */
  readonly traceparent?: string | undefined;
}

/** One statement for all events; call it in the transaction of the change that they tell. The relay wakes when it commits. */
export async function appendOutbox(tx: Tx, _producer: Context, events: readonly NewEvent[], now: Instant): Promise<void> {
  if (events.length === 0) return;
  const active = currentTraceparent() ?? null;
  // Ids that rise with time keep the consumers' receipt index compact.
  await tx.query(
    `with appended as (
       insert into outbox (event_id, type, subject, revision, body, traceparent, created_at, bucket)
       select e.event_id, e.type, e.subject, e.revision, e.body, e.traceparent, $7, $8
       from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::jsonb[], $6::text[])
         as e(event_id, type, subject, revision, body, traceparent)
     )
     select pg_notify('${OUTBOX_CHANNEL}', '')`,
    [
      events.map(() => v7()),
      events.map(({ type }) => type),
      events.map(({ type, scope }) => eventSubject(type, ...scope)),
      events.map(revisionOf),
      events.map(({ body }) => JSON.stringify(body)),
      events.map(({ traceparent }) => traceparent ?? active),
      now,
      bucketOf(now),
    ],
  );
}

const revisionOf = (event: NewEvent): number | null =>
  KEEPS_LAST[event.type] === undefined ? null : (event.body as { readonly revision: number }).revision;
