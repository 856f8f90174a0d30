-- On top of test/server/catalog-schema.sql: what reaches from the granted schema public to things that are not granted.
-- Functions that reach something, so that what calls them is not proven harmless.
create or replace function app.positive(integer) returns boolean language sql immutable as
  'select exists (select from hidden.secrets)';
create or replace function app.tenant() returns text language sql stable as 'select max(value) from hidden.secrets';
create or replace function app.slug(text) returns text language sql immutable as 'select max(value) from hidden.secrets';
create or replace function app.same(text, text) returns boolean language sql immutable as
  'select exists (select from hidden.secrets)';
create or replace function app.mood_text(app.mood) returns text language sql immutable as
  'select max(value) from hidden.secrets';
create or replace function app.mood_json(app.mood) returns json language sql immutable as
  'select to_json(max(value)) from hidden.secrets';
create or replace function app.touch() returns trigger language plpgsql as
  'begin insert into hidden.secrets (id) values (1); return new; end';
create table hidden.cats (lives integer) inherits (public.animals);
create table public.open_parent (i integer);
create table public.payments (id integer primary key, amount numeric);
create table hidden.ledger (payment_id integer references public.payments on delete cascade on update cascade);
create table public.receipts (payment_id integer references public.payments on delete set null);
create table public.moods (mood app.mood, quantity app.quantity);
create table public.guarded (value text);
alter table public.guarded enable row level security;
create policy own on public.guarded using (value = app.tenant());
create table public.plain (id serial primary key, note text);
create view public.nested as select * from public.deep;
create view public.function_scan as select * from pg_ls_dir('.') as entry;
create view public.aggregated as select app.total(id) as total from public.customers;
create view public.windowed as select app.total(id) over () as total from public.customers;
create view public.ordered as select string_agg(name, ',' order by app.slug(name)) as names from public.customers;
create view public.sleeping as select id from public.customers where pg_sleep(1) is not null;
create view public.lateral_view as select s.value from public.customers c, lateral (select value from hidden.secrets) s;
create view public.union_view as select name from public.customers union all select value from hidden.secrets;
create view public.cte_view as with s as (select * from hidden.secrets) select name from public.customers, s;
create view public.harmless as select upper(name) as name, count(*) from public.customers group by 1;
create type app.tone as enum ('red');
create function app.tone_json(app.tone) returns json language sql immutable as
  'select to_json(max(value)) from hidden.secrets';
create function app.tone_text(app.tone) returns text language sql immutable as 'select max(value) from hidden.secrets';
create function app.tone_oid(app.tone) returns oid language sql immutable as
  'select max(id)::oid from hidden.secrets';
create cast (app.tone as json) with function app.tone_json(app.tone);
create cast (app.tone as text) with function app.tone_text(app.tone);
create cast (app.tone as oid) with function app.tone_oid(app.tone);
create table public.tones (tone app.tone);
create function public.round(double precision, integer) returns double precision language sql as 'select $1';
create schema contrib;
create extension pg_trgm schema contrib;
create extension pgcrypto schema contrib;
create extension dblink schema contrib;
create extension tablefunc schema contrib;

create table public.ruled (id integer, note text);
create rule copies as on insert to public.ruled do also insert into hidden.secrets (id) select new.id from public.plain;
create rule drops as on delete to public.ruled do instead (select 1; delete from hidden.secrets);
create rule reads as on update to public.ruled where exists (select from hidden.secrets) do instead nothing;
create table public.ruled_within (id integer, note text);
create rule copies as on insert to public.ruled_within do also insert into public.plain (note) values (new.note);
create table public.notifying (id integer);
create rule tells as on insert to public.notifying do also notify changes;
