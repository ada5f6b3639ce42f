--
-- In what numbers are: amounts beside a column that says a currency, however
-- short its name is, and quantities beside one that says a unit.
--
CREATE SCHEMA sentence_denoted;
SET search_path = sentence_denoted, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all

CREATE TABLE tenants (tenant_id uuid PRIMARY KEY, company text NOT NULL);
CREATE TABLE bookings (booking_id int PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants,
	mrr numeric NOT NULL, weight numeric NOT NULL, ccy char(3) NOT NULL);
CREATE TABLE rents (rent_id int PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants,
	amount numeric NOT NULL, curr text);
CREATE TABLE repayments (repayment_id int PRIMARY KEY, rent_id int NOT NULL REFERENCES rents, amount numeric NOT NULL, reason text NOT NULL);
CREATE TABLE deposits (deposit_id int PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, deposit numeric NOT NULL, ccy char(3) NOT NULL);
CREATE TABLE halls (hall_id int PRIMARY KEY, hall_name text NOT NULL);
CREATE TABLE pallets (pallet_id int PRIMARY KEY, hall_id int NOT NULL REFERENCES halls, qty int NOT NULL, uom text NOT NULL, levels int NOT NULL);
INSERT INTO tenants VALUES ('00000000-0000-0000-0000-000000000001', 'Nord'), ('00000000-0000-0000-0000-000000000002', 'Ost');
INSERT INTO bookings SELECT n, ('00000000-0000-0000-0000-00000000000' || n % 2 + 1)::uuid, n * 10, n, CASE WHEN n > 2 THEN 'EUR' ELSE 'CHF' END
  FROM generate_series(1, 4) AS n;
INSERT INTO rents SELECT n, ('00000000-0000-0000-0000-00000000000' || n % 2 + 1)::uuid, n * 7, CASE n WHEN 1 THEN NULL ELSE 'EUR' END
  FROM generate_series(1, 3) AS n;
INSERT INTO repayments VALUES (1, 2, 3, 'late'), (2, 3, 4, 'late');
INSERT INTO deposits SELECT n, ('00000000-0000-0000-0000-00000000000' || n % 2 + 1)::uuid, n * 100, 'EUR' FROM generate_series(1, 3) AS n;
INSERT INTO halls VALUES (1, 'Upper'), (2, 'Lower');
INSERT INTO pallets VALUES (1, 1, 40, 'box', 2), (2, 1, 5, 'litre', 1), (3, 2, 3, 'box', 4);
ANALYZE tenants, bookings, rents, repayments, deposits, halls, pallets;

-- A short name is a currency as well, and an amount need not be called one.
SELECT gives('total mrr', NULL);
SELECT gives('average mrr of bookings', NULL);
SELECT gives('mrr by tenant', NULL);
SELECT gives('bookings with mrr over 15', NULL);
SELECT gives('total mrr of bookings in EUR', $$SELECT sum(mrr) FROM bookings WHERE ccy = 'EUR'$$);
SELECT gives('total mrr by currency', $$SELECT ccy, sum(mrr) FROM bookings GROUP BY ccy$$);
SELECT gives('total weight of bookings', $$SELECT sum(weight) FROM bookings$$);

-- Not known is another currency, for all that is known.
SELECT gives('total rent amount', NULL);

-- What was paid back is in the currency of what was paid.
SELECT gives('repayment amount by reason', NULL);

-- Where there is one alone, it is said, and the query keeps to it.
SELECT interpretation, sql FROM llm_answer('total deposit');
SELECT gives('total deposit by company', $$SELECT company, sum(deposit) FROM deposits JOIN tenants USING (tenant_id) GROUP BY company$$);
INSERT INTO deposits SELECT 4, tenant_id, 1, 'CHF' FROM tenants LIMIT 1;
SELECT gives('total deposit', NULL);

-- Boxes and litres are not added up.
SELECT gives('total qty', NULL);
SELECT gives('total quantity by hall', NULL);
SELECT gives('total quantity of pallets in box', $$SELECT sum(qty) FROM pallets WHERE uom = 'box'$$);
SELECT gives('total quantity by unit of measure', $$SELECT uom, sum(qty) FROM pallets GROUP BY uom$$);
SELECT gives('total levels', $$SELECT sum(levels) FROM pallets$$);

-- What a thing is sold in is not what its weight is in.
CREATE TABLE fabrics (fabric_id int PRIMARY KEY, fabric_name text NOT NULL, weight numeric NOT NULL, unit text NOT NULL);
INSERT INTO fabrics VALUES (1, 'linen', 3, 'bale'), (2, 'wool', 5, 'metre'), (3, 'silk', 1, 'metre');
ANALYZE fabrics;
SELECT gives('average weight of fabrics', $$SELECT avg(weight) FROM fabrics$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_denoted CASCADE;
