--
-- All wrong names of a query are found at once, in the server's own words,
-- with what they may have meant.  Right names are never refused.
--
CREATE SCHEMA check_names;
SET search_path = check_names, public;
CREATE TABLE sales (sale_id int PRIMARY KEY, region text, amount numeric(12,2), sold_on date);
CREATE TABLE sale_lines (sale_id int, line_no int, product text, quantity int);
CREATE TABLE "Mixed" ("Case Column" int, region text);
CREATE TYPE place AS (street text, town text);
CREATE TABLE shops (shop_id int, at place, tags text[]);

-- Several mistakes, one look.  The server would report one of these.
SELECT code, message, hint, pos
  FROM llm_check('SELECT regoin, s.amout, x.foo FROM sales s WHERE s.sold = current_date');
SELECT code, message, hint, pos
  FROM llm_check('SELECT 1 FROM sale s JOIN sale_line l ON l.sale_id = s.whatever');
-- A wrong relation makes its columns unknown, and nothing more is said of them.
SELECT code, message, hint
  FROM llm_check('SELECT nothing, n.other FROM nowhere_at_all n');
-- Positions count characters.
SELECT pos FROM llm_check('SELECT ''äöü€'', regoin FROM sales');

-- One wrong name in each clause.
SELECT q, string_agg(code || ': ' || message, '; ' ORDER BY pos) AS found
  FROM (VALUES (1, 'SELECT wrong FROM sales'),
               (2, 'SELECT 1 FROM sales WHERE wrong = 1'),
               (3, 'SELECT region FROM sales GROUP BY region, wrong'),
               (4, 'SELECT region FROM sales GROUP BY region HAVING sum(wrong) > 1'),
               (5, 'SELECT region FROM sales ORDER BY wrong'),
               (6, 'SELECT DISTINCT ON (wrong) region FROM sales'),
               (7, 'SELECT rank() OVER (ORDER BY wrong) FROM sales'),
               (8, 'SELECT rank() OVER w FROM sales WINDOW w AS (PARTITION BY wrong)'),
               (9, 'SELECT 1 FROM sales a JOIN sales b ON a.wrong = b.sale_id'),
               (10, 'SELECT 1 FROM sales JOIN sale_lines USING (region)'),
               (11, 'SELECT (SELECT wrong FROM sale_lines) FROM sales'),
               (12, 'SELECT 1 FROM sales WHERE EXISTS (SELECT 1 FROM sale_lines l WHERE l.sale_id = wrong)'),
               (13, 'SELECT count(*) FILTER (WHERE wrong) FROM sales'),
               (14, 'SELECT CASE WHEN wrong THEN 1 END FROM sales'),
               (15, 'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY wrong) FROM sales'),
               (16, 'WITH w AS (SELECT region AS r FROM sales) SELECT region FROM w'),
               (17, 'SELECT region FROM sales UNION SELECT product FROM sale_lines ORDER BY product'),
               (18, 'SELECT q.region FROM (SELECT region AS r FROM sales) q'),
               (19, 'SELECT ARRAY[wrong] FROM sales'),
               (20, 'SELECT 1 FROM sales s, (SELECT s.region) q'),
               (21, 'SELECT 1 FROM sales s, sales t JOIN sale_lines l ON l.sale_id = s.sale_id'),
               (22, 'SELECT sales.region FROM sales s'),
               (23, 'SELECT s.* FROM sales'),
               (24, 'SELECT 1 FROM other_db.public.sales'),
               (25, 'SELECT 1 FROM no_schema.sales'),
               (26, 'SELECT no_schema.f(1)'),
               (27, 'SELECT sale_id FROM sales, sale_lines'),
               (28, 'SELECT region FROM sales WHERE sales.wrong = 1 LIMIT wrong'),
               (29, 'VALUES (wrong)'),
               (30, 'TABLE wrong'),
               (31, 'SELECT a.x FROM sales AS a(x, y) WHERE a.region IS NULL'),
               (32, 'SELECT casecolumn FROM "Mixed"')) AS t (n, q),
       LATERAL llm_check(q) AS f
 GROUP BY n, q ORDER BY n;

-- Right names in every place: no row.
SELECT q, f.message
  FROM (VALUES ('SELECT s.region, l.product FROM sales s JOIN sale_lines l USING (sale_id) WHERE sale_id = 1'),
               ('SELECT region AS r FROM sales ORDER BY r'),
               ('SELECT region AS r FROM sales GROUP BY r'),
               ('SELECT date_trunc(''month'', sold_on) AS m, sum(amount) FROM sales GROUP BY ROLLUP (m, region)'),
               ('SELECT * FROM sales NATURAL JOIN sale_lines'),
               ('SELECT j.product FROM (sales JOIN sale_lines USING (sale_id)) AS j'),
               ('SELECT u.sale_id FROM sales JOIN sale_lines USING (sale_id) AS u'),
               ('WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r'),
               ('WITH RECURSIVE r(n, m) AS (VALUES (1, 2) UNION ALL SELECT n + 1, m FROM r WHERE n < 5) SELECT m FROM r'),
               ('WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT x FROM b'),
               ('SELECT q.n FROM sales s, LATERAL (SELECT s.amount AS n) q'),
               ('SELECT g FROM generate_series(1, 3) g'),
               ('SELECT g.d::date FROM generate_series(''2024-01-01''::date, ''2024-02-01'', ''1 day'') AS g(d)'),
               ('SELECT generate_series.generate_series FROM generate_series(1, 3)'),
               ('SELECT t, n FROM shops, unnest(tags) WITH ORDINALITY AS u(t, n)'),
               ('SELECT (at).town FROM shops'),
               ('SELECT (s.at).* FROM shops s'),
               ('SELECT x.a FROM json_to_recordset(''[]'') AS x(a int)'),
               ('SELECT check_names.sales.region FROM check_names.sales'),
               ('SELECT sales FROM sales'),
               ('SELECT ctid, sales.tableoid FROM sales'),
               ('SELECT column1 FROM (VALUES (1), (2)) v'),
               ('SELECT v.b FROM (VALUES (1, 2)) v(a, b)'),
               ('SELECT "Case Column" FROM "Mixed"'),
               ('SELECT a FROM (SELECT region AS a FROM sales UNION SELECT product FROM sale_lines) q'),
               ('SELECT region FROM sales UNION SELECT product FROM sale_lines ORDER BY region'),
               ('SELECT (SELECT max(quantity) FROM sale_lines l WHERE l.sale_id = s.sale_id) AS m FROM sales s ORDER BY m'),
               ('SELECT count(*), sum(amount) FILTER (WHERE region = ''x''), lag(sum(amount)) OVER (ORDER BY region) FROM sales GROUP BY region'),
               ('SELECT "case", "coalesce" FROM (SELECT CASE WHEN true THEN 1 END, coalesce(1, 2)) q'),
               ('SELECT q.int4 FROM (SELECT 1::int4) q'),
               ('SELECT 1 FROM sales TABLESAMPLE system (10)'),
               ('SELECT region, max(region) OVER w FROM sales WINDOW w AS (PARTITION BY region)')) AS t (q),
       LATERAL llm_check(q) AS f;

DROP SCHEMA check_names CASCADE;
