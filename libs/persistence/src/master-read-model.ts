import type { MasterObjectChangedV1 } from '@tieout/contracts';
import { holderOn, masterKey, type FormerCode, type MasterKind, type MasterObject } from '@tieout/model';
import type { ReceivedEvent } from '@tieout/messaging';
import type { Tx } from './database.js';

interface MasterKeyParts {
  readonly kind: MasterKind;
  readonly code: string;
}

interface Changed extends MasterKeyParts {
  readonly former: readonly FormerCode[] | null;
  readonly old_code: string | null;
  readonly old_former: readonly FormerCode[] | null;
}

const newestOf = (events: readonly ReceivedEvent<MasterObjectChangedV1>[]): MasterObjectChangedV1[] => {
  const newest = new Map<string, MasterObjectChangedV1>();
  for (const { body } of events) {
    const key = masterKey(body.kind, body.id);
    if (body.revision > (newest.get(key)?.revision ?? 0)) newest.set(key, body);
  }
  return [...newest.values()];
};

/** Later than any date: whom a code means when nobody says for which day. */
const ANY_DAY_TO_COME = '9999-12-31';

/** What a service knows of master data: table master_object, fed by the MASTER stream in any order. */
export class MasterReadModel {
  /** Keeps the higher revision of each object. @returns the keys that changed, with all under which an object was known before. */
  async apply(tx: Tx, events: readonly ReceivedEvent<MasterObjectChangedV1>[]): Promise<readonly MasterKeyParts[]> {
    if (events.length === 0) return [];
    const changed = await tx.query<Changed>(
      // Ordered, so that two batches lock common objects in the same order. "old" reads the snapshot from before the upsert.
      `with incoming as (
         select * from jsonb_to_recordset($1::jsonb) as r(kind text, id uuid, code text, revision bigint, "legalEntityId" text, body jsonb)
         order by kind, id
       ), old as (
         select m.kind, m.id, m.code, m.body->'formerCodes' as former from master_object m join incoming i using (kind, id)
       ), written as (
         insert into master_object as m (kind, id, code, revision, legal_entity_id, body)
         select kind, id, code, revision, "legalEntityId", body from incoming
         on conflict (kind, id) do update set code = excluded.code, revision = excluded.revision,
           legal_entity_id = excluded.legal_entity_id, body = excluded.body
         where m.revision < excluded.revision
         returning m.kind, m.id, m.code, m.body->'formerCodes' as former
       )
       select w.kind, w.code, w.former, o.code as old_code, o.former as old_former from written w left join old o using (kind, id) order by 1, 2`,
      [
        JSON.stringify(
          newestOf(events).map((body) => ({
            kind: body.kind,
            id: body.id,
            code: body.code,
            revision: body.revision,
            legalEntityId: body.legalEntityId,
            body,
          })),
        ),
      ],
    );
    const keys = new Map<string, MasterKeyParts>();
    for (const { kind, code, old_code, former, old_former } of changed)
      for (const each of [code, old_code ?? code, ...[...(former ?? []), ...(old_former ?? [])].map((one) => one.code)])
        keys.set(masterKey(kind, each), { kind, code: each });
    return [...keys.values()];
  }

  /**
   * By `masterKey(kind, code)` of what was asked for: the object that has the code, else the one that had it last. Two with one code
   * come back as one that says `ambiguous`: nothing may resolve to it.
   */
  async byCodes(tx: Tx, keys: readonly MasterKeyParts[]): Promise<Map<string, MasterObject>> {
    const holders = await this.holders(tx, keys);
    const found = new Map<string, MasterObject>();
    for (const { kind, code } of keys) {
      const key = masterKey(kind, code);
      const all = holders.get(key);
      if (all === undefined) continue;
      const holder = holderOn(code, ANY_DAY_TO_COME, all);
      if (holder !== undefined) found.set(key, holder === 'ambiguous' ? { ...all[0]!, ambiguous: true } : holder);
    }
    return found;
  }

  /** By `masterKey(kind, code)`: every object that has or had the code. Whom it means on a date, `resolveCode` of libs/model says. */
  async holders(tx: Tx, keys: readonly MasterKeyParts[]): Promise<Map<string, MasterObject[]>> {
    const found = new Map<string, MasterObject[]>();
    if (keys.length === 0) return found;
    const params = [keys.map(({ kind }) => kind), keys.map(({ code }) => code)];
    const rows = await tx.query<{ body: MasterObject }>(
      `select body from master_object where (kind, code) in (select * from unnest($1::text[], $2::text[]))
       union all
       select body from master_object m where body ? 'formerCodes' and jsonb_path_query_array(body, '$.formerCodes[*].code') ?| $2::text[]
         and kind = any($1::text[]) and (kind, code) not in (select * from unnest($1::text[], $2::text[]))`,
      params,
    );
    const asked = new Set(keys.map(({ kind, code }) => masterKey(kind, code)));
    for (const { body } of rows.sort((a, b) => (a.body.id < b.body.id ? -1 : 1)))
      for (const code of new Set([body.code, ...(body.formerCodes ?? []).map((one) => one.code)])) {
        const key = masterKey(body.kind, code);
        if (asked.has(key)) found.set(key, [...(found.get(key) ?? []), body]);
      }
    return found;
  }

  async byKind(tx: Tx, kind: MasterKind, legalEntityId?: string): Promise<MasterObject[]> {
    const rows = await tx.query<{ body: MasterObject }>(
      `select body from master_object where kind = $1 and ($2::text is null or legal_entity_id = $2) order by code, id`,
      [kind, legalEntityId ?? null],
    );
    return rows.map(({ body }) => body);
  }

  async hasKind(tx: Tx, kind: MasterKind): Promise<boolean> {
    const rows = await tx.query('select 1 from master_object where kind = $1 limit 1', [kind]);
    return rows.length > 0;
  }

  async count(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>('select count(*) from master_object');
    return row?.count ?? 0;
  }
}
