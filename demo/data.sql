--
-- The demo's data: four tables about the sales of an office supplier.
--
-- Every value is computed with integer arithmetic from the row's number, so
-- that the bytes are the same on every machine and version; the last statement
-- compares them with this checksum and fails if one differs:
--
--     9f8f5e36bbf45c68c501bf9765f81f72
--
-- What the numbers show: sales grow over the three years, are highest in
-- November and December and lowest at weekends; West sells most; a customer
-- buys nothing before signing up.
--
-- To be run by a superuser in an empty database, in one transaction.
--
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';

CREATE TABLE regions (
    region_id integer PRIMARY KEY,
    name text NOT NULL UNIQUE,
    country text NOT NULL
);
COMMENT ON TABLE regions IS 'Sales regions';
COMMENT ON COLUMN regions.region_id IS 'Number of the region';
COMMENT ON COLUMN regions.name IS 'Name of the region';
COMMENT ON COLUMN regions.country IS 'Country that the region lies in';

CREATE TABLE products (
    product_id integer PRIMARY KEY,
    name text NOT NULL UNIQUE,
    category text NOT NULL
);
COMMENT ON TABLE products IS 'Products that are sold';
COMMENT ON COLUMN products.product_id IS 'Number of the product';
COMMENT ON COLUMN products.name IS 'Name of the product';
COMMENT ON COLUMN products.category IS 'Category of the product';

CREATE TABLE customers (
    customer_id integer PRIMARY KEY,
    name text NOT NULL,
    segment text NOT NULL,
    signed_up_on date NOT NULL
);
COMMENT ON TABLE customers IS 'Customers';
COMMENT ON COLUMN customers.customer_id IS 'Number of the customer';
COMMENT ON COLUMN customers.name IS 'Name of the customer';
COMMENT ON COLUMN customers.segment IS 'Market segment of the customer';
COMMENT ON COLUMN customers.signed_up_on IS 'Day on which the customer signed up';

CREATE TABLE sales (
    sale_id integer PRIMARY KEY,
    sold_on date NOT NULL,
    customer_id integer NOT NULL REFERENCES customers,
    product_id integer NOT NULL REFERENCES products,
    region_id integer NOT NULL REFERENCES regions,
    quantity integer NOT NULL,
    revenue numeric(12,2) NOT NULL
);
COMMENT ON TABLE sales IS 'Sales, one row for each product of an order';
COMMENT ON COLUMN sales.sale_id IS 'Number of the sale';
COMMENT ON COLUMN sales.sold_on IS 'Day of the sale';
COMMENT ON COLUMN sales.customer_id IS 'Customer who bought';
COMMENT ON COLUMN sales.product_id IS 'Product that was sold';
COMMENT ON COLUMN sales.region_id IS 'Region of the sale';
COMMENT ON COLUMN sales.quantity IS 'Number of pieces sold';
COMMENT ON COLUMN sales.revenue IS 'Revenue of the sale in euros';

INSERT INTO regions VALUES
    (1, 'North', 'Germany'), (2, 'South', 'Germany'), (3, 'East', 'Poland'),
    (4, 'West', 'France'), (5, 'Central', 'Austria'), (6, 'Alpine', 'Austria'),
    (7, 'Coast', 'France'), (8, 'Islands', 'Spain');

INSERT INTO products VALUES
    (1, 'Desk', 'Furniture'), (2, 'Office Chair', 'Furniture'),
    (3, 'Meeting Table', 'Furniture'), (4, 'Bookcase', 'Furniture'),
    (5, 'Monitor', 'Electronics'), (6, 'Keyboard', 'Electronics'),
    (7, 'Headset', 'Electronics'), (8, 'Docking Station', 'Electronics'),
    (9, 'Desk Lamp', 'Lighting'), (10, 'Floor Lamp', 'Lighting'),
    (11, 'Ceiling Lamp', 'Lighting'), (12, 'Light Strip', 'Lighting'),
    (13, 'File Cabinet', 'Storage'), (14, 'Locker', 'Storage'),
    (15, 'Shelf', 'Storage'), (16, 'Storage Box', 'Storage'),
    (17, 'Paper Pack', 'Supplies'), (18, 'Pen Set', 'Supplies'),
    (19, 'Notebook', 'Supplies'), (20, 'Stapler', 'Supplies'),
    (21, 'Coffee Maker', 'Kitchen'), (22, 'Kettle', 'Kitchen'),
    (23, 'Mug Set', 'Kitchen'), (24, 'Water Filter', 'Kitchen');

