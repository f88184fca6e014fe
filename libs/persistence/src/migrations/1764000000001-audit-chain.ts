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
    // As text: the very letters that were hashed, and a third of the time to store them.
    await runner.query(
      'alter table audit_record alter column before type json using before::json, alter column after type json using after::json',
    );
    // Entries and lines have random ids: each row would write to another page of this index. Who searches by subject makes it where he searches.
    await runner.query('drop index audit_record__subject__ix');
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
    // A row for each batch and chain: which records follow each other. The hash of each follows from `previous` and the bodies' hashes.
    await runner.query(`
      create table audit_link (
        chain_id int not null,
        last_seq bigint not null,
        first_seq bigint not null,
        previous bytea not null,
        record_ids bigint[] not null,
        constraint audit_link__pk primary key (chain_id, last_seq)
      )`);
    await runner.query(`
      create table audit_chainer (
        one boolean not null default true,
        done pg_snapshot not null,
        target pg_snapshot,
        after_id bigint not null default 0,
        from_id bigint not null default 0,
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
    for (const text of [HEAD_OF, PUT_LINKS, LINK_RECORDS, UNLINKED_AFTER_DUMP]) await runner.query(text);
    const [{ schema }] = (await runner.query('select quote_ident(current_schema()) as schema')) as [{ schema: string }];
    await runner.query(linkWaiting(schema));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of FUNCTIONS) await runner.query(`drop function ${name}`);
    for (const table of TABLES) await runner.query(`drop table ${table}`);
    await runner.query('drop function audit_link_is_append_only()');
    await runner.query('alter table audit_record drop column xid, drop column body_hash');
    await runner.query('create index audit_record__subject__ix on audit_record (subject_kind, subject_id)');
    await runner.query(
      'alter table audit_record alter column before type jsonb using before::jsonb, alter column after type jsonb using after::jsonb',
    );
  }
}

const APPEND_ONLY = `
  create function audit_link_is_append_only() returns trigger language plpgsql as $$
  begin
    raise exception 'audit_link is append-only: % refused', tg_op using errcode = 'restrict_violation';
  end $$`;

/** These are called by `audit_link_waiting` only, under its lock on audit_chainer; nobody else has the rights. */
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
  create function audit_put_links(head audit_head, previous bytea, ids bigint[]) returns void language plpgsql as $$
  begin
    if cardinality(ids) = 0 then return; end if;
    insert into audit_link (chain_id, last_seq, first_seq, previous, record_ids)
      values (head.chain_id, head.seq, head.seq - cardinality(ids) + 1, previous, ids);
    update audit_head set seq = head.seq, hash = head.hash where chain_id = head.chain_id;
  end $$`;

const LINK_RECORDS = `
  create function audit_link_records(service text, record_ids bigint[]) returns timestamptz language plpgsql as $$
  declare
    head audit_head;
    previous bytea;
    waiting record;
    ids bigint[] := '{}';
    oldest timestamptz;
  begin
    for waiting in
      select r.id, r.legal_entity_id, r.body_hash, r.at from unnest(record_ids) as w(id) join audit_record r on r.id = w.id
      order by r.legal_entity_id, r.id
    loop
      if head.chain is distinct from service || '/' || waiting.legal_entity_id then
        perform audit_put_links(head, previous, ids);
        ids := '{}';
        head := audit_head_of(service || '/' || waiting.legal_entity_id);
        previous := head.hash;
      end if;
      head.seq := head.seq + 1;
      head.hash := sha256(head.hash || waiting.body_hash || convert_to(head.chain || E'\\n' || head.seq, 'UTF8'));
      ids := ids || waiting.id;
      oldest := least(oldest, waiting.at);
    end loop;
    perform audit_put_links(head, previous, ids);
    return oldest;
  end $$`;

/**
 * Restored from a dump into a server that counts transactions anew, so that what they said of each other holds no longer: all that is not
 * linked is looked for once, while nobody writes, and from then on later records only.
 */
const UNLINKED_AFTER_DUMP = `
  create function audit_unlinked_after_dump() returns bigint[] language plpgsql as $$
  declare
    ids bigint[];
  begin
    lock table audit_record in share row exclusive mode;
    ids := array(select id from audit_record where body_hash is not null except select unnest(record_ids) from audit_link);
    update audit_chainer set done = pg_current_snapshot(), target = null, after_id = 0,
      from_id = (select coalesce(max(id), 0) from audit_record);
    return ids;
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
    reached constant pg_snapshot := pg_current_snapshot();
    state audit_chainer;
    ids bigint[];
  begin
    linked := 0;
    more := false;
    select * into state from audit_chainer for update skip locked;
    if not found then return; end if;
    if pg_snapshot_xmin(state.done) > pg_snapshot_xmax(reached) then
      ids := audit_unlinked_after_dump();
    else
      state.target := coalesce(state.target, reached);
      ids := array(
        select r.id from audit_record r
        where r.xid >= pg_snapshot_xmin(state.done) and r.xid < pg_snapshot_xmax(state.target) and r.body_hash is not null
          and pg_visible_in_snapshot(r.xid, state.target) and not pg_visible_in_snapshot(r.xid, state.done)
          and r.id > greatest(state.after_id, state.from_id)
        order by r.id limit batch);
      more := cardinality(ids) = batch;
      if more then
        update audit_chainer set target = state.target, after_id = ids[batch];
      elsif cardinality(ids) > 0 or state.target::text <> reached::text then
        update audit_chainer set done = state.target, target = null, after_id = 0;
        -- A round that began in an earlier call knows nothing of what was committed since.
        more := state.target::text <> reached::text;
      end if;
    end if;
    linked := cardinality(ids);
    if linked > 0 then oldest := audit_link_records(service, ids); end if;
  end $$`;

const FUNCTIONS = [
  'audit_link_waiting(text, int)',
  'audit_unlinked_after_dump()',
  'audit_link_records(text, bigint[])',
  'audit_put_links(audit_head, bytea, bigint[])',
  'audit_head_of(text)',
];
