
--
-- The schema of tables, views and types.  Functions live in the schema that
-- CREATE EXTENSION chooses.
--
CREATE SCHEMA analytics_llm;
COMMENT ON SCHEMA analytics_llm IS 'configuration and records of the extension analytics_llm';
GRANT USAGE ON SCHEMA analytics_llm TO PUBLIC;

--
-- Backends keep the rows of some tables; they are told when these change.  The
-- trigger is one for each row, and fires always, so that rows that replication
-- or a restore brings are told of, too.
--
CREATE FUNCTION analytics_llm.rows_changed() RETURNS trigger
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'analytics_llm_rows_changed';
COMMENT ON FUNCTION analytics_llm.rows_changed() IS
'trigger: tells all sessions that rows of a table changed';
REVOKE ALL ON FUNCTION analytics_llm.rows_changed() FROM PUBLIC;
