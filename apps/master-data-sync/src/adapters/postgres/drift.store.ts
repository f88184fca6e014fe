import type { Instant, MasterKind } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { DriftChanges, KnownDrift } from '../../domain/drift.js';

export interface OpenDrift extends KnownDrift {
  readonly since: Instant;
}
export interface DriftQuery {
  readonly kind?: string | undefined;
  readonly connection?: string | undefined;
  readonly legalEntityId?: string | undefined;
  readonly code?: string | undefined;
  /** "kind code attribute connection" of the last one of the page before. */
  readonly after?: readonly string[] | undefined;
  readonly limit: number;
}

const COLUMNS = `kind, code, attribute, connection, legal_entity_id as "legalEntityId", owner, owner_value as "ownerValue", value`;

/** Table master_drift: what contradicts its system of record now. Values that tell of a person are not kept. */
export class DriftStore {
  async ofCodes(tx: Tx, kind: MasterKind, codes: readonly string[]): Promise<KnownDrift[]> {
    return tx.query<KnownDrift>(`select ${COLUMNS} from master_drift where kind = $1 and code = any($2::text[])`, [kind, codes]);
  }

  async save(tx: Tx, { raised, cleared }: DriftChanges, now: Instant): Promise<void> {
    if (cleared.length > 0)
      await tx.query(
        `delete from master_drift d using jsonb_to_recordset($1::jsonb) as r(kind text, code text, attribute text, connection text)
         where (d.kind, d.code, d.attribute, d.connection) = (r.kind, r.code, r.attribute, r.connection)`,
        [JSON.stringify(cleared)],
      );
    if (raised.length > 0)
      await tx.query(
        `insert into master_drift (kind, code, attribute, connection, legal_entity_id, owner, owner_value, value, since)
         select kind, code, attribute, connection, "legalEntityId", owner, "ownerValue", value, $2
         from jsonb_to_recordset($1::jsonb) as r(kind text, code text, attribute text, connection text, "legalEntityId" text,
           owner text, "ownerValue" text, value text)
         on conflict (kind, code, attribute, connection) do update set legal_entity_id = excluded.legal_entity_id,
           owner = excluded.owner, owner_value = excluded.owner_value, value = excluded.value`,
        [JSON.stringify(raised), now],
      );
  }

  async page(tx: Tx, query: DriftQuery): Promise<OpenDrift[]> {
    const [kind, code, attribute, connection] = query.after ?? [];
    return tx.query<OpenDrift>(
      `select ${COLUMNS}, since from master_drift
       where ($1::text is null or kind = $1) and ($2::text is null or connection = $2) and ($3::text is null or legal_entity_id = $3)
         and ($4::text is null or code = $4)
         and ($5::text is null or (kind, code, attribute, connection) > ($5, $6, $7, $8))
       order by kind, code, attribute, connection limit $9`,
      [
        query.kind ?? null,
        query.connection ?? null,
        query.legalEntityId ?? null,
        query.code ?? null,
        ...[kind, code, attribute, connection].map((part) => part ?? null),
        query.limit,
      ],
    );
  }
}
