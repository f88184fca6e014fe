import type { ConnectionId, Instant, MasterObject } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import { conditionOf, type Handoff, type HandoffState } from '../../domain/handoff/handoff.js';

/** An opportunity that wants to be looked at, with its handoff where there is one. */
export interface DueOpportunity {
  readonly opportunity: MasterObject;
  readonly handoff: Handoff | null;
}
export interface ListedHandoff extends Handoff {
  readonly changedAt: Instant;
  readonly dueAt: Instant | null;
}
export interface HandoffAttempt {
  readonly connection: ConnectionId;
  /** Of the lease under which it was made: an answer that came too late carries an older one. */
  readonly fence: number;
  readonly at: Instant;
  readonly what: 'sent' | 'there' | 'refused' | 'unknown' | 'not-done';
  readonly detail?: string | undefined;
}

/** While one of these has a project code, no other opportunity may take it. */
const HOLDS_CODE: ReadonlySet<HandoffState> = new Set(['creating', 'confirming', 'done', 'failed', 'withdrawn']);

const COLUMNS = 'body, changed_at as "changedAt", due_at as "dueAt"';
type Row = { readonly body: Handoff; readonly changedAt: Instant; readonly dueAt: Instant | null };
const listed = ({ body, changedAt, dueAt }: Row): ListedHandoff => ({ ...body, changedAt, dueAt });

/** Tables handoff and handoff_attempt. */
export class HandoffStore {
  /** Won and not seen yet, changed since it was looked at, or due again; the longest waiting first. */
  async due(tx: Tx, now: Instant, limit: number): Promise<DueOpportunity[]> {
    return tx.query<DueOpportunity>(
      `select o.body as opportunity, h.body as handoff from handoff h join canonical_object o on o.id = h.opportunity_id
         where h.due_at <= $1 or h.opportunity_revision <> o.revision
       union all
       select o.body, null from canonical_object o
         where o.kind = 'opportunity' and o.body @> '{"timeline": [{"attributes": {"stage": "won"}}]}'
           and jsonb_path_query_first(o.body, '$.timeline[last].attributes.stage') #>> '{}' = 'won'
           and not exists (select from handoff h where h.opportunity_id = o.id)
       limit $2`,
      [now, limit],
    );
  }

  /** Locked until the transaction ends. */
  async lock(tx: Tx, opportunityId: string): Promise<Handoff | undefined> {
    const [row] = await tx.query<{ body: Handoff }>('select body from handoff where opportunity_id = $1 for update', [
      opportunityId,
    ]);
    return row?.body;
  }

  async save(tx: Tx, handoff: Handoff, looked: { revision: number; now: Instant; dueAt: Instant | null }): Promise<void> {
    const code = HOLDS_CODE.has(handoff.state) ? (handoff.project?.code ?? null) : null;
    const stuck = conditionOf(handoff) !== undefined;
    await tx.query(
      `insert into handoff (opportunity_id, opportunity_code, opportunity_revision, legal_entity_id, state, project_code, body, stuck, changed_at, due_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       on conflict (opportunity_id) do update set opportunity_code = excluded.opportunity_code,
         opportunity_revision = excluded.opportunity_revision, legal_entity_id = excluded.legal_entity_id, state = excluded.state,
         project_code = excluded.project_code, stuck = excluded.stuck, due_at = excluded.due_at, body = excluded.body,
         changed_at = case when handoff.body = excluded.body then handoff.changed_at else excluded.changed_at end`,
      [
        handoff.opportunityId,
        handoff.opportunityCode,
        looked.revision,
        handoff.legalEntityId,
        handoff.state,
        code,
        JSON.stringify(handoff),
        stuck,
        looked.now,
        looked.dueAt,
      ],
    );
  }

  async appendAttempt(tx: Tx, opportunityId: string, attempt: HandoffAttempt): Promise<void> {
    const { connection, fence, at, what, detail = null } = attempt;
    await tx.query(
      'insert into handoff_attempt (opportunity_id, connection, fence, at, what, detail) values ($1, $2, $3, $4, $5, $6)',
      [opportunityId, connection, fence, at, what, detail],
    );
  }

  async attempts(tx: Tx, opportunityId: string): Promise<HandoffAttempt[]> {
    return tx.query<HandoffAttempt>(
      'select connection, fence::int as fence, at, what, detail from handoff_attempt where opportunity_id = $1 order by id',
      [opportunityId],
    );
  }

  /** Code of another opportunity that has the project code. */
  async otherWith(tx: Tx, projectCode: string, opportunityId: string): Promise<string | undefined> {
    const [row] = await tx.query<{ code: string }>(
      'select opportunity_code as code from handoff where project_code = $1 and opportunity_id <> $2',
      [projectCode, opportunityId],
    );
    return row?.code;
  }

  async byCode(tx: Tx, opportunityCode: string): Promise<ListedHandoff | undefined> {
    const [row] = await tx.query<Row>(`select ${COLUMNS} from handoff where opportunity_code = $1`, [opportunityCode]);
    return row && listed(row);
  }

  async page(tx: Tx, state: HandoffState | undefined, after: string, limit: number): Promise<ListedHandoff[]> {
    const rows = await tx.query<Row>(
      `select ${COLUMNS} from handoff where ($1::text is null or state = $1) and opportunity_code > $2 order by opportunity_code limit $3`,
      [state ?? null, after, limit],
    );
    return rows.map(listed);
  }

  /** Won opportunities on their way; those that wait for a person are not. */
  async onTheirWay(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
      `select (select count(*) from handoff where state in ('creating', 'confirming') and not stuck)::int
         + (select count(*) from canonical_object o where o.kind = 'opportunity'
              and o.body @> '{"timeline": [{"attributes": {"stage": "won"}}]}'
              and jsonb_path_query_first(o.body, '$.timeline[last].attributes.stage') #>> '{}' = 'won'
              and not exists (select from handoff h where h.opportunity_id = o.id))::int as count`,
    );
    return row?.count ?? 0;
  }
}
