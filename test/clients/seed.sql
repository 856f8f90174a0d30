-- Back to the same rows before each run of each client. Identities restart, so that both runs see the same keys.
truncate teams, customers, orders, readings, notes, events restart identity;
insert into teams (name) values ('north'), ('south'), ('west');
insert into customers (team_id, email, full_name, tags, profile, born, balance)
  select 1 + n % 3, 'user' || n || '@example.com', 'User ' || n, array['t' || n, 'all'],
         jsonb_build_object('level', n, 'nested', jsonb_build_object('dark', n % 2 = 0)),
         date '1990-01-01' + n * 100, n * 10.5
  from generate_series(1, 6) n;
insert into orders (customer_id, status, total, placed_at)
  select 1 + n % 6, (array['new', 'paid', 'sent'])[1 + n % 3]::order_status, n * 9.99,
         timestamp '2026-02-01 08:00:00' + n * interval '1 day'
  from generate_series(1, 24) n;
insert into readings
  select n, 'sensor-' || n % 7, n / 4.0, timestamptz '2026-03-01 00:00:00+00' + n * interval '1 minute'
  from generate_series(1, 4000) n;
insert into notes (body) values ('first');
insert into events values ('2026-05-01', 'start');
refresh materialized view order_counts;
