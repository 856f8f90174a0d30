-- Code that runs implicitly, and what it does.
create schema app;
create schema hidden;
create schema other;
create table hidden.log (id serial primary key, note text, at timestamptz default now());
create table hidden.secrets (id int, value text);
insert into hidden.secrets values (1, 'secret');
create table public.notes (id int, note text);
create table other.notes (id int, note text);

-- Triggers.
create function app.touch() returns trigger language plpgsql as 'begin new.updated_at := now(); return new; end';
create table public.touched (id int primary key, name text, updated_at timestamptz);
insert into touched values (1, 'a', null);
create trigger touch before insert or update on touched for each row execute function app.touch();

create function app.audit() returns trigger language plpgsql as $$
begin
  insert into hidden.log (note) values (tg_op || coalesce(row_to_json(new)::text, ''));
  return coalesce(new, old);
end $$;
create table public.audited (id int primary key, name text);
insert into audited values (1, 'a');
create trigger audit after insert or update or delete on audited for each row execute function app.audit();
create table public.parent (id int primary key);
insert into parent values (1);
create table public.cascaded (id int references parent on delete cascade);
insert into cascaded values (1);
create trigger audit after delete on cascaded for each row execute function app.audit();

create function app.audit_rows() returns trigger language plpgsql as $$
begin
  insert into public.notes select id, name from fresh_rows;
  return null;
end $$;
create table public.batched (id int, name text);
create trigger audit after insert on batched referencing new table as fresh_rows
  for each statement execute function app.audit_rows();

create function app.dynamic() returns trigger language plpgsql as $$
begin
  execute format('insert into %I.log (note) values (%L)', 'hidden', new.name);
  return new;
end $$;
create table public.dynamic (id int, name text);
create trigger dynamic before insert on dynamic for each row execute function app.dynamic();

create function app.looping() returns trigger language plpgsql as $$
declare r record; n int := 0;
begin
  for r in select id from notes where id < 10 loop
    n := n + r.id;
    if n > 5 then exit; end if;
  end loop;
  begin
    perform 1 / n;
  exception when division_by_zero then
    insert into hidden.log (note) values ('zero');
  end;
  return new;
end $$;
create table public.looped (id int, name text);
create trigger looping before insert on looped for each row execute function app.looping();

create function app.helper(text) returns text language sql as 'select lower($1)';
create function app.writing_helper(text) returns text language sql as
  'insert into hidden.log (note) values ($1) returning note';
create function app.helped() returns trigger language plpgsql as
  'begin new.name := app.helper(new.name); return new; end';
create function app.helped_badly() returns trigger language plpgsql as
  'begin new.name := app.writing_helper(new.name); return new; end';
create table public.helped (id int, name text);
create trigger helped before insert on helped for each row execute function app.helped();
create table public.helped_badly (id int, name text);
create trigger helped before insert on helped_badly for each row execute function app.helped_badly();

create function app.recursive() returns trigger language plpgsql as $$
begin
  if new.id > 0 then insert into recursive values (new.id - 1, new.name); end if;
  return new;
end $$;
create table public.recursive (id int, name text);
create trigger recursive after insert on recursive for each row execute function app.recursive();

create function app.unqualified() returns trigger language plpgsql as
  $$ begin insert into notes values (new.id, new.name); return new; end $$;
create table public.unqualified (id int, name text);
create trigger unqualified before insert on unqualified for each row execute function app.unqualified();
create function app.pathed() returns trigger language plpgsql set search_path = other as
  $$ begin insert into notes values (new.id, new.name); return new; end $$;
create table public.pathed (id int, name text);
create trigger pathed before insert on pathed for each row execute function app.pathed();
create table public.late (id int, name text);
create constraint trigger late after insert on late deferrable initially deferred
  for each row execute function app.unqualified();

create function app.definer() returns trigger language plpgsql security definer set search_path = '' as
  $$ begin insert into public.notes values (new.id, new.name); return new; end $$;
create table public.defined (id int, name text);
create trigger definer before insert on defined for each row execute function app.definer();
create function app.careless() returns trigger language plpgsql security definer as
  $$ begin insert into public.notes values (new.id, new.name); return new; end $$;
create table public.careless (id int, name text);
create trigger careless before insert on careless for each row execute function app.careless();

create function app.configures() returns trigger language plpgsql as
  $$ begin perform set_config('search_path', 'hidden', false); return new; end $$;
create table public.configured (id int, name text);
create trigger configures before insert on configured for each row execute function app.configures();

create function app.rekeys() returns trigger language plpgsql as 'begin new.id := new.id + 1; return new; end';
create table public.rekeyed (id int primary key, name text);
insert into rekeyed values (1, 'a');
create table hidden.follower (id int references rekeyed on update cascade);
insert into hidden.follower values (1);
create trigger rekeys before update on rekeyed for each row execute function app.rekeys();

create table public.viewed (id int, name text);
create view public.view_of as select id, name from viewed;
create function app.instead() returns trigger language plpgsql as
  $$ begin insert into public.notes values (new.id, new.name); return new; end $$;
create trigger instead instead of insert on view_of for each row execute function app.instead();

-- Checks, defaults, generated columns, indexes, domains, policies.
create function app.positive(int) returns boolean language sql immutable as 'select $1 > 0';
create function app.logs(int) returns boolean language plpgsql as
  $$ begin insert into hidden.log (note) values ('check'); return true; end $$;
