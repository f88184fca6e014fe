import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['audit_personal', 'audit_chainer', 'audit_link', 'audit_head'] as const;

/**
 * Chains over audit_record, one per legal entity. Records that were written before have no body hash and stay outside.
 *
 * What is linked next is told by snapshots: everything that is visible in `target` and was not in `done`. So what commits late is never
 * skipped, nothing is linked twice, and a long transaction holds up its own records only. Within a round the order is that of the ids: who
 * changes something after another has seen that one's commit, and draws its id later.
 */
export class AuditChain1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table audit_record add column body_hash bytea, add column xid xid8');
    await runner.query('alter table audit_record alter column xid set default pg_current_xact_id()');
    await runner.query('create index audit_record__xid__ix on audit_record (xid) where body_hash is not null');
    await runner.query(`
      create table audit_head (
        chain_id int generated always as identity,
        chain text not null,
        seq bigint not null,
        hash bytea not null,
        constraint audit_head__pk primary key (chain_id),
        constraint audit_head__chain__uq unique (chain)
      )`);
    await runner.query(`
      create table audit_link (
        record_id bigint not null,
        chain_id int not null,
        seq bigint not null,
        hash bytea not null,
        constraint audit_link__pk primary key (record_id),
        constraint audit_link__place__uq unique (chain_id, seq)
      )`);
    await runner.query(`
      create table audit_chainer (
        one boolean not null default true,
        done pg_snapshot not null,
        target pg_snapshot,
        after_id bigint not null default 0,
        constraint audit_chainer__pk primary key (one),
        constraint audit_chainer__one__ck check (one)
      )`);
    await runner.query('insert into audit_chainer (done) values (pg_current_snapshot())');
    await runner.query(`
      create table audit_personal (
        commitment text not null,
        salt text not null,
        value text not null,
        subject_kind text not null,
        subject_id text not null,
        actor text not null,
        constraint audit_personal__pk primary key (commitment)
      )`);
    await runner.query('create index audit_personal__subject__ix on audit_personal (subject_kind, subject_id)');
    await runner.query('create index audit_personal__actor__ix on audit_personal (actor)');
    await runner.query(APPEND_ONLY);
    await runner.query(`create trigger audit_link__no_change before update or delete on audit_link
      for each row execute function audit_link_is_append_only()`);
    await runner.query(`create trigger audit_link__no_truncate before truncate on audit_link
      for each statement execute function audit_link_is_append_only()`);
    await runner.query(HEAD_OF);
    await runner.query(PUT_LINKS);
    const [{ schema }] = (await runner.query('select quote_ident(current_schema()) as schema')) as [{ schema: string }];
    await runner.query(linkWaiting(schema));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function audit_link_waiting(text, int)');
    await runner.query('drop function audit_put_links(audit_head, bigint[], bigint[], bytea[])');
    await runner.query('drop function audit_head_of(text)');
    for (const table of TABLES) await runner.query(`drop table ${table}`);
    await runner.query('drop function audit_link_is_append_only()');
    await runner.query('alter table audit_record drop column xid, drop column body_hash');
  }
}

const APPEND_ONLY = `
  create function audit_link_is_append_only() returns trigger language plpgsql as $$
  begin
    raise exception 'audit_link is append-only: % refused', tg_op using errcode = 'restrict_violation';
  end $$`;

/** Only under the lock on audit_chainer. */
const HEAD_OF = `
  create function audit_head_of(name text) returns audit_head language plpgsql as $$
  declare
    head audit_head;
  begin
    select * into head from audit_head where chain = name;
    if not found then
      insert into audit_head (chain, seq, hash) values (name, 0, sha256(convert_to('tieout audit chain ' || name, 'UTF8')))
        returning * into head;
    end if;
    return head;
  end $$`;

const PUT_LINKS = `
  create function audit_put_links(head audit_head, ids bigint[], seqs bigint[], hashes bytea[]) returns void language plpgsql as $$
  begin
    if cardinality(ids) = 0 then return; end if;
    insert into audit_link (record_id, chain_id, seq, hash)
      select l.id, head.chain_id, l.seq, l.hash from unnest(ids, seqs, hashes) as l(id, seq, hash);
    update audit_head set seq = head.seq, hash = head.hash where chain_id = head.chain_id;
  end $$`;

/**
 * Runs as the owner: who may only read audit_link and audit_head can have records linked, and cannot link anything else. Statistics of a
 * table that only grows are always old, hence the planner's settings.
 */
const linkWaiting = (schema: string): string => `
  create function audit_link_waiting(service text, batch int, out linked int, out oldest timestamptz, out more boolean)
  language plpgsql security definer
  set search_path = ${schema}, pg_temp set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
  as $$
  declare
    everything constant pg_snapshot := '9223372036854775807:9223372036854775807:';
    nothing constant pg_snapshot := '1:1:';
    reached constant pg_snapshot := pg_current_snapshot();
    state audit_chainer;
    head audit_head;
    waiting record;
    ids bigint[] := '{}';
    seqs bigint[] := '{}';
    hashes bytea[] := '{}';
    last_id bigint;
  begin
    linked := 0;
    more := false;
    select * into state from audit_chainer for update skip locked;
    if not found then return; end if;
    if state.target is null then state.target := reached; end if;
    -- Restored from a dump into a server that counts transactions anew: what they said of each other holds no longer.
    if pg_snapshot_xmin(state.done) > pg_snapshot_xmax(reached) then
      state.done := nothing; state.target := everything; state.after_id := 0; batch := null;
    end if;
    for waiting in
      select * from (
        select r.id, r.legal_entity_id, r.body_hash, r.at from audit_record r
        where r.xid >= pg_snapshot_xmin(state.done) and r.xid < pg_snapshot_xmax(state.target) and r.body_hash is not null
          and pg_visible_in_snapshot(r.xid, state.target) and not pg_visible_in_snapshot(r.xid, state.done)
          and r.id > state.after_id and not exists (select from audit_link l where l.record_id = r.id)
        order by r.id limit batch) w
      order by legal_entity_id, id
    loop
      if head.chain is distinct from service || '/' || waiting.legal_entity_id then
        perform audit_put_links(head, ids, seqs, hashes);
        ids := '{}'; seqs := '{}'; hashes := '{}';
        head := audit_head_of(service || '/' || waiting.legal_entity_id);
      end if;
      head.seq := head.seq + 1;
      head.hash := sha256(head.hash || waiting.body_hash || convert_to(head.chain || E'\\n' || head.seq, 'UTF8'));
      ids := ids || waiting.id;
      seqs := seqs || head.seq;
      hashes := hashes || head.hash;
      linked := linked + 1;
      oldest := least(oldest, waiting.at);
      last_id := greatest(last_id, waiting.id);
    end loop;
    perform audit_put_links(head, ids, seqs, hashes);
    more := coalesce(linked = batch, false);
    if more then
      update audit_chainer set target = state.target, after_id = last_id;
    elsif linked > 0 or state.target::text <> reached::text then
      update audit_chainer set target = null, after_id = 0,
        done = case state.target::text when everything::text then reached else state.target end;
    end if;
  end $$`;
