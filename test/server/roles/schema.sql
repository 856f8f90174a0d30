-- What scopes are translated over: plain and partitioned tables, inheritance, views of all kinds, sequences of all kinds,
-- cascades, triggers, rules, policies, routines with overloads, names that need quotes, privileges for everybody.
create schema app;
create schema "Odd ""names";
create schema types;
create type types.mood as enum ('glad', 'sad');

create table public.customers (id serial primary key, full_name text, email text, mood types.mood);
create table public.orders (
  id int generated always as identity primary key,
  customer int references public.customers on delete cascade on update cascade, total numeric);
create table public.payments (id int primary key, card text);
create table public.tickets (id serial primary key, title text, updated_at timestamptz);
create table app.notes (id int primary key, body text, author name default current_user);
create table "Odd ""names"."Table ""x" ("Col ""y" int, plain int);

create table public.events (id int, at date) partition by range (at);
create table public.events_old partition of public.events for values from ('2000-01-01') to ('2020-01-01');
create table app.events_new partition of public.events for values from ('2020-01-01') to ('2040-01-01');
create table public.parent (id int);
create table app.child (extra text) inherits (public.parent);

create view public.customer_names as select id, full_name from public.customers;
create view public.cards as select card from public.payments;
create view app.cards_again as select * from public.cards;
create materialized view app.totals as select customer, sum(total) from public.orders group by customer;
create sequence app.numbers;

create function app.touch() returns trigger language plpgsql as
  $$ begin new.updated_at := clock_timestamp(); return new; end $$;
create trigger touch before update on public.tickets for each row execute function app.touch();
create function app.log() returns trigger language plpgsql as
  $$ begin insert into public.payments values (1, 'x'); return new; end $$;
create trigger log after insert on app.notes for each row execute function app.log();
create table public.ruled (id int);
create rule redirect as on insert to public.ruled do instead insert into public.payments values (new.id, 'x');

create function public.calc(integer) returns integer language sql as 'select $1';
create function public.calc(text) returns text language sql as 'select $1';
create procedure app.work(n integer) language plpgsql as $$ begin end $$;
create aggregate app.total(integer) (sfunc = int4pl, stype = integer);
create function app.code() returns text language sql as $$ select 'c' $$;
create function app.owners_code() returns text language sql security definer as $$ select 'c' $$;
create table public.coded (id int, code text default app.code(), other text default app.owners_code());
create view public.codes as select id, app.code() as again from public.coded;
revoke execute on all routines in schema app from public;
revoke execute on function public.calc(text) from public;

create table app.secrets (id int, owner name);
alter table app.secrets enable row level security;
create policy own on app.secrets using (owner = current_user);
create table app.bound (id int);
alter table app.bound enable row level security;
create policy everybody on app.bound using (true);
create policy only_some on app.bound as restrictive to postern using (id < 10);