-- A whole number from 0 to below - 1 that looks random: draw number k for row n.
-- The steps are those of a multiplicative generator modulo a prime; squaring in
-- between keeps neighbours from resembling each other.
CREATE FUNCTION pg_temp.draw(n bigint, k bigint, below integer) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT ((s % 2147483647 * 48271 % 2147483647 / 977) % below)::integer
      FROM (SELECT x * x + n AS s
              FROM (SELECT (n * 69621 + k * 16807 + 12345) % 2147483647 AS x) AS a) AS b
$$;

-- Six hundred customers sign up evenly over five years from 2020 on, so the
-- first c of them have signed up by a given day: the sales below use that.
INSERT INTO customers
SELECT i,
       'Customer ' || lpad(i::text, 4, '0'),
       (ARRAY['Small Business', 'Consumer', 'Small Business', 'Enterprise',
              'Consumer', 'Public Sector', 'Small Business', 'Consumer'])
           [1 + pg_temp.draw(i, 1, 8)],
       date '2020-01-01' + (i - 1) * 1826 / 600
  FROM generate_series(1, 600) AS i;

INSERT INTO sales
SELECT sale_id, sold_on, customer_id, product_id, region_id, quantity,
       round(quantity * price * (100 - discount) * (100 + 4 * years) / 10000.0, 2)
  FROM (SELECT sale_id, sold_on,
               1 + pg_temp.draw(sale_id, 2, least(600, (sold_on - date '2020-01-01') * 600 / 1826)) AS customer_id,
               product_id,
               -- Shares of the regions, in percent: West has 22, Islands 5.
               CASE WHEN place < 18 THEN 1 WHEN place < 34 THEN 2
                    WHEN place < 44 THEN 3 WHEN place < 66 THEN 4
                    WHEN place < 78 THEN 5 WHEN place < 85 THEN 6
                    WHEN place < 95 THEN 7 ELSE 8 END AS region_id,
               1 + least(pg_temp.draw(sale_id, 3, 9), pg_temp.draw(sale_id, 4, 9)) AS quantity,
               (ARRAY[349, 189, 599, 129, 229, 49, 79, 149, 39, 69, 89, 25,
                      159, 119, 59, 12, 18, 9, 6, 14, 99, 35, 24, 29])[product_id] AS price,
               (ARRAY[0, 0, 0, 5, 10])[1 + pg_temp.draw(sale_id, 5, 5)] AS discount,
               years
          FROM (SELECT row_number() OVER (ORDER BY sold_on, piece)::integer AS sale_id,
                       sold_on, years
                  FROM (SELECT date '2023-01-01' + i AS sold_on, i,
                               extract(year FROM date '2023-01-01' + i)::integer - 2023 AS years,
                               -- Sales of a day: weekday, month and growth in percent.
                               95 * (ARRAY[70, 110, 105, 100, 105, 125, 90])
                                        [1 + extract(dow FROM date '2023-01-01' + i)::integer]
                                  * (ARRAY[85, 80, 95, 98, 100, 96, 84, 82, 104, 110, 128, 138])
                                        [extract(month FROM date '2023-01-01' + i)::integer]
                                  * (100 + i / 30) / 1000000
                               + pg_temp.draw(i, 6, 9) AS pieces
                          FROM generate_series(0, 1095) AS i) AS day,
                       generate_series(1, pieces) AS piece) AS numbered,
               LATERAL (SELECT 1 + least(pg_temp.draw(sale_id, 7, 24), pg_temp.draw(sale_id, 8, 30)) AS product_id,
                               pg_temp.draw(sale_id, 9, 100) AS place) AS drawn) AS priced;

CREATE INDEX ON sales (sold_on);
CREATE INDEX ON sales (customer_id);
CREATE INDEX ON sales (product_id);
CREATE INDEX ON sales (region_id);

-- Who asks in the demo, and what that role may read.
SELECT 'CREATE ROLE analyst LOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'analyst') \gexec
GRANT SELECT ON regions, products, customers, sales TO analyst;

ANALYZE regions, products, customers, sales;

DO $$
DECLARE
    expected constant text := '9f8f5e36bbf45c68c501bf9765f81f72';
    found text;
BEGIN
    SELECT md5(string_agg(line, E'\n' ORDER BY kind, id)) INTO found
      FROM (SELECT 1 AS kind, region_id AS id, r::text AS line FROM regions AS r
            UNION ALL SELECT 2, product_id, p::text FROM products AS p
            UNION ALL SELECT 3, customer_id, c::text FROM customers AS c
            UNION ALL SELECT 4, sale_id, s::text FROM sales AS s) AS lines;
    IF found <> expected THEN
        RAISE EXCEPTION 'the demo data has checksum %, not %', found, expected
            USING HINT = 'The file was changed, or this server computes something else.';
    END IF;
END
$$;
