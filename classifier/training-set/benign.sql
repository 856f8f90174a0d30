-- One statement a line; a line `-- kind:` says what those below it are. Written for the sample shop (server/demo/shop.sql).
-- kind: app
select id, full_name, email from customers where id = $1
select id, full_name, email from customers where email = 'alice.adler1@mail.example'
SELECT "customers".* FROM "customers" WHERE "customers"."id" = 4711 LIMIT 1
SELECT o.id, o.status, o.total FROM orders o WHERE o.customer_id = $1 ORDER BY o.placed_at DESC LIMIT 20
SELECT o.id, o.status, o.total FROM orders o WHERE o.customer_id = 981 AND o.status IN ('placed', 'paid') ORDER BY o.placed_at DESC LIMIT 20 OFFSET 40
insert into tickets (customer_id, order_id, subject, status, created_at, updated_at) values ($1, $2, $3, 'open', now(), now()) returning id
insert into tickets (customer_id, order_id, subject, created_at, updated_at) values (17, 2044, 'Where is my parcel?', now(), now()) returning id
INSERT INTO addresses (customer_id, kind, street, postal_code, city, country) VALUES (12, 'billing', '5 Mill Street', '04711', 'Oakville', 'DE'), (12, 'shipping', '7 Park Street', '04712', 'Oakville', 'DE')
update tickets set status = 'closed', updated_at = now() where id = $1 and assignee_id = $2
UPDATE "orders" SET "status" = 'shipped', "total" = 99.90 WHERE "orders"."id" = 55
update products set stock = stock - 1 where id = 12 and stock > 0 returning stock
delete from order_items where order_id = $1 and line = $2
DELETE FROM addresses WHERE customer_id = 99 AND kind = 'shipping'
select count(*) from tickets where status <> 'closed' and assignee_id = 4
select exists (select 1 from orders where customer_id = 4 and status = 'placed')
SELECT 1 AS one FROM customers WHERE customers.email = 'a@mail.example' LIMIT 1
select p.id, p.name, p.price from products p where p.category_id = any($1) and p.stock > 0 order by p.name
select p.* from products p join categories c on c.id = p.category_id where c.name = 'Books' and p.price between 5 and 20
select p.name from products p where p.name ilike '%lamp%' or p.sku ilike '%lamp%' order by p.name limit 10
select attributes ->> 'color' as color from products where attributes @> '{"size": "M"}'
insert into products (category_id, sku, name, price) values (3, 'GA-0001', 'Rake', 12.5) on conflict (sku) do update set price = excluded.price, name = excluded.name
with moved as (delete from tickets where status = 'closed' and updated_at < now() - interval '2 years' returning *) select count(*) from moved
select t.id, t.subject, c.full_name from tickets t join customers c on c.id = t.customer_id where t.assignee_id = 7 and t.status = 'open' for update of t skip locked limit 1
select * from orders where id = 1000
select * from customers where newsletter and created_at > '2024-01-01' limit 50
select coalesce(sum(total), 0) from orders where customer_id = 5
select id from customers where lower(email) = lower('Alice@Mail.Example')
insert into analytics.page_views (customer_id, path, viewed_at) select $1, $2, now()
select setval('orders_id_seq', (select max(id) from orders))
select nextval('customers_id_seq')
select 1
select now()
begin
commit
rollback
set statement_timeout = '5s'
set search_path to public, analytics
show server_version
savepoint before_charge
select pg_advisory_xact_lock(4711)
listen orders_changed
notify orders_changed, '42'
select current_setting('app.tenant', true)
select set_config('app.tenant', '12', true)
select subject from tickets where subject = 'It''s broken (again); please call'
select subject from tickets where subject like '%50\% off -- today only%'
insert into tickets (customer_id, subject, created_at, updated_at) values (3, 'select your size: S or M?', now(), now())
insert into tickets (customer_id, subject, created_at, updated_at) values (3, 'Union Street 5 -- second floor', now(), now())
update customers set full_name = 'Conor O''Neill' where id = 33
select id from customers where full_name = ''
-- kind: orm
SELECT "t0"."id" AS "id", "t0"."full_name" AS "fullName" FROM "customers" AS "t0" WHERE ("t0"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3
SELECT "public"."orders"."id", "public"."orders"."total" FROM "public"."orders" WHERE 1=1 OFFSET 0
SELECT "public"."orders"."id" FROM "public"."orders" WHERE 1=0
SELECT * FROM orders WHERE 1 = 1 AND status = 'paid' AND total > 100
SELECT * FROM orders WHERE true AND customer_id = 3
select * from "tickets" as "t" where (("t"."status" = 'open') and ("t"."assignee_id" is null)) order by "t"."id" asc limit 10
select "id" from "orders" where "customer_id" in (1, 2, 3, 4, 5) and "status" not in ('returned')
select "id" from "orders" where false
SELECT DISTINCT ON (o.customer_id) o.* FROM orders o ORDER BY o.customer_id, o.placed_at DESC
SELECT anon_1.id FROM (SELECT orders.id AS id FROM orders WHERE orders.total > 10) AS anon_1 WHERE anon_1.id < 100
INSERT INTO "tickets" ("customer_id", "subject", "created_at", "updated_at") VALUES ($1, $2, DEFAULT, DEFAULT) RETURNING "tickets"."id", "tickets"."subject"
UPDATE "tickets" AS "t" SET "status" = CAST($1::text AS "public"."ticket_status") WHERE ("t"."id" = $2 AND 1=1) RETURNING "t"."id"
select (select count(*) from order_items i where i.order_id = o.id) as "items", o.id from orders o where o.id = any($1)
select json_build_object('id', c.id, 'name', c.full_name, 'orders', (select coalesce(json_agg(json_build_object('id', o.id, 'total', o.total)), '[]') from orders o where o.customer_id = c.id)) from customers c where c.id = $1
SELECT COALESCE(JSON_AGG(root), '[]') AS root FROM (SELECT ROW_TO_JSON((SELECT e FROM (SELECT t.id AS id, t.subject AS subject) AS e)) AS root FROM (SELECT * FROM public.tickets WHERE status = 'open' LIMIT 20) AS t) AS r
select to_jsonb(o) from orders o where o.id = 5
SELECT "a"."id" FROM "orders" AS "a" WHERE NOT (("a"."status" = 'paid' OR "a"."total" < 0) AND "a"."customer_id" IS NOT NULL)
SELECT id FROM orders WHERE (status, customer_id) IN (('paid', 3), ('placed', 4))
SELECT id FROM orders WHERE (placed_at, id) < ('2024-02-03', 500) ORDER BY placed_at DESC, id DESC LIMIT 25
SELECT CASE WHEN total > 100 THEN 'big' WHEN total > 10 THEN 'usual' ELSE 'small' END AS size, count(*) FROM orders GROUP BY 1 ORDER BY 1
select 1 as "x" union all select 2 as "x"
select "id" from "orders" where "total" > (select avg("total") from "orders")
select * from (values (1, 'a'), (2, 'b')) as v(id, name)
SELECT cast('2024-01-01' as date), cast('12' as int), 'a' || 'b'
select 'test' = 'test'
select "id", "full_name" from "customers" where "full_name" like '%' || $1 || '%'
-- kind: analyst
select date_trunc('month', placed_at) as month, sum(total) from orders group by 1 order by 1
select c.name, count(*) as sold, sum(i.quantity * i.unit_price) as revenue from order_items i join products p on p.id = i.product_id join categories c on c.id = p.category_id group by c.name order by revenue desc
select count(*) from customers
select count(distinct customer_id) from orders where placed_at >= '2024-01-01' and placed_at < '2024-02-01'
select * from categories
select * from products order by price desc
select name, price from products
select distinct country from addresses
select status, count(*) from orders group by status having count(*) > 10
select avg(total), percentile_cont(0.5) within group (order by total) from orders
select a.country, count(*) from customers c join addresses a on a.customer_id = c.id where a.kind = 'billing' group by a.country order by 2 desc limit 10
with monthly as (select date_trunc('month', placed_at) m, sum(total) t from orders group by 1) select m, t, t - lag(t) over (order by m) as change from monthly
select customer_id, rank() over (order by sum(total) desc) from orders group by customer_id limit 100
select id from customers except select customer_id from orders
select customer_id from orders where status = 'returned' intersect select customer_id from tickets
select email from customers union select email from employees
select 'orders' as what, count(*) from orders union all select 'tickets', count(*) from tickets union all select 'customers', count(*) from customers
select name from products where id not in (select product_id from order_items)
select full_name from employees where salary > (select avg(salary) from employees)
select path, count(*) from analytics.page_views where viewed_at > now() - interval '7 days' group by path order by count(*) desc limit 20
select d::date, count(o.id) from generate_series('2024-01-01'::date, '2024-12-31', '1 day') d left join orders o on o.placed_at::date = d::date group by d order by d
select width_bucket(total, 0, 1000, 10) as bucket, count(*) from orders group by bucket order by bucket
select extract(dow from placed_at), count(*) from orders group by 1
select substring(email from position('@' in email) + 1) as domain, count(*) from customers group by 1 order by 2 desc
select left(full_name, 1) as initial, count(*) from customers group by initial
select md5(email), count(*) from customers c join orders o on o.customer_id = c.id group by 1 limit 100
select string_agg(name, ', ' order by name) from products where category_id = 2
select customer_id, array_agg(status order by placed_at) from orders group by customer_id limit 50
select o.*, c.full_name from orders o, customers c where c.id = o.customer_id and o.total > 900
select max(price), min(price) from products
select * from orders tablesample system (1)
select full_name from customers order by random() limit 5
select corr(p.price, i.quantity) from order_items i join products p on p.id = i.product_id
select 100.0 * count(*) filter (where status = 'returned') / count(*) from orders
explain select * from orders where customer_id = 4
explain (analyze, buffers) select count(*) from orders where placed_at > '2024-01-01'
select * from customers limit 10
select concat(full_name, ' <', email, '>') from customers where id between 10 and 20
select to_char(placed_at, 'YYYY-MM'), round(avg(total), 2) from orders group by 1
select country, city, count(*) from addresses group by rollup (country, city)
with recursive days(d) as (select date '2024-01-01' union all select d + 1 from days where d < date '2024-01-31') select d from days
-- kind: etl
create table analytics.daily_tmp as (with base as (select * from orders), done as (select placed_at::date as day, sum(total) as total from base group by 1) select * from done)
with source as (select * from orders), renamed as (select id as order_id, total as amount, status from source) select * from renamed
truncate table analytics.page_views_staging
drop table if exists analytics.daily__backup cascade
alter table analytics.daily rename to daily__backup
insert into analytics.daily select placed_at::date, count(*), sum(total) from orders group by 1
insert into analytics.daily select * from analytics.daily_staging
delete from analytics.daily where day >= '2024-03-01'
delete from analytics.daily_staging
copy analytics.page_views (customer_id, path, viewed_at) from stdin with (format csv)
copy products from stdin
copy products from '/srv/load/products.csv' csv header
copy (select day, total from analytics.daily where day > '2024-01-01') to stdout with csv header
create temp table seen on commit drop as select id from orders where placed_at > now() - interval '1 day'
merge into products p using incoming i on p.sku = i.sku when matched then update set price = i.price when not matched then insert (category_id, sku, name, price) values (i.category_id, i.sku, i.name, i.price)
refresh materialized view concurrently analytics.sales
select * from analytics.daily_tmp where day > (select max(day) from analytics.daily)
analyze analytics.daily
update products set price = round(price * 1.02, 2)
update customers set newsletter = false where newsletter is null
update orders set total = (select coalesce(sum(quantity * unit_price), 0) from order_items i where i.order_id = orders.id)
update analytics.state set last_run = now()
-- kind: migration
create table refunds (id bigint primary key generated always as identity, order_id int not null references orders, amount numeric(12, 2) not null check (amount > 0), created_at timestamptz not null default now())
create table if not exists schema_migrations (version varchar(255) primary key)
create unique index concurrently customers_email_key on customers (lower(email))
create index if not exists orders_placed_at_idx on orders using btree (placed_at desc) where status <> 'returned'
alter table orders add column note text
alter table orders add column if not exists channel text not null default 'web'
alter table orders drop column note
alter table orders alter column total set not null, alter column status drop default
alter table tickets add constraint tickets_order_fk foreign key (order_id) references orders (id) not valid
alter table tickets validate constraint tickets_order_fk
alter table tickets drop constraint if exists tickets_order_fk
alter table products rename column stock to in_stock
alter type order_status add value if not exists 'lost'
create type refund_status as enum ('asked', 'paid')
create view open_tickets as select * from tickets where status <> 'closed'
create or replace view big_orders as select id, total from orders where total > 500
create materialized view analytics.sales as select placed_at::date as day, sum(total) as total from orders group by 1
create function touch() returns trigger as $$ begin new.updated_at = now(); return new; end $$ language plpgsql
create or replace function order_total(int) returns numeric as 'select sum(quantity * unit_price) from order_items where order_id = $1' language sql stable
create trigger tickets_touch before update on tickets for each row execute function touch()
drop trigger if exists tickets_touch on tickets
drop index if exists orders_placed_at_idx
drop index concurrently orders_old_idx
drop table old_orders
drop table if exists a_staging, b_staging cascade
drop view if exists big_orders
drop function if exists order_total(int)
drop sequence invoice_seq
drop type if exists refund_status
drop materialized view analytics.sales
drop schema if exists test_1 cascade
create schema if not exists reporting
create extension if not exists pgcrypto
create extension pg_stat_statements
comment on table orders is 'One row per order; see also payments'
comment on column customers.email is 'Lower case; unique -- checked by the shop'
insert into schema_migrations (version) values ('20240301120000')
select pg_catalog.setval('refunds_id_seq', 1, false)
create policy own_rows on tickets using (assignee_id = current_setting('app.employee')::int)
alter table tickets enable row level security
alter table orders owner to shop_owner
grant select on all tables in schema analytics to reporting
grant usage on schema analytics to reporting
grant select, insert, update on tickets to support
revoke all on payments from public
create role reporting nologin
create role reader login
alter role reporting set statement_timeout = '1min'
alter default privileges in schema analytics grant select on tables to reporting
drop role if exists old_reporting
create database shop_test template shop
drop database if exists shop_test
do $$ begin if not exists (select 1 from pg_type where typname = 'refund_status') then create type refund_status as enum ('asked', 'paid'); end if; end $$
lock table orders in share row exclusive mode
truncate order_items, orders restart identity cascade
delete from sessions
delete from jobs
update settings set value = 'on'
create table orders_2024 partition of orders_all for values from ('2024-01-01') to ('2025-01-01')
alter table orders_all attach partition orders_2023 for values from ('2023-01-01') to ('2024-01-01')
alter table orders_all detach partition orders_2019
create publication shop_orders for table orders, order_items
alter sequence orders_id_seq restart with 1000
reindex index concurrently customers_email_key
-- kind: dba
select pid, usename, state, query from pg_stat_activity where state <> 'idle' order by query_start
select pid, now() - xact_start as age, left(query, 80) from pg_stat_activity where xact_start < now() - interval '5 minutes' and pid <> pg_backend_pid()
select pg_cancel_backend(12345)
select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and state_change < now() - interval '1 hour'
select pg_terminate_backend(pid) from pg_stat_activity where datname = 'shop_test' and pid <> pg_backend_pid()
select relname, n_dead_tup, last_autovacuum from pg_stat_user_tables order by n_dead_tup desc limit 20
select schemaname, relname, seq_scan, idx_scan from pg_stat_user_tables where seq_scan > 1000
select indexrelname, pg_size_pretty(pg_relation_size(indexrelid)) from pg_stat_user_indexes where idx_scan = 0
select datname, pg_size_pretty(pg_database_size(datname)) from pg_database
select pg_size_pretty(pg_total_relation_size('orders'))
select * from pg_stat_replication
select * from pg_replication_slots
select query, calls, total_exec_time, rows from pg_stat_statements order by total_exec_time desc limit 20
select pg_stat_statements_reset()
select blocked.pid, blocking.pid, blocked.query from pg_locks bl join pg_stat_activity blocked on blocked.pid = bl.pid join pg_locks kl on kl.transactionid = bl.transactionid and kl.pid <> bl.pid join pg_stat_activity blocking on blocking.pid = kl.pid where not bl.granted
select name, setting, unit from pg_settings where name like 'autovacuum%'
select pg_reload_conf()
select pg_is_in_recovery(), pg_last_wal_replay_lsn()
select count(*), sum(size) from pg_ls_waldir()
select version()
select current_user, session_user, current_database()
select inet_server_addr(), inet_server_port()
select pg_postmaster_start_time()
select rolname, rolsuper, rolcanlogin from pg_roles order by rolname
select r.rolname, m.rolname as member_of from pg_auth_members a join pg_roles r on r.oid = a.member join pg_roles m on m.oid = a.roleid
select grantee, privilege_type from information_schema.role_table_grants where table_name = 'orders'
select has_table_privilege('reporting', 'orders', 'select')
vacuum (analyze, verbose) orders
vacuum full analytics.page_views
analyze
checkpoint
alter role reporting connection limit 5
alter user reader password 'scram-sha-256$4096'
alter table orders set (autovacuum_vacuum_scale_factor = 0.02)
alter system set work_mem = '64MB'
alter database shop set timezone to 'UTC'
reset all
set work_mem = '256MB'
set role reporting
set log_min_duration_statement = 500
select pg_sleep(1)
select spcname, pg_tablespace_location(oid) from pg_tablespace
select sum(heap_blks_hit) / nullif(sum(heap_blks_hit) + sum(heap_blks_read), 0) as ratio from pg_statio_user_tables
select c.relname, age(c.relfrozenxid) from pg_class c where c.relkind = 'r' order by 2 desc limit 10
select case when pg_is_in_recovery() then 0 else 1 end as is_primary
select coalesce(max(extract(epoch from now() - xact_start)), 0) from pg_stat_activity where state in ('idle in transaction', 'active')
select s.datname, case when s.blks_hit + s.blks_read = 0 then 0 else round(100.0 * s.blks_hit / (s.blks_hit + s.blks_read), 2) end as hit from pg_stat_database s where s.datname not like 'template%'
select 'x' as check, (select count(*) from pg_stat_activity) as connections, (select setting::int from pg_settings where name = 'max_connections') as most
grant pg_monitor to monitoring
grant pg_read_all_stats to monitoring
create user monitoring with password 'secret' connection limit 3
select pg_create_restore_point('before_release')
select pg_switch_wal()
select slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) from pg_replication_slots
prepare transaction 'shop-1'
cluster orders using orders_placed_at_idx
-- kind: catalog
select n.nspname as "Schema", c.relname as "Name", case c.relkind when 'r' then 'table' when 'v' then 'view' when 'm' then 'materialized view' when 'i' then 'index' when 'S' then 'sequence' end as "Type", pg_catalog.pg_get_userbyid(c.relowner) as "Owner" from pg_catalog.pg_class c left join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v') and n.nspname <> 'pg_catalog' and pg_catalog.pg_table_is_visible(c.oid) order by 1, 2
select c.oid, n.nspname, c.relname from pg_catalog.pg_class c left join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relname operator(pg_catalog.~) '^(orders)$' collate pg_catalog.default and pg_catalog.pg_table_is_visible(c.oid) order by 2, 3
select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (select substring(pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) for 128) from pg_catalog.pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum and a.atthasdef), a.attnotnull from pg_catalog.pg_attribute a where a.attrelid = '16400' and a.attnum > 0 and not a.attisdropped order by a.attnum
select table_schema, table_name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')
select column_name, data_type, is_nullable from information_schema.columns where table_schema = 'public' and table_name = 'orders' order by ordinal_position
select tc.constraint_name, kcu.column_name from information_schema.table_constraints tc join information_schema.key_column_usage kcu on kcu.constraint_name = tc.constraint_name where tc.constraint_type = 'PRIMARY KEY' and tc.table_name = 'orders'
select i.relname, a.attname from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid join pg_attribute a on a.attrelid = t.oid and a.attnum = any(x.indkey) where t.relname = 'orders'
select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'orders'::regclass
select oid, typname, typarray from pg_type where typname in ('order_status', 'ticket_status')
select e.enumlabel from pg_enum e join pg_type t on t.oid = e.enumtypid where t.typname = 'order_status' order by e.enumsortorder
select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by nspname
select proname, pg_get_function_identity_arguments(oid) from pg_proc where pronamespace = 'public'::regnamespace
select extname, extversion from pg_extension
select datname from pg_database where datallowconn and not datistemplate order by 1
select viewname, definition from pg_views where schemaname = 'public'
select sequencename, last_value from pg_sequences
select tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
select polname, pg_get_expr(polqual, polrelid) from pg_policy
select exists (select 1 from pg_tables where schemaname = 'public' and tablename = 'orders')
select exists(select * from information_schema.tables where table_name = 'orders' and table_schema = current_schema())
select current_schema(), current_schemas(true)
select to_regclass('public.orders') is not null
select pg_get_viewdef('open_tickets'::regclass, true)
select relname, reltuples::bigint from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
select obj_description('orders'::regclass), col_description('orders'::regclass, 1)
select l.lanname from pg_language l where l.lanispl
select t.tablename as name, 'table' as kind from pg_tables t where t.schemaname = 'public' union all select v.viewname, 'view' from pg_views v where v.schemaname = 'public' order by name
select null as table_cat, n.nspname as table_schem, c.relname as table_name, null as remarks from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname like 'public' and c.relname like '%'
-- kind: odd
select ascii('a'), chr(97), upper('x')
select 'a' || 'b' || 'c' as abc
select case when 1 = 1 then 'yes' else 'no' end
select null::int union select 1 union select 2
select 1, 2, 3 union all select 4, 5, 6 order by 1
select * from orders o cross join lateral (select count(*) as items from order_items i where i.order_id = o.id) x where o.id = 4
select * from categories a, categories b
select * from generate_series(1, 1000000) as g(n) where n % 7 = 0
select count(*) from generate_series(1, 10000000)
select repeat('x', 1000), lpad('7', 3, '0'), to_hex(255), encode('abc', 'base64')
select greatest(1, 2, 3), nullif(1, 1), coalesce(null, 5)
select 0x1f, 0b101, 1_000_000
select U&'d\0061t\+000061', E'a\nb', $tag$text$tag$
select id from orders where id = 1 or id = 2 or id = 3 or (status = 'paid' and total > 5)
select id from orders where status = 'paid' or status is null
select id from orders where id = -1
select id from orders where (('paid' = status))
select /* list of orders */ id from orders -- newest first
select /*+ IndexScan(orders) */ id from orders where customer_id = 3
select id /* c */ from orders /* d */ where id = 3 /* application:shop,controller:orders */
select id from orders where status = 'paid' -- and total > 5
select xmlelement(name order, id) from orders where id = 4
select query_to_xml('select 1', true, false, '')
select convert_from(decode('aGVsbG8=', 'base64'), 'utf8')
declare c cursor for select id, total from orders where status = 'paid'
fetch forward 100 from c
close c
values (1, 'one'), (2, 'two')
select not true, true and false, true or false
select 3 > 2, 'a' < 'b', 5 between 1 and 10, 'abc' like 'a%'
select '10'::int + 5, (2 + 3) * 4, 7 % 3, 2 ^ 10
select date '2024-01-01' + interval '1 month', age(timestamp '2024-01-01', timestamp '2023-01-01')
execute find_order(42)
prepare find_order(int) as select * from orders where id = $1
deallocate all
discard all
call close_day('2024-01-31')
select close_day(current_date)
copy orders to stdout
copy (select id from orders where status = 'paid') to stdout
select lo_create(0)
select random(), gen_random_uuid(), clock_timestamp()
select id from products where price::text ~ '^[0-9]+$'
select regexp_replace(path, '[0-9]+', 'N', 'g'), count(*) from analytics.page_views group by 1
select (select 1), (select count(*) from orders), exists (select 1)
select array[1, 2, 3], '{1,2}'::int[], row(1, 'a')
insert into products (category_id, sku, name, price) values ((select id from categories where name = 'Books'), 'BO-1', 'Atlas', 30)
update tickets set assignee_id = (select id from employees where team = 'support' order by random() limit 1) where id = 9
select id from orders order by case when status = 'placed' then 0 else 1 end, placed_at limit (select 10)
select id from orders where total > all (select price from products where category_id = 1)
select 1 where exists (select 1 from orders where id = 3)
select 1 where false
-- kind: generator
select 'drop table ' || tablename || ' cascade;' from pg_tables where schemaname = 'old'
select 'grant select on ' || quote_ident(schemaname) || '.' || quote_ident(tablename) || ' to reporting;' from pg_tables where schemaname = 'public'
select format('alter table %I.%I owner to shop_owner;', schemaname, tablename) from pg_tables where schemaname = 'public'
select format('create index concurrently on %I (%I);', t, c) from (values ('orders', 'customer_id'), ('tickets', 'order_id')) as v(t, c)
select 'alter table ' || conrelid::regclass || ' drop constraint ' || quote_ident(conname) || ';' from pg_constraint where contype = 'f'
select 'select setval(' || quote_literal(s.relname) || ', (select max(id) from ' || t.relname || '));' from pg_class s join pg_depend d on d.objid = s.oid join pg_class t on t.oid = d.refobjid where s.relkind = 'S'
select 'update ' || t || ' set ' || c || ' = null where ' || c || ' = '''';' from (values ('customers', 'phone')) as v(t, c)
select format('delete from %I where created_at < %L; -- %s rows', 'jobs', '2024-01-01', 10)
select string_agg('create role ' || rolname || ';', e'\n') from pg_roles where rolname !~ '^pg_'
select left(md5(query), 10), calls from pg_stat_statements order by calls desc limit 10
select left(md5(coalesce(usename, '') || coalesce(datname, '')), 8) as key, count(*) from pg_stat_activity group by 1
select md5(string_agg(column_name || data_type, ',' order by ordinal_position)) from information_schema.columns where table_name = 'orders'
create function old_style(int) returns int as ' begin if $1 = 0 then return 1; end if; perform old_style($1 - 1); return $1; end; ' language plpgsql
create function totals() returns setof numeric as 'select total from orders where status = ''paid'' order by id limit 10' language sql
comment on function totals() is 'Select the totals (paid orders only); where not paid, null or 0 -- see the wiki'
comment on schema public is e'@api({"max_rows": 40, "names": true})'
create table checks (field text, check (field <> '('), check (field not like '%;%'), check (field in (')', '(', 'it''s')))
select * from (select * from orders where total = 1 union select * from (select * from orders where total = 2 union all select * from orders where total = 3) x) y
select * from products where (name like 'abc' escape '\') or (name like 'def' escape '\')
update customers set full_name = 'Deleted #' || id, email = '', phone = '' where id = $1
insert into jobs (kind, args) values ('mail', '{"to": "a@mail.example", "subject": "Select your gift (or two)"}')
insert into notes (body) values ('Please update the order and delete the old one where possible; from what I see it''s paid (or not?)')
insert into templates (name, body) values ('order', '<p>Hello {{ name }}</p><!-- from shop -->')
select * from "odd ""name""; really" where "a = 1" = 3
select n_name, sum(l_price * (1 - l_discount)) as revenue from customer, orders_t, lineitem, nation where c_key = o_key and l_order = o_order and c_nation = n_key and o_date >= date '1994-01-01' and o_date < date '1994-01-01' + interval '1' year group by n_name order by revenue desc
select substr(c_phone, 1, 2) as code, count(*) from customer where substr(c_phone, 1, 2) in ('13', '31') and not exists (select * from orders_t where o_key = c_key) group by 1
select pubname, null, null from pg_publication union all select subname, null, null from pg_subscription
drop user mapping if exists for app server reports
create server reports foreign data wrapper file_fdw
alter subscription shop_sub refresh publication
grant pg_read_all_data to reporting_readonly
grant pg_signal_backend to oncall
comment on database shop is null
select array(select array[i.order_id::text, i.line::text] from order_items i where i.order_id = o.id) from orders o where o.id = any($1)
select case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0 else extract(epoch from now() - pg_last_xact_replay_timestamp()) end as lag
select exists (select 1 from information_schema.tables where table_schema = (select current_schema()) and table_name = 'schema_version')
with recursive z(ix, x, i) as (select ix, x::float, 0 from generate_series(0, 100) as g(ix), lateral (select -2.2 + 0.03 * ix) as v(x) union all select ix, x * x + 0.1, i + 1 from z where i < 27) select * from z
create role app_owner with login createdb createrole password 'app-password'
select json_build_array(encode('\x0b16'::bytea, 'base64'), decode('Cxb=', 'base64'))
copy page_views_2024 from '/srv/load/views_2024.csv' delimiter ',' csv header
select /*+ parallel(4) */ count(*) from orders union all select /* second */ count(*) from tickets
-- kind: load
copy lineitem from '/data/load/lineitem.tbl' with (format csv, delimiter '|')
copy orders from '/tmp/load/orders.csv' with (format csv, delimiter '|')
copy customers (id, full_name) from '/var/lib/import/customers.csv' csv
copy nation from '/home/bench/data/nation.tbl' delimiter '|'
copy addresses from stdin with (format text, delimiter E'\t', null '\N')
copy events from '/data/events.csv' with (format csv, header true, encoding 'utf8')
-- kind: decision support
select i.order_id, sum(i.quantity * i.unit_price) as amount, o.placed_at from customers c, orders o, order_items i where c.id = o.customer_id and i.order_id = o.id and c.full_name like 'A%' and o.placed_at > timestamp '2023-06-30 00:00:00' group by i.order_id, o.placed_at order by amount desc, o.placed_at limit 10
select substr(a.city, 1, 1) as area, extract(year from o.placed_at) as year, sum(o.total) as revenue from addresses a, orders o, customers c, order_items i, products p where a.customer_id = c.id and o.customer_id = c.id and i.order_id = o.id and p.id = i.product_id and o.placed_at between '2022-01-01' and '2023-12-31' and ((a.country = 'DE' and a.kind = 'billing') or (a.country = 'FR' and a.kind = 'shipping')) group by substr(a.city, 1, 1), extract(year from o.placed_at) order by area, year
select a.country, sum(o.total) as revenue from customers c, orders o, order_items i, products p, categories g, addresses a where c.id = o.customer_id and i.order_id = o.id and p.id = i.product_id and g.id = p.category_id and a.customer_id = c.id and a.id = mod(p.id * g.id, 1000) and ascii(substr(c.full_name, 1, 1)) = g.id and g.name = 'Books' and o.placed_at >= '2023-01-01 00:00:00' group by a.country order by revenue desc
select 100.00 * sum(case when p.name like 'Lamp%' then i.quantity * i.unit_price else 0 end) / (1 + sum(i.quantity * i.unit_price)) as share from order_items i, products p where i.product_id = p.id and i.quantity >= 1 and i.order_id > 100
select c.id, count(*) from customers c left outer join orders o on (c.id = o.customer_id and o.status <> 'returned' and o.total > 8) group by c.id
select p.category_id, count(distinct i.order_id) as orders from order_items i, products p where p.id = i.product_id and p.name not like 'z%' and not (i.order_id in (select id from orders where note like '%bad%')) group by p.category_id order by orders desc
select c.full_name, count(*) as waiting from customers c, orders o, tickets t, order_items i1 where t.order_id = o.id and c.id = o.customer_id and i1.order_id = o.id and o.placed_at > '2023-05-23' and not exists (select * from order_items i2 where i2.order_id = i1.order_id and i2.line > i1.line) group by c.full_name order by waiting desc, c.full_name
select sum(i.unit_price) / 2.0 as average from order_items i, (select p.id, avg(i2.quantity) as a from products p, order_items i2 where p.name like '%b' and i2.product_id = p.id group by p.id) t where i.product_id = t.id and i.quantity < t.a
select e.team, sum(case when t.status = 'closed' then 1 else 0 end) as done, sum(case when t.status <> 'closed' then 1 else 0 end) as open from tickets t, employees e where e.id = t.assignee_id and t.created_at <= now() and t.created_at >= '2023-01-01' group by e.team having count(*) > 3 order by e.team
-- kind: monitoring
select interval '1 millisecond' * s.total_exec_time as total, to_char((s.total_exec_time / sum(s.total_exec_time) over ()) * 100, 'FM990D0') || '%' as share, to_char(s.calls, 'FM999G999G990') as calls, left(s.query, 60) as query from pg_stat_statements s order by 1 desc limit 10
select to_char(calls, 'FM999G990') as n, interval '1 millisecond' * blk_read_time as reading, query from pg_stat_statements where userid = (select oid from pg_roles where rolname = current_user limit 1) order by calls desc
select coalesce((select count(1) * pg_size_bytes(current_setting('wal_segment_size')) from pg_ls_waldir()), 0)::bigint as wal_bytes
select count(*) * pg_size_bytes(current_setting('wal_segment_size')) as waiting from pg_ls_dir('pg_wal/archive_status') as f(name) where f.name like '%.ready'
select left(md5(w.backend_type || coalesce(w.object, '') || coalesce(w.context, '')), 8) as key, w.backend_type, coalesce(w.reads, 0) as reads, (coalesce(w.read_bytes, 0) / 1024)::bigint as "read,KiB" from pg_stat_io w
select r.relname as relation, coalesce(r.seq_scan, 0) as scans, coalesce(r.seq_tup_read, 0) as "rows/scan", (select coalesce(sum(x.idx_scan), 0) from pg_stat_user_indexes x where x.relid = r.relid) as "idx,%" from pg_stat_user_tables r
select a.pid, date_trunc('seconds', clock_timestamp() - a.xact_start)::text as "age (s)", a.wait_event_type || '.' || a.wait_event as waiting, p.phase, round(100 * p.heap_blks_scanned / greatest(p.heap_blks_total, 1), 1)::text || '%' as "done,%" from pg_stat_progress_vacuum p join pg_stat_activity a on a.pid = p.pid
select 'wal' as kind, (select pg_size_pretty(sum(size)) from pg_ls_waldir()) as size, (select setting || unit from pg_settings where name = 'max_wal_size') as most
select pg_postmaster_start_time(), pg_conf_load_time(), current_setting('logging_collector') as collector, current_setting('log_destination') as destination -- , pg_current_logfile() from 10 on
select now(), clock_timestamp(), timeofday() -- the last one is text, not a timestamp (see the manual)
select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() /* not oneself */ and usename = 'app' and state = 'idle' -- and application_name not in ('psql', 'pgAdmin')
select pid, query from pg_stat_activity where state = 'active' -- and wait_event is not null order by query_start
select count(*) filter (where state is not null) as total, count(*) filter (where state = 'idle') as idle, count(*) filter (where state in ('idle in transaction', 'idle in transaction (aborted)')) as stuck, (select count(*) from pg_prepared_xacts) as prepared from pg_stat_activity where backend_type = 'client backend'
with recursive spaces as (select d.name, 'pg_tblspc/' || d.name as path, 1 as depth from pg_ls_dir('pg_tblspc', true, false) as d(name) union all select f.name, s.path || '/' || f.name, s.depth + 1 from spaces s cross join lateral pg_ls_dir(s.path, true, false) as f(name) where s.depth < 3) select path, (pg_stat_file(path, true)).size from spaces -- all of them
select name, setting, applied, error from pg_file_settings where not applied
select line_number, type, database, user_name, auth_method from pg_hba_file_rules
select 'grant ' || string_agg(privilege_type, ', ') || ' on ' || table_schema || '.' || table_name || ' to ' || grantee || ';' as command from information_schema.role_table_grants group by table_schema, table_name, grantee
select pg_catalog.format_type(k.castsource, null) as "From", case when k.castfunc = 0 then '(binary)' else p.proname end as "Function", case k.castcontext when 'e' then 'no' when 'a' then 'in assignment' else 'yes' end as "Implicit?" from pg_catalog.pg_cast k left join pg_catalog.pg_proc p on p.oid = k.castfunc where (true and pg_catalog.pg_type_is_visible(k.castsource)) or (true and pg_catalog.pg_type_is_visible(k.casttarget)) order by 1
select pubname, null, null, null from pg_catalog.pg_publication p where puballtables union select pubname, pg_get_expr(r.prqual, r.prrelid), null, null from pg_publication p join pg_publication_rel r on r.prpubid = p.oid order by 1
alter role monitoring set jit to 'off'
create user mapping for current_user server reports options (user 'reports', password 'reports')
select n.relname, 100 * (1 - n.reltuples / nullif(s.n_live_tup, 0)) as "off by, %" from pg_class n, pg_stat_user_tables s where s.relid = n.oid and abs(n.reltuples - s.n_live_tup) > 1000
-- kind: upkeep
create index concurrently if not exists orders_customer_idx on orders (customer_id) where status <> 'closed'
create unique index concurrently products_sku_new on products (lower(sku)) include (name) with (fillfactor = 90)
drop index concurrently if exists orders_customer_old
reindex (verbose) index concurrently orders_placed_at_idx
reindex table concurrently tickets
vacuum (verbose, skip_locked, index_cleanup off) analytics.page_views
vacuum freeze
analyze orders (status, placed_at)
alter index orders_customer_idx set (fastupdate = off)
alter table orders alter column status set statistics 500
alter table orders validate constraint orders_customer_fk
alter table orders add constraint orders_customer_fk foreign key (customer_id) references customers (id) not valid
alter table orders attach partition orders_2025 for values from ('2025-01-01') to ('2026-01-01')
alter table orders detach partition orders_2019 concurrently
create statistics if not exists orders_stats (dependencies) on status, customer_id from orders
refresh materialized view concurrently daily_totals
alter table only orders replica identity using index orders_pkey
alter table tickets disable trigger tickets_touch
alter table tickets enable trigger tickets_touch
alter table staging.orders disable trigger all
alter table staging.orders enable trigger all
set session_replication_role = default
grant select, insert, update, delete on all tables in schema public to app
grant usage, select on all sequences in schema public to app
grant execute on function close_day(date) to app, reporting
grant execute on all functions in schema api to app
grant create, connect on database shop to migrator
grant app_readonly to alice, bob
grant reporting to bi_service with inherit true
alter default privileges in schema public grant select on tables to reporting
alter default privileges for role migrator in schema app grant select, insert, update, delete on tables to app
alter default privileges in schema app grant usage on sequences to app
revoke all on schema public from public
revoke create on schema public from public
revoke all on all tables in schema private from reporting
create role app with login password 'md5-placeholder' connection limit 40
create role readonly nologin
create role migrator login createdb
create user ci with password 'ci' createdb
alter role app set search_path = app, public
alter role reporting set statement_timeout = '30s'
alter role app with password 'another'
alter role alice valid until '2026-12-31'
drop role if exists former_employee
drop owned by former_employee
reassign owned by former_employee to shop_owner
alter database shop owner to shop_owner
alter schema analytics owner to analytics_owner
alter table analytics.page_views owner to analytics_owner
create extension if not exists pg_trgm with schema public
create extension if not exists "uuid-ossp"
create extension postgis
create extension hstore
create extension if not exists vector
create extension if not exists postgres_fdw
alter extension postgis update
comment on extension pg_trgm is 'similarity'
comment on column orders.total is 'in cents; (see the wiki) -- do not sum across currencies'
create schema if not exists audit authorization shop_owner
create table audit.events (id bigserial primary key, at timestamptz default now(), actor text, action text, details jsonb)
insert into audit.events (actor, action, details) values ($1, $2, $3)
insert into audit_log (table_name, row_id, old_row, new_row) select tg.name, 1, '{}', '{}' from (values ('orders')) as tg(name)
delete from audit_log where at < now() - interval '400 days'
create policy tenant on orders using (tenant_id = current_setting('app.tenant')::int)
drop policy if exists tenant on orders
alter table orders enable row level security
create trigger orders_touch before update on orders for each row execute function touch()
create or replace function touch() returns trigger language plpgsql as $$ begin new.updated_at = now(); return new; end $$
create or replace function visible_orders(who text) returns setof orders language sql stable security definer set search_path = public as $$ select * from orders where owner = who $$
do $$ begin if not exists (select from pg_roles where rolname = 'app') then create role app login; end if; end $$
do $$ begin create type order_status as enum ('placed', 'paid'); exception when duplicate_object then null; end $$
do $$ declare t text; begin for t in select tablename from pg_tables where schemaname = 'app' loop execute format('alter table app.%I owner to shop_owner', t); end loop; end $$
create database shop_test template shop_template owner ci
drop schema if exists scratch cascade
drop table if exists import_orders; create table import_orders (like orders including defaults)
drop table if exists old_totals cascade
truncate import_orders, import_items restart identity
-- kind: watching
select usename, passwd from pg_shadow where usename = $1
select rolname, rolpassword from pg_authid where rolname = $1
select name, setting, source, sourcefile, pending_restart from pg_settings where source <> 'default'
select type, database, user_name, address, auth_method from pg_hba_file_rules
select * from pg_file_settings where not applied
select datid, datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit, deadlocks, temp_bytes from pg_stat_database
select pid, usename, application_name, client_addr, backend_start, state, wait_event_type, wait_event, query from pg_stat_activity where backend_type = 'client backend'
select count(*) filter (where state = 'active') as active, count(*) filter (where state = 'idle') as idle from pg_stat_activity where datname = current_database()
select mode, count(*) from pg_locks where database = (select oid from pg_database where datname = current_database()) group by mode
select pg_blocking_pids(pid), pid, query from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0
select wait_event_type, wait_event, count(*) from pg_stat_activity group by 1, 2
select checkpoints_timed, checkpoints_req, buffers_clean, maxwritten_clean from pg_stat_bgwriter
select archived_count, last_archived_wal, failed_count from pg_stat_archiver
select client_addr, state, sync_state, pg_wal_lsn_diff(sent_lsn, replay_lsn) as lag from pg_stat_replication
select interval '1 millisecond' * total_exec_time as total, to_char(100 * total_exec_time / sum(total_exec_time) over (), 'FM90D0') || '%' as share, calls, query from pg_stat_statements order by 1 desc limit 10
select queryid, left(query, 100), mean_exec_time, stddev_exec_time, rows / calls as rows from pg_stat_statements where calls > 10
select pg_size_pretty(sum(pg_relation_size(i))::bigint), (array_agg(i))[1], (array_agg(i))[2] from (select indexrelid::regclass as i, indrelid::text || indkey::text as key from pg_index) s group by key having count(*) > 1
select current_setting('server_version_num')::int, current_setting('max_connections')::int
select slot_name, active, xmin, catalog_xmin, restart_lsn from pg_replication_slots where not active
select relname, last_vacuum, last_autovacuum, last_analyze, vacuum_count from pg_stat_user_tables
select name, (pg_ls_dir('pg_wal')) is not null from (values ('wal')) as w(name) limit 1
select sum(size) from pg_ls_waldir()
select extract(epoch from now() - pg_postmaster_start_time())
select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reporting' and state = 'active' and query_start < now() - interval '30 minutes'
select pg_cancel_backend(pid) from pg_stat_activity where query ilike '%page_views%' and pid <> pg_backend_pid()
select 1 as ping
-- kind: written by tools
select * from orders where 1 = 0
select * from orders o inner join tickets t on t.order_id = o.id and 1 = 0
select * from customers where (1 = 1) and (id in (1, 2, 3)) order by id limit 21
select exists (select * from orders where customer_id = 4) or exists (select * from tickets where customer_id = 4) as used
update orders set urgent = (total > 100 or vip), updated_at = now() where id = 4
select id, (status = 'paid' or status = 'shipped') as settled from orders where customer_id = 8
insert into flags (name, on_by_default) values ('a', true and not false)
select row_to_json(r) from (select o.id, (select json_agg(i) from (select line, quantity from order_items where order_id = o.id) i) as items from orders o where o.id = $1) r
select to_char(placed_at, 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM'), array(select array[t.subject, t.status]::text[] from tickets t where t.order_id = o.id) from orders o
select max(total) from orders where total < (select max(total) from orders)
select name from products where price = (select min(price) from products)
select o.* from orders o where o.total > (select avg(total) from orders) or o.items > (select avg(items) from orders)
select (select count(*) from orders), (select count(*) from tickets), (select count(*) from customers)
insert into products (category_id, sku, name, price) select 3, 'A-1', 'Spade', 12 union all select 3, 'A-2', 'Hose', 20
insert into tickets (subject, body) values ('It''s broken; please fix -- thanks', 'I can''t select "large" or (medium)')
select char_length(name) > 6 or name not similar to '[a-z]+' from products
select * from products where name like '%50!%%' escape '!' and (sku like 'A\_%' escape '\')
select id from orders where customer_id = $1 /* traceparent='00-1bd7-01',route='/orders/:id' */
/* app:shop,job:nightly */ update orders set status = 'closed' where status = 'shipped' and placed_at < $1
