import type { Checkpoint, Head } from '@tieout/audit';
import type { Context } from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { Acknowledged, Broken, KnownChain } from '../../domain/audit/follow-chain.js';

const CHAIN_COLUMNS = 'chain, context, seq, hash, broken, acknowledged';

/** Checkpoints that were signed, and what is known of each chain. */
export class AuditStore {
  /** One adds checkpoints at a time; released when the transaction ends. */
  async lock(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(hashtext('audit_checkpoint'))`);
  }

  async last(tx: Tx): Promise<Checkpoint | undefined> {
    const [row] = await tx.query<{ body: Checkpoint }>('select body from audit_checkpoint order by no desc limit 1');
    return row?.body;
  }

  async put(tx: Tx, checkpoint: Checkpoint, complete: boolean): Promise<void> {
    await tx.query('insert into audit_checkpoint (no, at, complete, body) values ($1, $2, $3, $4::jsonb)', [
      checkpoint.no,
      checkpoint.at,
      complete,
      JSON.stringify(checkpoint),
    ]);
  }

  async after(tx: Tx, no: number, limit: number): Promise<Checkpoint[]> {
    const rows = await tx.query<{ body: Checkpoint }>('select body from audit_checkpoint where no > $1 order by no limit $2', [
      no,
      limit,
    ]);
    return rows.map(({ body }) => body);
  }

  /** The last one at or before an instant that names all chains. */
  async completeAt(tx: Tx, at: Instant): Promise<Checkpoint | undefined> {
    const [row] = await tx.query<{ body: Checkpoint }>(
      'select body from audit_checkpoint where complete and at <= $1 order by no desc limit 1',
      [at],
    );
    return row?.body;
  }

  /** The first one at or after an instant; there may be none yet. */
  async firstAt(tx: Tx, at: Instant): Promise<number | undefined> {
    const [row] = await tx.query<{ no: number }>('select no from audit_checkpoint where at >= $1 order by no limit 1', [at]);
    return row?.no;
  }

  /** Chains that went back and were acknowledged, with where each stood: nothing before may lead beyond it. */
  restarts(tx: Tx): Promise<{ no: number; chain: string; seq: number }[]> {
    return tx.query(
      `select no, r ->> 'chain' as chain, (r -> 'now' ->> 'seq')::bigint as seq
       from audit_checkpoint, jsonb_array_elements(body -> 'restarts') r where complete and body ? 'restarts' order by no`,
    );
  }

  chains(tx: Tx): Promise<KnownChain[]> {
    return tx.query<KnownChain>(`select ${CHAIN_COLUMNS} from audit_chain order by chain`);
  }

  async lockChain(tx: Tx, chain: string): Promise<KnownChain | undefined> {
    const [row] = await tx.query<KnownChain>(`select ${CHAIN_COLUMNS} from audit_chain where chain = $1 for update`, [chain]);
    return row;
  }

  /** What was signed of chains: nothing is wrong with them. */
  async signed(tx: Tx, heads: readonly (Head & { readonly context: Context })[]): Promise<void> {
    await tx.query(
      `insert into audit_chain (chain, context, seq, hash)
       select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
       on conflict (chain) do update set seq = excluded.seq, hash = excluded.hash, broken = null, acknowledged = null`,
      [
        heads.map(({ chain }) => chain),
        heads.map(({ context }) => context),
        heads.map(({ seq }) => seq),
        heads.map(({ hash }) => hash),
      ],
    );
  }

  async broke(tx: Tx, known: KnownChain, broken: Broken | null): Promise<void> {
    const { chain, context, seq, hash } = known;
    await tx.query(
      `insert into audit_chain (chain, context, seq, hash, broken) values ($1, $2, $3, $4, $5::jsonb)
       on conflict (chain) do update set broken = excluded.broken, acknowledged = null`,
      [chain, context, seq, hash, broken === null ? null : JSON.stringify(broken)],
    );
  }

  async acknowledge(tx: Tx, chain: string, acknowledged: Acknowledged): Promise<void> {
    await tx.query('update audit_chain set acknowledged = $2::jsonb where chain = $1', [chain, JSON.stringify(acknowledged)]);
  }
}
