--
-- A schema that is larger than its part of a prompt is cut down to what the
-- question is linked to: the relations and columns, the keys that join them.
-- Nothing is sent here; the prompt is looked at.
--
SET client_min_messages = warning;
CREATE SERVER anthropic FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic');
CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key 'none');
CREATE SCHEMA linking;
SET search_path = linking, public;
CREATE TYPE size AS ENUM ('small', 'large', 'enormous');
CREATE TABLE customer (customer_id int PRIMARY KEY, full_name text NOT NULL, city varchar(40), zzsecret_rating int);
CREATE TABLE product (product_id int PRIMARY KEY, title text, pack size, list_price numeric(10,2), added date);
CREATE TABLE sale (sale_id bigint PRIMARY KEY, customer_id int REFERENCES customer, sold_at timestamptz);
CREATE TABLE sale_line (sale_id bigint REFERENCES sale, product_id int REFERENCES product, qty int, amount numeric,
	PRIMARY KEY (sale_id, product_id));
CREATE TABLE line_note (sale_id bigint, product_id int, note text,
	FOREIGN KEY (sale_id, product_id) REFERENCES sale_line);
CREATE TABLE employee (employee_id int PRIMARY KEY, full_name text, hired_on date);
CREATE TABLE "Odd, Table" ("a b" int, "select" text, "c; d" double precision);
CREATE TABLE machine (machine_id int, serial text, boiler text, pressure real);
COMMENT ON TABLE machine IS E'What the plant\nruns on';
COMMENT ON COLUMN machine.boiler IS 'the kettle that it is fed from, which is a long story that goes on and on and on and on';
CREATE VIEW seen AS SELECT full_name, sold_at FROM customer JOIN sale USING (customer_id);

-- The schema in the prompt of a question.
CREATE FUNCTION schema_of(question text) RETURNS text
    LANGUAGE sql AS $$
	SELECT request -> 'system' -> 1 ->> 'text' FROM llm_prompt(question, '{"tier": 2}')
$$;
-- What it brings along after that: verified examples.
CREATE FUNCTION examples_of(question text) RETURNS text
    LANGUAGE sql AS $$
	SELECT regexp_replace(request -> 'system' -> 2 ->> 'text', '^Today is .*?\n', '') FROM llm_prompt(question, '{"tier": 2}')
$$;

-- Does it fit into so many tokens, and is it the same twice?
CREATE FUNCTION fits(tokens int, question text) RETURNS boolean
    LANGUAGE plpgsql AS $$
DECLARE
	schema text;
BEGIN
	PERFORM set_config('analytics_llm.prompt_schema_tokens', tokens::text, false);
	schema := schema_of(question);
	RETURN octet_length(schema) <= tokens * 2.5 AND schema = schema_of(question);
END
$$;

-- All of it, where it fits.
SET analytics_llm.prompt_schema_tokens = 1000;
SELECT schema_of('revenue') LIKE '%CREATE TABLE machine ( -- What the plant runs on%' AS all_of_it;

-- A part of it, where not: one line a relation.  Words of names count, in the
-- plural, cut off and abbreviated, and words of comments.
SET analytics_llm.prompt_schema_tokens = 150;
SELECT schema_of('quantity of products by customer');
SELECT schema_of('how large is each pack');
SELECT schema_of('kettles');
SELECT schema_of('notes of lines');
-- So do words that mean the same ("staff", "cheap").
SELECT schema_of('staff') ~ 'employee: full_name' AS staff, schema_of('the cheapest one') ~ 'list_price' AS price;
-- Whoever asks for a time of the day needs a column of times.
CREATE TABLE visitor (visitor_id int, badge text, shoe text, hat text, glove text, scarf text, bag text,
	cloak text, boots text, pipe text, seen_hour int, watch_chain text, lantern text, umbrella text, cigar text, spats text);
SET analytics_llm.prompt_schema_tokens = 100;
SELECT question, schema_of(question) LIKE '%seen_hour%' AS has_hour
  FROM unnest(ARRAY['which badge at 11:30', 'which badge at 5 am', 'which badge has 30 amperes']) AS question;
