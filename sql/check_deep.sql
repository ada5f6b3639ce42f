--
-- A deep or long text ends in a finding or in an error of the caller, never in
-- a crash: the parser library has no stack check that helps, the server's own
-- recursion does, and both sides of the gate are tried.  The answer of every
-- shape at every size is one of those below, and the server is still there.
--
SET analytics_llm.max_sql_length = '32kB';
CREATE TABLE check_deep (a int);
CREATE FUNCTION check_deep_verdict(query text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	RETURN coalesce((SELECT min(code) FROM llm_check(query)), 'ok');
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN 'too long';
END $$;

CREATE TABLE check_deep_shape (name text, head text, unit text, middle text, closer text);
INSERT INTO check_deep_shape VALUES
	('and', 'SELECT true', ' AND true', '', ''),
	('arrays', 'SELECT ', 'ARRAY[', '1', ']'),
	('at time zone', 'SELECT now()', ' AT TIME ZONE ''UTC''', '', ''),
	('between', 'SELECT 1', ' BETWEEN 1 AND NOT 1', '', ''),
	('bits', 'SELECT ', '~ ', '1', ''),
	('calls', 'SELECT ', 'abs(', '1', ')'),
	('cases', 'SELECT ', 'CASE WHEN true THEN ', '1', ' END'),
	('casts', 'SELECT 1', '::int', '', ''),
	('coalesce', 'SELECT ', 'coalesce(1, ', '1', ')'),
	('collate', 'SELECT ''a''', ' COLLATE "C"', '', ''),
	('columns', 'SELECT 1', ', 1', '', ''),
	('comments', 'SELECT 1 ', '/*', '', ''),
	('concat', 'SELECT ''a''', ' || ''a''', '', ''),
	('ctes', '', 'WITH a AS (', 'SELECT 1', ') SELECT 1'),
	('dollar quotes', 'SELECT ', '$a$', '', ''),
	('escapes', 'SELECT ', 'E''\', '', ''),
	('exists', 'SELECT ', 'EXISTS (SELECT ', '1', ')'),
	('fields', 'SELECT a', '.a', '', ''),
	('from', 'SELECT * FROM ', '(SELECT * FROM ', 'check_deep', ') q'),
	('in', 'SELECT 1', ' IN (1)', '', ''),
	('is null', 'SELECT 1', ' IS NULL', '', ''),
	('joins', 'SELECT 1 FROM check_deep', ' CROSS JOIN check_deep', '', ''),
	('joins inside', 'SELECT 1 FROM ', '(check_deep a JOIN ', 'check_deep', ' b ON true)'),
	('json', 'SELECT ''{}''::json', '->''a''', '', ''),
	('labels', 'SELECT ', 't.case + ', '1', ''),
	('minuses', 'SELECT ', '- ', '1', ''),
	('names', 'SELECT ', '"', '', ''),
	('nots', 'SELECT ', 'NOT ', 'true', ''),
	('operators', 'SELECT 1', ' OPERATOR(pg_catalog.+) 1', '', ''),
	('or', 'SELECT true', ' OR true', '', ''),
	('over', 'SELECT ', 'sum(1) OVER (PARTITION BY ', '1', ')'),
	('parameters', 'SELECT ', '$1 + ', '1', ''),
	('parens', 'SELECT ', '(', '1', ')'),
	('quotes', 'SELECT ', '''', '', ''),
	('rows', 'SELECT ', 'ROW(', '1', ')'),
	('semicolons', 'SELECT 1', '; SELECT 1', '', ''),
	('stars', 'SELECT ', '*', '', ''),
	('subscripts', 'SELECT (''{}''::int[])', '[1]', '', ''),
	('subselects', 'SELECT ', '(SELECT ', '1', ')'),
	('terms', 'SELECT 1', '+1', '', ''),
	('type modifiers', 'SELECT 1::', 'numeric(', '1', ')'),
	('unions', 'SELECT 1', ' UNION SELECT 1', '', ''),
	('values', 'VALUES (1)', ', (1)', '', '');

-- Left open.
SELECT name, string_agg(DISTINCT check_deep_verdict(left(head || repeat(unit, n) || middle, 1024 * 1024)), ', ')
  FROM check_deep_shape, unnest(ARRAY[10, 150, 1000, 1490, 3000, 6000, 16000, 500000]) AS n
 GROUP BY name ORDER BY name COLLATE "C";
-- Closed as it should be.
SELECT name, string_agg(DISTINCT check_deep_verdict(left(head || repeat(unit, n) || middle || repeat(closer, n), 1024 * 1024)), ', ')
  FROM check_deep_shape, unnest(ARRAY[10, 150, 198, 1000, 6000, 16000, 500000]) AS n
 WHERE closer <> ''
 GROUP BY name ORDER BY name COLLATE "C";

-- The server's own recursion, with little stack: still a finding.
SET max_stack_depth = '100kB';
SELECT name, bool_and(check_deep_verdict(head || repeat(unit, 190) || middle || repeat(closer, 190)) <> '') AS answered
  FROM check_deep_shape WHERE closer <> ''
 GROUP BY name HAVING NOT bool_and(check_deep_verdict(head || repeat(unit, 190) || middle || repeat(closer, 190)) <> '');
SELECT code FROM llm_check('SELECT 1' || repeat('+1', 1400));
RESET max_stack_depth;

DROP TABLE check_deep_shape, check_deep;
DROP FUNCTION check_deep_verdict(text);
RESET analytics_llm.max_sql_length;
