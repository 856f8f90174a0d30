-- What the traces run on. Reset before each trace by reset.sql.
create schema trace authorization trace_owner;
set role trace_owner;
set search_path = trace;

create table items (
  id integer primary key,
  name text not null,
  price numeric(10, 2) check (price >= 0)
);
create table notes (
  id integer generated always as identity primary key,
  body text
);
create table parts (
  item integer references items deferrable initially deferred
);
-- Nobody but its owner may read it, and no grant of a trace covers it.
create table payments (
  id integer primary key,
  card text not null
);
create function warn(message text) returns void language plpgsql as $$
begin
  raise warning '%', message;
end $$;

grant usage on schema trace to trace_limited;
grant select, insert, update on items, notes, parts to trace_limited;
reset role;
