-- A database with one of everything that makes a statement reach further than its text says.
create extension hstore;
create extension citext with schema public;
create schema app;
create schema hidden;

create function app.plain(integer) returns integer language sql immutable as 'select $1';
create function app.plain(integer, text) returns integer language sql immutable as 'select $1';
create function app.powerful() returns void language sql security definer as '';
create function app.touch() returns trigger language plpgsql as 'begin return new; end';
create function app.positive(integer) returns boolean language sql immutable as 'select $1 > 0';
create function app.tenant() returns text language sql stable as 'select ''x''::text';
create function app.slug(text) returns text language sql immutable as 'select lower($1)';
create function app.same(text, text) returns boolean language sql immutable as 'select true';
create function app.never(integer, text) returns boolean language sql immutable as 'select false';
create procedure app.proc(text) language sql as '';
create aggregate app.total(integer) (sfunc = int4pl, stype = integer);

create domain app.quantity as integer check (app.positive(value));
create domain app.quantities as app.quantity[];
create type app.line as (label text, quantity app.quantity);
create type app.span as range (subtype = app.quantity);
create type app.mood as enum ('ok', 'bad');
create function app.mood_text(app.mood) returns text language sql immutable as 'select ''?''::text';
create function app.mood_json(app.mood) returns json language sql immutable as 'select ''{}''::json';
create cast (app.mood as text) with function app.mood_text(app.mood) as implicit;
create cast (app.mood as json) with function app.mood_json(app.mood);
create operator app.=== (function = app.same, leftarg = text, rightarg = text);
create operator public.@@@ (function = app.never, leftarg = integer, rightarg = text);

create table public.customers (id serial primary key, name text not null, email text, "Odd Name" text);
create table public.orders (
  id bigint generated always as identity primary key,
  customer_id integer not null references public.customers on delete cascade on update set null,
  reviewer_id integer references public.customers on delete set default,
  note text default app.tenant(),
  quantity app.quantity,
  slug text generated always as (app.slug('x')) stored,
  dropped text,
  check (customer_id operator(pg_catalog.>) 0 and note operator(app.===) note)
);
alter table public.orders drop column dropped;
create index on public.orders ((app.slug(note)));
create table hidden.secrets (id integer, value text, mood app.mood);
alter table hidden.secrets enable row level security;
create policy own on hidden.secrets using (value = app.tenant());
create table hidden.log (at timestamptz default clock_timestamp(), who text default pg_notify('x', 'y')::text);
create table public.tags (tag hstore, name citext unique);

create view public.shown as select id, name from public.customers;
create view public.deep as select s.name, (select count(*) from hidden.secrets) from public.shown s;
create view public.calling as select app.slug(name) as slug from public.customers;
create view public.operating as select name operator(app.===) 'x' as same from public.customers;
create view public.casting as select id::app.quantity from public.customers;
create view public.sessions as select pid, query from pg_stat_activity;
create view public.passwords as select rolname, rolpassword from pg_authid;
create view public.files as select pg_read_file(name) from public.customers;
create materialized view public.summary as select count(*) from hidden.secrets;
create view public.remote as select nextval('public.customers_id_seq') as n;

create table public.events (at date not null, kind text) partition by range (at);
create table public.events_2026 partition of public.events for values from ('2026-01-01') to ('2027-01-01');
create table public.animals (name text);
create table public.dogs (breed text) inherits (public.animals);

create trigger touched before insert or update on public.customers for each row execute function app.touch();
create trigger sleeping after delete on public.customers for each row execute function app.touch();
alter table public.customers disable trigger sleeping;
create trigger conditional after truncate on public.orders when (app.positive(1)) execute function app.touch();
create rule notice as on update to public.animals do also select 1;
create trigger vectors before insert on public.animals for each row
  execute function suppress_redundant_updates_trigger();

create table public."MiXed" (i integer);
create temporary table shadow (i integer);