create function app.slug(text) returns text language sql immutable as $$ select replace(lower($1), ' ', '-') $$;
create function app.next_note() returns text language sql as $$ select 'n' || count(*) from notes $$;
create function app.leaks() returns text language sql stable as 'select max(value) from hidden.secrets';
create domain app.quantity as int check (app.positive(value));
create domain app.logged as int check (app.logs(value));
create table public.proven (
  id int check (app.positive(id)),
  name text default app.next_note(),
  slug text generated always as (app.slug(name)) stored,
  quantity app.quantity
);
create index on proven (app.slug(name));
create table public.leaking (id int, name text default app.leaks());
create table public.logging (id int check (app.logs(id)), name text);
create table public.domained (id int, quantity app.logged);
insert into domained values (1, 1);
create function app.mine(text) returns boolean language sql stable as $$ select $1 is not null $$;
create function app.secretly() returns boolean language sql stable as 'select exists (select from hidden.secrets)';
create table public.guarded (id int, name text);
alter table guarded enable row level security;
create policy mine on guarded using (app.mine(name));
create table public.guarded_by_others (id int, name text);
alter table guarded_by_others enable row level security;
create policy others on guarded_by_others using (app.secretly());
insert into guarded_by_others values (1, 'a');
create view public.slugs as select app.slug(name) as slug from audited;
create view public.leaked as select app.leaks() as leak;

-- Written by the client: such a function needs execute by name, whatever it does.
create function app.same(text, text) returns boolean language sql as 'select $1 = $2';
create operator public.=== (function = app.same, leftarg = text, rightarg = text);
create type public.tone as enum ('red');
create function app.tone_text(public.tone) returns text language sql as $$ select 'x'::text $$;
create cast (public.tone as text) with function app.tone_text(public.tone);

-- Rules.
create table public.ruled (id int, name text);
insert into ruled values (1, 'a');
create rule logs as on insert to ruled do also insert into hidden.log (note) values (new.name);
create rule notes as on delete to ruled do also insert into public.notes values (old.id, old.name);
create rule leaks as on update to ruled do instead select value from hidden.secrets;

create role service;
grant all on all tables in schema public, hidden, other to service;
grant all on all sequences in schema public, hidden, other to service;
grant usage on schema public, app, hidden, other to service;
alter schema public owner to service;
alter view view_of owner to service;
alter table logging owner to service;
insert into logging values (1);

-- Event triggers run on DDL.
create function app.log_ddl() returns event_trigger language plpgsql as $$
declare command record;
begin
  for command in select * from pg_event_trigger_ddl_commands() loop
    insert into hidden.log (note) values (command.command_tag || tg_tag);
  end loop;
end $$;
create event trigger log_ddl on ddl_command_end execute function app.log_ddl();

-- Variables of composite types, whose defaults the parser's output lacks; a row that a loop makes.
create function app.recorded() returns trigger language plpgsql as $$
declare
  kept public.notes not null := row(1, 'a = b'); -- a constant
  "Odd" record = row(app.logs(new.id));
begin
  kept.note := 'x';
  return new;
end $$;
create table public.recorded (id int, name text);
create trigger recorded before insert on recorded for each row execute function app.recorded();
create function app.plainly() returns trigger language plpgsql as $$
declare kept public.notes := row(new.id, ';'); begin select * into kept from public.notes; return new; end $$;
create table public.plainly (id int, name text);
create trigger plainly before insert on plainly for each row execute function app.plainly();
create table public.rerowed (id int primary key, name text);
insert into rerowed values (1, 'a');
create table hidden.rerowed (id int references public.rerowed on update cascade);
insert into hidden.rerowed values (1);
create function app.rerows() returns trigger language plpgsql as $$
declare rows public.rerowed[] := array[row(2, 'b')::public.rerowed];
begin foreach new in array rows loop null; end loop; return new; end $$;
create trigger rerows before update on rerowed for each row execute function app.rerows();

-- Casts that apply where no type is written.
create type public.level as enum ('low');
create function app.level_number(public.level) returns oid language plpgsql as
  $$ begin insert into hidden.log (note) values ('level'); return 1::oid; end $$;
create cast (public.level as oid) with function app.level_number(public.level) as assignment;
create type public.shade as enum ('dark');
create function app.number_shade(macaddr) returns public.shade language plpgsql as
  $$ begin insert into hidden.log (note) values ('shade'); return 'dark'; end $$;
create cast (macaddr as public.shade) with function app.number_shade(macaddr) as assignment;
create table public.numbered (number oid);

-- Bodies that PostgreSQL keeps as trees.
create function app.note_atomic(note text) returns boolean language sql begin atomic
  insert into hidden.log (note) values (note);
  select true;
end;
create table public.noted (id int, name text check (app.note_atomic(name)));
create function other.lower(text) returns text language plpgsql as
  $$ begin insert into hidden.log (note) values ('lower'); return $1; end $$;
create function app.initials(name text) returns text language sql immutable
  return (select string_agg(left(lower(word), 1), '') from regexp_split_to_table(name, ' ') word);
create function app.nothing() returns void language sql begin atomic end;
create table public.abbreviated (id int, name text, initials text generated always as (app.initials(name)) stored);
create view public.initials as select app.initials(name) as initials, app.nothing()::text from audited;
create function app.newest() returns text language sql
  return (select note from public.notes order by id desc limit 1);
create table public.newest (id int, note text default app.newest());
create table public.shaded (shade public.shade, shades public.shade[]);
grant all on all tables in schema public, hidden to service;
