--
-- The trace that a question joins: as an option says, else the setting, else a
-- comment of the statement.
--
-- Each is a question of its own.
SET analytics_llm.cache_ttl = 0;
SET analytics_llm.sql_cache_ttl = 0;
CREATE SCHEMA traceparent;
SET search_path = traceparent, public;
CREATE TABLE boats (boat_id int PRIMARY KEY);

-- The trace id of a question, and the caller's span that its root names.
CREATE FUNCTION joined(options jsonb DEFAULT '{}') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	a analytics_llm.answer;
BEGIN
	a := llm_answer('how many boats', options);
	RETURN CASE WHEN a.trace_id IN ('4bf92f3577b34da6a3ce929d0e0e4736', '0af7651916cd43dd8448eb211c80319c', '00000000000000000000000000000001')
		THEN a.trace_id ELSE 'its own' END;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- What is a trace context, and what is not.
CREATE TABLE written (n serial, what text, text text);
INSERT INTO written (what, text) VALUES
	('as in the standard', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
	('not sampled', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'),
	('other flags', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff'),
	('small ids', '00-00000000000000000000000000000001-0000000000000001-01'),
	('a later version', 'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
	('a later version with more', 'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what the future will be like'),
	('a later version with a hyphen', 'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-'),
	('a later version that runs on', 'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.x'),
	('a later version without end', 'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-' || repeat('x', 300)),
	('this version with more', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-'),
	('version ff', 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
	('no version', '-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
	('upper case in the trace', '00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
	('upper case in the span', '00-4bf92f3577b34da6a3ce929d0e0e4736-00F067aa0ba902b7-01'),
	('upper case in the flags', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A'),
	('no digit', '00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01'),
	('a sign', '00-4bf92f3577b34da6a3ce929d0e0e4736-+0f067aa0ba902b7-01'),
	('a trace of zeros', '00-00000000000000000000000000000000-00f067aa0ba902b7-01'),
	('a span of zeros', '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01'),
	('a short trace', '00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01'),
	('a long trace', '00-4bf92f3577b34da6a3ce929d0e0e47361-00f067aa0ba902b7-01'),
	('a short span', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b-01'),
	('no flags', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7'),
	('one flag', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1'),
	('underscores', '00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01'),
	('blanks before', ' 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
	('a blank after', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 '),
	('a letter of Unicode', '00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01');

-- As an option, what is wrong is an error; as a setting it is refused.
CREATE FUNCTION as_setting(value text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('analytics_llm.traceparent', value, true);
	RETURN joined();
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN 'refused';
END $$;
BEGIN;
SELECT n, what, joined(jsonb_build_object('traceparent', text)) AS as_option,
	   as_setting(text) AS as_setting
  FROM written ORDER BY n;
ROLLBACK;
SELECT joined('{"traceparent": 1}');
SELECT joined('{"traceparent": ""}');
SELECT llm_ask('how many boats', '{"traceparent": "00-1-1-1"}');
SET analytics_llm.traceparent = '00-1-1-1';

-- The first that is there counts; a setting may be local to a transaction.
BEGIN;
SET LOCAL analytics_llm.traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
SELECT joined() /*traceparent='00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'*/;
SELECT joined('{"traceparent": "00-00000000000000000000000000000001-0000000000000001-01"}') /*traceparent='00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'*/;
COMMIT;
SELECT joined() /*traceparent='00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'*/;
SELECT joined();

-- A comment counts at the end or at the beginning of a statement, in the form
-- of sqlcommenter.  Anything else is passed over; what stands in a literal is no
-- comment.
\set good '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
CREATE TABLE statements (n serial, statement text);
INSERT INTO statements (statement) VALUES
	('SELECT 1, joined() /*traceparent=''' || :'good' || '''*/ ; '),
	('/* traceparent=''' || :'good' || ''' */ SELECT 2, joined()'),
	('SELECT 3, joined() /*action=''%2Fpolls'',db_driver=''x'',traceparent=''' || :'good' || ''',tracestate=''a%3D1''*/'),
	('SELECT 4, joined() /* action = ''x'', traceparent=''' || :'good' || '''*/'),
	('SELECT 5, joined() /*a=''it\''s'', traceparent=''' || :'good' || '''*/'),
	('/*a=''x''*/ SELECT 6, joined() /*traceparent=''' || :'good' || '''*/'),
	('/*traceparent=''' || :'good' || '''*/ SELECT 7, joined() /*a=''x''*/'),
	('SELECT 8, joined() -- the end /*traceparent=''' || :'good' || '''*/'),
	('SELECT 9, joined() /* outer /*traceparent=''' || :'good' || '''*/ */'),
	('SELECT 10, joined() /*traceparent=' || :'good' || '*/'),
	('SELECT 11, joined() /*traceparent="' || :'good' || '"*/'),
	('SELECT 12, joined() /*xtraceparent=''' || :'good' || '''*/'),
	('SELECT 13, joined() /*TRACEPARENT=''' || :'good' || '''*/'),
	('SELECT 14, joined() /*traceparent=''' || upper(:'good') || '''*/'),
	('SELECT 15, joined() /*traceparent=''' || :'good' || '*/'),
	('SELECT 16, joined() /*traceparent=''' || :'good' || '\''*/'),
	('SELECT 17, joined(), length(''/*traceparent=''''' || :'good' || '''''*/'')'),
	('SELECT 18, joined(), ''/*traceparent='''''' AS x'),
	('SELECT 19, joined() /*traceparent=''' || :'good' || '''*/, 1'),
	('SELECT 20, joined() /*' || repeat(' ', 3000) || 'traceparent=''' || :'good' || '''*/'),
	('SELECT 21, joined(), length(' || quote_literal(repeat('x', 70000)) || ') /*traceparent=''' || :'good' || '''*/'),
	('/*traceparent=''' || :'good' || '''*/ SELECT 22, joined(), length(' || quote_literal(repeat('x', 70000)) || ')'),
	('SELECT 23, joined() /*traceparent=''' || :'good' || ''' trailing*/'),
	('SELECT 24, joined() /*,traceparent=''' || :'good' || '''*/'),
	('SELECT 25, joined() /**/'),
	('PREPARE q AS SELECT 26, joined()'),
	('EXECUTE q /*traceparent=''' || :'good' || '''*/'),
	('DO $do$ BEGIN RAISE NOTICE ''27 %'', joined(); END $do$ /*traceparent=''' || :'good' || '''*/');
\t on
\set ECHO none
SELECT statement FROM statements ORDER BY n \gexec
\set ECHO all
\t off

-- The records have the trace; the root's parent is the caller's span, and of two
-- questions in one trace each has its own spans.
SELECT llm_flush();
SELECT r.trace_id, s.parent_span_id, s.attributes ->> 'analytics_llm.parent_sampled' AS sampled,
	   count(DISTINCT r.request_id) > 1 AS several, count(DISTINCT s.span_id) = count(*) AS spans_differ
  FROM analytics_llm.request AS r JOIN analytics_llm.span AS s USING (request_id)
 WHERE s.name = 'llm_request' AND r.question = 'how many boats'
   AND r.trace_id IN ('4bf92f3577b34da6a3ce929d0e0e4736', '0af7651916cd43dd8448eb211c80319c', '00000000000000000000000000000001')
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT bool_and(l.trace_id = r.trace_id) AS log_has_it
  FROM analytics_llm.request AS r JOIN analytics_llm.log AS l USING (request_id)
 WHERE r.question = 'how many boats';
SELECT count(*) FILTER (WHERE s.parent_span_id IS NOT NULL) AS parents_of_own_traces
  FROM analytics_llm.request AS r JOIN analytics_llm.span AS s USING (request_id)
 WHERE s.name = 'llm_request' AND r.question = 'how many boats'
   AND r.trace_id NOT IN ('4bf92f3577b34da6a3ce929d0e0e4736', '0af7651916cd43dd8448eb211c80319c', '00000000000000000000000000000001');

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA traceparent CASCADE;
RESET analytics_llm.cache_ttl;
RESET analytics_llm.sql_cache_ttl;
