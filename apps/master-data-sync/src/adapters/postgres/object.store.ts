import { masterIdOf, type Instant, type MasterKind, type MasterObject } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { SourceRecord } from '../../domain/merge-records.js';
import type { ObjectChange, Reference } from '../../domain/plan-objects.js';

/** Tables canonical_object and cross_reference. */
export class ObjectStore {
  /** One merge of a kind at a time: two sources that store records of one object at once must see each other's. */
  async lockKind(tx: Tx, kind: MasterKind): Promise<void> {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`merge:${kind}`]);
  }

  async references(tx: Tx, kind: MasterKind, records: readonly SourceRecord[]): Promise<Reference[]> {
    return tx.query<Reference>(
      `select c.connection, c.external_id as "externalId", c.id from cross_reference c
       join unnest($2::text[], $3::text[]) as r(connection, external_id) using (connection, external_id) where c.kind = $1`,
      [kind, records.map(({ connection }) => connection), records.map(({ externalId }) => externalId)],
    );
  }

  /** The objects that a merge of these codes may touch. */
  async forMerge(tx: Tx, kind: MasterKind, codes: readonly string[], references: readonly Reference[]): Promise<MasterObject[]> {
    const ids = [...references.map(({ id }) => id), ...codes.map((code) => masterIdOf(kind, code))];
    const rows = await tx.query<{ body: MasterObject }>(
      `select body from canonical_object where id = any($2::uuid[]) or (kind = $1 and code = any($3::text[])) order by code, id`,
      [kind, ids, codes],
    );
    return rows.map(({ body }) => body);
  }

  async save(
    tx: Tx,
    kind: MasterKind,
    changes: readonly ObjectChange[],
    references: readonly Reference[],
    now: Instant,
  ): Promise<void> {
    if (changes.length > 0)
      await tx.query(
        `insert into canonical_object (id, kind, code, revision, legal_entity_id, body, changed_at)
         select (o->>'id')::uuid, o->>'kind', o->>'code', (o->>'revision')::int, o->>'legalEntityId', o, $2 from jsonb_array_elements($1::jsonb) o
         on conflict (id) do update set code = excluded.code, revision = excluded.revision, legal_entity_id = excluded.legal_entity_id,
           body = excluded.body, changed_at = excluded.changed_at`,
        [JSON.stringify(changes.map(({ after }) => after)), now],
      );
    if (references.length > 0)
      await tx.query(
        `insert into cross_reference (connection, kind, external_id, id)
         select connection, $1, "externalId", id from jsonb_to_recordset($2::jsonb) as r(connection text, "externalId" text, id uuid)
         on conflict (connection, kind, external_id) do update set id = excluded.id`,
        [kind, JSON.stringify(references)],
      );
  }

  /** Usually one; several while a code is being moved from one object to another. */
  async byCode(tx: Tx, kind: MasterKind, code: string): Promise<MasterObject[]> {
    const rows = await tx.query<{ body: MasterObject }>(
      'select body from canonical_object where kind = $1 and code = $2 order by id',
      [kind, code],
    );
    return rows.map(({ body }) => body);
  }

  async byCodes(tx: Tx, kind: MasterKind, codes: readonly string[]): Promise<MasterObject[]> {
    const rows = await tx.query<{ body: MasterObject }>(
      'select body from canonical_object where kind = $1 and code = any($2::text[]) order by code, id',
      [kind, codes],
    );
    return rows.map(({ body }) => body);
  }

  /** Every object that has or had one of the codes, and what those were merged into, step by step. */
  async holders(tx: Tx, keys: readonly { readonly kind: MasterKind; readonly code: string }[]): Promise<MasterObject[]> {
    const rows = await tx.query<{ body: MasterObject }>(HOLDERS, [keys.map(({ kind }) => kind), keys.map(({ code }) => code)]);
    return rows.map(({ body }) => body);
  }

  /** For kinds of which there are few. */
  async ofKind(tx: Tx, kind: MasterKind): Promise<MasterObject[]> {
    const rows = await tx.query<{ body: MasterObject }>('select body from canonical_object where kind = $1 order by code, id', [
      kind,
    ]);
    return rows.map(({ body }) => body);
  }

  /** Workers who have or had a user name. */
  async ofUserName(tx: Tx, userName: string): Promise<MasterObject[]> {
    const rows = await tx.query<{ body: MasterObject }>(
      `select body from canonical_object where kind = 'worker'
         and jsonb_path_query_array(body, '$.timeline[*].attributes.userName') ? $1 order by code, id`,
      [userName],
    );
    return rows.map(({ body }) => body);
  }

  async ofExternalId(tx: Tx, kind: MasterKind, connection: string, externalId: string): Promise<MasterObject[]> {
    const rows = await tx.query<{ body: MasterObject }>(
      `select o.body from cross_reference c join canonical_object o using (id)
       where c.kind = $1 and c.connection = $2 and c.external_id = $3`,
      [kind, connection, externalId],
    );
    return rows.map(({ body }) => body);
  }

  /** Workers whose person is one of these now. */
  async ofPersons(tx: Tx, persons: readonly string[]): Promise<MasterObject[]> {
    if (persons.length === 0) return [];
    const rows = await tx.query<{ body: MasterObject }>(
      `select body from canonical_object where kind = 'worker'
         and jsonb_path_query_first(body, '$.timeline[last].attributes.person') #>> '{}' = any($1::text[]) order by code, id`,
      [persons],
    );
    return rows.map(({ body }) => body);
  }

  /** The legal entities that are known, by code. */
  async legalEntities(tx: Tx): Promise<string[]> {
    const rows = await tx.query<{ code: string }>(
      `select distinct code from canonical_object where kind = 'legal-entity' order by code`,
    );
    return rows.map(({ code }) => code);
  }

  async page(tx: Tx, kind: MasterKind, after: string, limit: number): Promise<MasterObject[]> {
    const rows = await tx.query<{ body: MasterObject }>(
      'select body from canonical_object where kind = $1 and code > $2 order by code, id limit $3',
      [kind, after, limit],
    );
    return rows.map(({ body }) => body);
  }

  async countByKind(tx: Tx): Promise<Readonly<Record<string, number>>> {
    const rows = await tx.query<{ kind: string; count: number }>(
      'select kind, count(*)::int as count from canonical_object group by kind order by kind',
    );
    return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
  }
}

const FORMER = `o.body ? 'formerCodes' and jsonb_path_query_array(o.body, '$.formerCodes[*].code') ? w.code`;

/** Recursive, so that one statement answers: merges are followed from code to code, and never twice to the same. */
const HOLDERS = `
  with recursive wanted as (
    select * from unnest($1::text[], $2::text[]) as w(kind, code)
    union
    select w.kind, next.code from wanted w cross join lateral (
      select o.body->'mergedInto'->>'code' as code from canonical_object o
        where o.kind = w.kind and o.code = w.code and o.body ? 'mergedInto'
      union all
      select o.body->'mergedInto'->>'code' from canonical_object o where o.kind = w.kind and ${FORMER} and o.body ? 'mergedInto') next
  )
  select distinct on (found.id) found.body from wanted w cross join lateral (
    select o.id, o.body from canonical_object o where o.kind = w.kind and o.code = w.code
    union all
    select o.id, o.body from canonical_object o where o.kind = w.kind and ${FORMER}) found`;