DROP TABLE visitor;
-- A part of a key tells rows apart, wherever it stands among the columns.
CREATE TABLE visit (visit_no int, badge text, shoelaces text, hat_size text, gloves text, scarf text, handbag text,
	cloak text, boots text, pipe text, lantern text, spats text, cigar text, trousers text, waistcoat text, handkerchief text,
	umbrella text, gate text, suitcase text, pocketwatch text, PRIMARY KEY (visit_no, gate));
CREATE TABLE stay (stay_no int PRIMARY KEY, room text, bedstead text, lampshade text, desk text, chair text, sofa text,
	carpet text, stove text, clock text, mirror text, bathtub text, vase text, shelf text, wallpaper text, chandelier text,
	curtains text, door text, cupboard text, footstool text);
SELECT schema_of('which room') ~ 'visit. .* gate\*' AS has_part, schema_of('which room') LIKE '%umbrella%' AS has_other;
DROP TABLE visit, stay;
SET analytics_llm.prompt_schema_tokens = 150;
SELECT schema_of('"a b" of the odd tables');
SELECT schema_of('when were employees hired');

-- What is less likely is told by names alone: no type, no comment, and no key
-- that leads to a column of the same name.  What names have in common is written
-- once, at their beginning or their end, and "~" is the name of the relation.
CREATE TABLE parcel (parcel_id int PRIMARY KEY, to_street text, to_zip int, to_town text, "to_Door" text,
	sale_id bigint REFERENCES sale, payer int REFERENCES customer, packed_date date, paid_date date,
	parcel_ text, parcelled_by text, "parcel_No" text);
COMMENT ON COLUMN parcel.to_zip IS 'of the town';
SET analytics_llm.prompt_schema_tokens = 200;
SELECT line FROM unnest(string_to_array(schema_of('kettles of machines and the towns of parcels'), E'\n')) AS line WHERE line LIKE 'parcel%';
SELECT line FROM unnest(string_to_array(schema_of('employees hired by product, sale line and note, to a town'), E'\n')) AS line WHERE line LIKE 'parcel%';
-- Nothing is shared with a name that is quoted, nor where it spares
-- next to nothing; a mark stands behind the whole name.
CREATE TABLE "Crate" ("Crate_id" int, wide_inch int, high_inch int, is_sold bool, is_paid bool, "Wide_inch" int, _x text, x_ text);
CREATE TABLE lid (top_code int, low_code int, mid_code int, PRIMARY KEY (top_code));
SELECT line FROM unnest(string_to_array(schema_of('top of the lids of crates that are sold or paid'), E'\n')) AS line WHERE line ~ '^("Crate"|lid)';
DROP TABLE "Crate", lid;
DROP TABLE parcel;
SET analytics_llm.prompt_schema_tokens = 150;

-- Nothing matches: as much as fits.
SELECT schema_of('xyzzy') <> '' AS something, octet_length(schema_of('xyzzy')) <= 150 * 2.5 AS fits;

-- Never more than there is room for, and the same each time.
SELECT bool_and(fits(tokens, question)) AS all_fit, count(*)
  FROM generate_series(100, 600, 25) AS tokens,
       unnest(ARRAY['sales by city', 'price of products', 'odd things', 'xyzzy', 'pressure of the boilers of machines sold to customers']) AS question;

-- The rules say how to read it, and they are what the provider may keep.
SET analytics_llm.prompt_schema_tokens = 150;
SELECT request -> 'system' -> 0 ->> 'text' LIKE '%One line is one relation%' AS explained,
       request -> 'system' -> 0 ->> 'cache_control' AS kept, request -> 'system' -> 1 ->> 'cache_control' AS not_kept
  FROM llm_prompt('sales', '{"tier": 2}');
SET analytics_llm.prompt_schema_tokens = 12000;
SELECT request -> 'system' -> 0 ->> 'text' LIKE '%One line is one relation%' AS explained,
       request -> 'system' -> 0 ->> 'cache_control' AS not_kept, request -> 'system' -> 1 ->> 'cache_control' AS kept
  FROM llm_prompt('sales', '{"tier": 2}');

