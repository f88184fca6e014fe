/**
 * Takes from everybody, the owner too, what nobody needs on the audit tables, and leaves the chain to the function that links. Runs after
 * every migration, because tables get their grants when they are made or handed over. A superuser remains, and is what checkpoints kept
 * elsewhere are for.
 */
export const CLOSE_AUDIT = `
  do $$
  declare
    of_table record;
    allowed text[];
  begin
    for of_table in
      select c.relname, c.relowner, a.grantee, a.privilege_type
      from pg_class c cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
      where c.relnamespace = current_schema()::regnamespace and c.relname in ('audit_record', 'audit_link', 'audit_head', 'audit_chainer')
    loop
      allowed := case
        when of_table.relname = 'audit_record' then array['SELECT', 'INSERT', 'REFERENCES', 'TRIGGER', 'MAINTAIN']
        when of_table.grantee <> of_table.relowner then array['SELECT']
        when of_table.relname = 'audit_link' then array['SELECT', 'INSERT', 'REFERENCES', 'TRIGGER', 'MAINTAIN']
        else array['SELECT', 'INSERT', 'UPDATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'] end;
      if of_table.privilege_type <> all (allowed) then
        execute format('revoke %s on %I from %s', of_table.privilege_type, of_table.relname,
          case when of_table.grantee = 0 then 'public' else quote_ident(of_table.grantee::regrole::text) end);
      end if;
    end loop;
  end $$`;
