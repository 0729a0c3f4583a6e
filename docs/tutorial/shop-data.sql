-- Rows for the primary. Replication copies them; it does not copy where the sequences stand.

INSERT INTO customers (name) SELECT 'customer ' || n FROM generate_series(1, 500) n;
INSERT INTO orders (customer_id, total) SELECT 1 + n % 500, 10 + n % 90 FROM generate_series(1, 2000) n;
INSERT INTO invoices (order_id) SELECT id FROM orders;
