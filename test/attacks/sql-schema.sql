-- What test/attacks/sql.test.ts attacks: each value that no grant there may reach has TOPSECRET in it.
create schema hr;
create schema app;

create table public.customers (id int primary key, full_name text not null, email text);
insert into customers values (1, 'Ann', 'TOPSECRET'), (2, 'Bob', 'TOPSECRET');
create table public.orders (id serial primary key, customer_id int references customers, note text default '');
insert into orders (customer_id) values (1), (2);
create table public.payments (id int primary key, card text);
insert into payments values (1, 'TOPSECRET'), (2, 'TOPSECRET');
create table hr.salaries (id int, amount text);
insert into hr.salaries values (1, 'TOPSECRET');
create table public.refunds (id int primary key, payment_id int references payments on delete cascade);
insert into refunds values (1, 1);
create table public.notes (id serial primary key, body text not null, secret text default 'TOPSECRET');
insert into notes (body) values ('a'), ('b');
create table public.tickets (id int, status text);
create sequence public.s;
create sequence hr.s;
create view public.hidden as select amount from hr.salaries;

-- Code writes here.
create table hr.log (what text);

create function app.checked(value int) returns bool language plpgsql
  as $$ begin insert into hr.log values ('domain'); return true; end $$;
create domain app.positive as int check (app.checked(value));
create table public.stock (id int, quantity app.positive);
insert into stock values (1, 2);

create type public.version as (major int, minor int);
create function app.before(a version, b version) returns bool language plpgsql
  as $$ begin insert into hr.log values ('before'); return (a).major < (b).major; end $$;
create function app.same(a version, b version) returns bool language plpgsql
  as $$ begin insert into hr.log values ('same'); return (a).major = (b).major; end $$;
create function app.compare(a version, b version) returns int language plpgsql
  as $$ begin insert into hr.log values ('compare'); return (a).major - (b).major; end $$;
create operator app.<<< (leftarg = version, rightarg = version, function = app.before);
create operator app.=== (leftarg = version, rightarg = version, function = app.same);
create operator class app.versions default for type version using btree
  as operator 1 app.<<<, operator 3 app.===, function 1 app.compare(version, version);
create table public.releases (v version);
insert into releases values (row(1, 2)), (row(0, 1));
create type public.plain_version as (major int, minor int);
create table public.plain_releases (v plain_version);
insert into plain_releases values (row(1, 2)), (row(0, 1));
delete from hr.log;
