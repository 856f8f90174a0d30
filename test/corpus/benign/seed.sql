-- Rows for schema.sql. Keys and values are fixed, so that every run sees the same.
insert into app.tenants (id, name, plan, settings, created_at)
  select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'Tenant ' || n, (array['free', 'team', 'enterprise'])[n],
         jsonb_build_object('theme', (array['dark', 'light', 'auto'])[n], 'seats', n * 10, 'flags', jsonb_build_array('beta', n)),
         timestamptz '2026-01-01 00:00:00+00' + n * interval '1 day'
  from generate_series(1, 3) n;
insert into app.users (tenant_id, email, name, home, labels, active, manager_id, created_at, updated_at)
  select ('00000000-0000-4000-8000-00000000000' || 1 + n % 3)::uuid, 'User' || n || '@Example.com',
         (array['Ada Lovelace', 'Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov'])[1 + n % 4] || ' ' || n,
         row('Main Street ' || n, (array['Berlin', 'Łódź', 'Paris'])[1 + n % 3], '1000' || n % 10)::app.address,
         hstore(array['role', 'level'], array[(array['admin', 'agent'])[1 + n % 2], n::text]), n % 5 <> 0,
         case when n > 3 then 1 + n % 3 end, timestamptz '2026-01-02 00:00:00+00' + n * interval '1 hour',
         timestamptz '2026-01-03 00:00:00+00' + n * interval '1 hour'
  from generate_series(1, 20) n;
insert into app.categories (parent_id, path, name) values
  (null, 'top', 'Everything'), (1, 'top.garden', 'Garden'), (1, 'top.kitchen', 'Kitchen'), (2, 'top.garden.tools', 'Tools'),
  (4, 'top.garden.tools.power', 'Power tools'), (3, 'top.kitchen.knives', 'Knives');
insert into app.products (category_id, sku, name, description, price, discount, attributes, sizes, stock)
  select 1 + n % 6, 'SKU-' || lpad(n::text, 4, '0'), (array['Spade', 'Rake', 'Knife', 'Café au lait bowl'])[1 + n % 4] || ' ' || n,
         'A sturdy tool number ' || n || ' for running gardens and kitchens', n * 3.5, n % 30,
         jsonb_build_object('colour', (array['red', 'green', 'blue'])[1 + n % 3], 'weight', n * 100, 'tags', jsonb_build_array('t' || n % 4, 'all')),
         array[n, n + 1, n + 2], n * 2
  from generate_series(1, 30) n;
insert into app.tickets (tenant_id, reporter_id, state, title, priority, due, created_at, updated_at)
  select ('00000000-0000-4000-8000-00000000000' || 1 + n % 3)::uuid, 1 + n % 20, (array['open', 'waiting', 'solved'])[1 + n % 3]::app.ticket_state,
         'Ticket ' || n, 1 + n % 5, daterange(date '2026-02-01' + n, date '2026-02-10' + n),
         timestamptz '2026-02-01 00:00:00+00' + n * interval '3 hours', timestamptz '2026-02-02 00:00:00+00' + n * interval '3 hours'
  from generate_series(1, 40) n;
insert into app.comments (ticket_id, author_id, body, created_at)
  select 1 + n % 40, 1 + n % 20, 'Comment ' || n, timestamptz '2026-02-03 00:00:00+00' + n * interval '10 minutes'
  from generate_series(1, 100) n;
insert into app.bookings (room, during, booked_by)
  select n, tstzrange('2026-03-01 09:00:00+00', '2026-03-01 10:00:00+00'), 'user' || n from generate_series(1, 3) n;
insert into app.jobs (id, queue, payload, run_at)
  select ('10000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, (array['default', 'mail'])[1 + n % 2], jsonb_build_object('n', n),
         timestamptz '2026-01-01 00:00:00+00' + n * interval '1 minute'
  from generate_series(1, 10) n;
insert into app.measurements
  select 1 + n % 4, timestamptz '2026-01-20 00:00:00+00' + n * interval '6 hours', 20 + n % 7 from generate_series(0, 99) n;
insert into app.sessions values ('20000000-0000-4000-8000-000000000001', 'eu', '\x0102'), ('20000000-0000-4000-8000-000000000002', 'us', null);
insert into app.vehicles values (1, 2, 'bicycle'), (2, 4, 'car');
insert into app.trucks values (3, 6, 'lorry', 7500);
insert into app.documents (tenant, title, body) values
  ('north', 'Contract', '<doc lang="en"><part no="1">one</part><part no="2">two</part></doc>'), ('south', 'Offer', '<doc/>');
insert into app.cache values ('greeting', '{"text": "hello"}', '2026-12-31');
refresh materialized view reporting.daily_celsius;
truncate app.audit_log;
