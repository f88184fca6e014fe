import type { MasterObjectChangedV1 } from '@tieout/contracts';
import { masterKey, type MasterKind, type MasterObject } from '@tieout/model';
import type { ReceivedEvent } from '@tieout/messaging';
import type { Tx } from './database.js';

interface MasterKeyParts {
  readonly kind: MasterKind;
  readonly code: string;
}

const newestOf = (events: readonly ReceivedEvent<MasterObjectChangedV1>[]): MasterObjectChangedV1[] => {
  const newest = new Map<string, MasterObjectChangedV1>();
  for (const { body } of events) {
    const key = masterKey(body.kind, body.id);
    if (body.revision > (newest.get(key)?.revision ?? 0)) newest.set(key, body);
  }
  return [...newest.values()];
};

/** What a service knows of master data: table master_object, fed by the MASTER stream in any order. */
export class MasterReadModel {
  /** Keeps the higher revision of each object. @returns the keys that changed; both, when an object changed its code. */
  async apply(tx: Tx, events: readonly ReceivedEvent<MasterObjectChangedV1>[]): Promise<readonly MasterKeyParts[]> {
    if (events.length === 0) return [];
    const changed = await tx.query<{ kind: MasterKind; code: string; old_code: string | null }>(
      // Ordered, so that two batches lock common objects in the same order. "old" reads the snapshot from before the upsert.
      `with incoming as (
         select * from jsonb_to_recordset($1::jsonb) as r(kind text, id uuid, code text, revision bigint, "legalEntityId" text, body jsonb)
         order by kind, id
       ), old as (
         select m.kind, m.id, m.code from master_object m join incoming i using (kind, id)
       ), written as (
         insert into master_object as m (kind, id, code, revision, legal_entity_id, body)
         select kind, id, code, revision, "legalEntityId", body from incoming
         on conflict (kind, id) do update set code = excluded.code, revision = excluded.revision,
           legal_entity_id = excluded.legal_entity_id, body = excluded.body
         where m.revision < excluded.revision
         returning m.kind, m.id, m.code
       )
       select w.kind, w.code, o.code as old_code from written w left join old o using (kind, id) order by 1, 2`,
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
    for (const { kind, code, old_code } of changed)
      for (const each of old_code === null ? [code] : [code, old_code]) keys.set(masterKey(kind, each), { kind, code: each });
    return [...keys.values()];
  }

  /** By `masterKey(kind, code)`. Two objects with one code come back as one that says `ambiguous`: nothing may resolve to it. */
  async byCodes(tx: Tx, keys: readonly MasterKeyParts[]): Promise<Map<string, MasterObject>> {
    const found = new Map<string, MasterObject>();
    if (keys.length === 0) return found;
    const rows = await tx.query<{ body: MasterObject }>(
      `select body from master_object where (kind, code) in (select * from unnest($1::text[], $2::text[])) order by kind, code, id`,
      [keys.map(({ kind }) => kind), keys.map(({ code }) => code)],
    );
    for (const { body } of rows) {
      const key = masterKey(body.kind, body.code);
      found.set(key, found.has(key) ? { ...body, ambiguous: true } : body);
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

  async count(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>('select count(*) from master_object');
    return row?.count ?? 0;
  }
}