--
-- A role sees what it may read, linked or not.
--
CREATE ROLE regress_linking;
GRANT USAGE ON SCHEMA linking TO regress_linking;
GRANT USAGE ON FOREIGN SERVER anthropic TO regress_linking;
GRANT SELECT (customer_id, full_name) ON customer TO regress_linking;
GRANT SELECT ON sale, machine TO regress_linking;
SET ROLE regress_linking;
SELECT schema_of('rating of customers by product and city') AS whole;
SET ROLE NONE;
SET analytics_llm.prompt_schema_tokens = 100;
SET ROLE regress_linking;
SELECT schema_of('zzsecret rating of customers by product and city') AS linked;
SET ROLE NONE;
-- A right that is gone is gone at once, and one that is new is there.
REVOKE SELECT (full_name) ON customer FROM regress_linking;
GRANT SELECT (city) ON customer TO regress_linking;
SET ROLE regress_linking;
SELECT schema_of('customers') AS linked;
SET ROLE NONE;

--
-- A comment that changes is in the next prompt.
--
SET analytics_llm.prompt_schema_tokens = 150;
COMMENT ON TABLE employee IS 'who works here';
COMMENT ON COLUMN employee.hired_on IS 'first day';
SELECT schema_of('when were employees hired') LIKE '%employee (who works here): full_name; int ~id*; date hired_on (first day)%' AS told;
COMMENT ON TABLE employee IS NULL;
COMMENT ON VIEW seen IS 'sales by name';
SELECT schema_of('when were employees hired') LIKE '%employee: full_name; int ~id*; date hired_on (first day)%' AS told;
SELECT schema_of('seen') LIKE '%seen (sales by name): %' AS told;
-- In a transaction that is rolled back, too.
BEGIN;
COMMENT ON COLUMN employee.hired_on IS 'never';
SELECT schema_of('when were employees hired') LIKE '%hired_on (never)%' AS told;
ROLLBACK;
SELECT schema_of('when were employees hired') LIKE '%hired_on (first day)%' AS told;

--
-- Verified examples say what questions need here, and the nearest are shown, if
-- the role may run them.
--
SET analytics_llm.prompt_schema_tokens = 100;
DO $$
BEGIN
	FOR i IN 1 .. 6 LOOP
		EXECUTE format('CREATE TABLE sale_part_%s (part_id int PRIMARY KEY, sale_id bigint REFERENCES sale, title text, clerk text)', i);
	END LOOP;
END
$$;
SELECT schema_of('who is our best friend') LIKE '%pressure%' AS linked;
CREATE TABLE nowhere (nothing int);
INSERT INTO analytics_llm.example (name, question, sql) VALUES
	('friend', 'Who is our oldest friend?', 'SELECT m.serial FROM linking.machine AS m WHERE m.pressure < 3 AND ''<x'' <> ''</query>'' ORDER BY 1'),
	('broken', 'Who is our friend?', 'SELECT nothing FROM nowhere'),
	('off', 'Who is our dear friend?', 'SELECT 1');
UPDATE analytics_llm.example SET enabled = false WHERE name = 'off';
DROP TABLE nowhere;
SELECT name, status FROM analytics_llm.example ORDER BY name COLLATE "C";
SELECT schema_of('who is our best friend') LIKE '%pressure%' AS linked;
SELECT examples_of('who is our best friend');
-- Far from it: none.
SELECT examples_of('pressure');
-- Under a snapshot that does not move, nothing is kept, and nothing lost.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT schema_of('who is our best friend') LIKE '%pressure%' AS linked;
SELECT examples_of('who is our best friend') LIKE '%serial%' AS shown;
COMMIT;
-- Not for who may not run it.
REVOKE SELECT ON machine FROM regress_linking;
SET ROLE regress_linking;
SELECT examples_of('who is our best friend') AS none;
SET ROLE NONE;
GRANT SELECT ON machine TO regress_linking;
SET ROLE regress_linking;
SELECT examples_of('who is our best friend') LIKE '%machine%' AS shown;
SET ROLE NONE;
-- At most three.
INSERT INTO analytics_llm.example (name, question, sql)
SELECT 'friend ' || i, 'Who is our friend number ' || n || '?', 'SELECT ' || i
  FROM unnest(ARRAY['a', 'b', 'c', 'd', 'e']) WITH ORDINALITY AS t (n, i);
