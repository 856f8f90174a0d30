CREATE TABLE customers (id int PRIMARY KEY, name text, email text, phone text, birthday date);
INSERT INTO customers SELECT i, 'name ' || i, 'mail' || i || '@example.com', '+1 555 ' || i, date '1970-01-01' + i
  FROM generate_series(1, 20000) i;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total numeric, state text);
INSERT INTO orders SELECT i, i % 1000, i, 'open' FROM generate_series(1, 2000) i;
