import type { ConnectionStateV1, LegalEntityReadinessAnswerV1 } from '@tieout/contracts';
import type { Tx } from '@tieout/persistence';

/** The attributes of an object on a day, in SQL: the last segment that has begun. */
const onDay = (day: string): string =>
  `(select s.value->'attributes' from jsonb_array_elements(o.body->'timeline') s where s.value->>'validFrom' <= ${day} order by s.value->>'validFrom' desc limit 1)`;

const EXAMPLES = 10;

/** What of a legal entity's master data is there. Reads canonical_object and connection_state. */
export class ReadinessStore {
  async legalEntity(tx: Tx, code: string, on: string): Promise<Readonly<Record<string, string>> | undefined> {
    const rows = await tx.query<{ attributes: Record<string, string> | null }>(
      `select ${onDay('$2')} as attributes from canonical_object o
       where kind = 'legal-entity' and code = $1 and not (body->>'ambiguous')::boolean`,
      [code, on],
    );
    return rows.length === 1 ? (rows[0]!.attributes ?? undefined) : undefined;
  }

  async counts(tx: Tx, legalEntityId: string): Promise<{ readonly workers: number; readonly projects: number }> {
    const [row] = await tx.query<{ workers: number; projects: number }>(
      `select count(*) filter (where kind = 'worker')::int as workers, count(*) filter (where kind = 'project')::int as projects
       from canonical_object where legal_entity_id = $1 and kind in ('worker', 'project')`,
      [legalEntityId],
    );
    return row!;
  }

  /** Objects of the legal entity that have no id in a system that needs one: "worker/fr-hr". Those that have ended by the day need none. */
  async missingReferences(
    tx: Tx,
    legalEntityId: string,
    on: string,
    references: readonly string[],
  ): Promise<LegalEntityReadinessAnswerV1['references']> {
    return tx.query(
      `select r.reference, count(o.code)::int as missing,
         coalesce((array_agg(o.code order by o.code) filter (where o.code is not null))[1:${EXAMPLES}], '{}') as examples
       from unnest($3::text[]) with ordinality as r(reference, n)
       left join canonical_object o on o.legal_entity_id = $1 and o.kind = split_part(r.reference, '/', 1)
         and coalesce(${onDay('$2')}->>'activeTo', '9999') >= $2
         and not exists (select from jsonb_array_elements(o.body->'crossReferences') x
           where x.value->>'connection' = substr(r.reference, length(split_part(r.reference, '/', 1)) + 2))
       group by r.reference, r.n order by r.n`,
      [legalEntityId, on, references],
    );
  }

  async accountingPeriods(tx: Tx, legalEntityId: string, on: string): Promise<LegalEntityReadinessAnswerV1['accountingPeriods']> {
    return tx.query(
      `select code, coalesce(a->>'state', 'unknown') as state
       from (select o.code, ${onDay('$2')} as a from canonical_object o
             where kind = 'accounting-period' and legal_entity_id = $1) p
       where a->>'startDate' <= $2 and a->>'endDate' >= $2 order by code`,
      [legalEntityId, on],
    );
  }

  /** Every pay group of the legal entity, with the pay period that the day lies in. */
  async payGroups(tx: Tx, legalEntityId: string, on: string): Promise<LegalEntityReadinessAnswerV1['payGroups']> {
    const rows = await tx.query<{ code: string; payPeriod: string | null }>(
      `select o.code, (select p.code from (select o.code, ${onDay('$2')} as a from canonical_object o where kind = 'pay-period') p
         where p.a->>'payGroup' = o.code and p.a->>'startDate' <= $2 and p.a->>'endDate' >= $2 order by p.code limit 1) as "payPeriod"
       from canonical_object o where kind = 'pay-group' and legal_entity_id = $1 order by o.code`,
      [legalEntityId, on],
    );
    return rows.map(({ code, payPeriod }) => ({ code, ...(payPeriod !== null && { payPeriod }) }));
  }

  async connections(tx: Tx, ids: readonly string[]): Promise<ConnectionStateV1[]> {
    const rows = await tx.query<{ connection: string; state: 'up' | 'faulted' | null; why: string | null }>(
      `select c.connection, s.state, concat_ws(': ', s.reason, s.message) as why
       from unnest($1::text[]) with ordinality as c(connection, n) left join connection_state s using (connection) order by c.n`,
      [ids],
    );
    return rows.map(({ connection, state, why }) =>
      state === null
        ? { connection, state: 'not-tried' }
        : { connection, ...(state === 'up' ? { state: 'works' } : { state: 'faulted', ...(why !== null && { why }) }) },
    );
  }
}