SELECT count(*) FROM regexp_matches(examples_of('who is our friend'), '<query>', 'g');
DELETE FROM analytics_llm.example;
SELECT examples_of('who is our best friend') AS none;
DROP TABLE sale_part_1, sale_part_2, sale_part_3, sale_part_4, sale_part_5, sale_part_6;

--
-- Values go along only where analytics_llm.send_values is on, and statistics
-- may be seen: cut, on one line, quoted.
--
INSERT INTO machine SELECT i, 'serial ' || i, (ARRAY['copper', E'it''s\nodd', repeat('long', 30)])[1 + i % 3], i
  FROM generate_series(1, 300) AS i;
INSERT INTO customer SELECT i, 'name ' || i, (ARRAY['Oslo', 'Rome'])[1 + i % 2], 1 FROM generate_series(1, 100) AS i;
ANALYZE machine, customer;
SELECT schema_of('copper') LIKE '%copper%' AS shown;
-- Where they are not sent, they still say what a question is about: as they are
-- written, of each column that has few.
CREATE FUNCTION is_about_machines(question text) RETURNS boolean
    LANGUAGE sql AS $$ SELECT schema_of(question) LIKE '%machine (What%' $$;
SET analytics_llm.prompt_schema_tokens = 100;
SELECT is_about_machines('copper') AS value, is_about_machines('copperish') AS beginning;
-- Not where statistics may not be seen.
GRANT SELECT ON product, sale_line, line_note, employee, "Odd, Table" TO regress_linking;
SET ROLE regress_linking;
SELECT is_about_machines('copper') AS value;
SET ROLE NONE;
ALTER TABLE machine ENABLE ROW LEVEL SECURITY;
SET ROLE regress_linking;
SELECT is_about_machines('copper') AS hidden_rows;
SET ROLE NONE;
ALTER TABLE machine DISABLE ROW LEVEL SECURITY;
REVOKE SELECT ON product, sale_line, line_note, employee, "Odd, Table" FROM regress_linking;
SET analytics_llm.prompt_schema_tokens = 150;
SET analytics_llm.send_values = on;
SELECT regexp_matches(schema_of('customers in Oslo'), 'city \(values .*?\)');
SELECT schema_of('customers in Oslo') LIKE '%name 1%' AS no_value_is_common;
SET analytics_llm.prompt_schema_tokens = 12000;
SELECT regexp_matches(schema_of('anything'), '(?n)(?:city|boiler) .*', 'g');
-- A role without the right to the column, or under row security, sees none.
REVOKE SELECT (city) ON customer FROM regress_linking;
SET ROLE regress_linking;
SELECT schema_of('anything') LIKE '%Oslo%' AS hidden_column, schema_of('anything') LIKE '%copper%' AS others;
SET ROLE NONE;
GRANT SELECT (city) ON customer TO regress_linking;
SET ROLE regress_linking;
SELECT schema_of('anything') LIKE '%Oslo%' AS shown;
SET ROLE NONE;
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY nobody ON customer FOR SELECT TO regress_linking USING (false);
SET ROLE regress_linking;
SELECT schema_of('anything') LIKE '%Oslo%' AS hidden_rows, schema_of('anything') LIKE '%copper%' AS others;
SET analytics_llm.send_values = off;
SET ROLE NONE;
SET analytics_llm.send_values = off;
SELECT schema_of('anything') LIKE '%copper%' AS shown;
ALTER SYSTEM SET analytics_llm.send_values = 'maybe';

RESET analytics_llm.prompt_schema_tokens;
SET analytics_llm.prompt_schema_tokens = 99;
SET ROLE regress_linking;
SET analytics_llm.prompt_schema_tokens = 500;
SET ROLE NONE;
RESET analytics_llm.send_values;
DROP SCHEMA linking CASCADE;
DROP SERVER anthropic CASCADE;
DROP ROLE regress_linking;
