
--
-- The schema of tables, views and types.  Functions live in the schema that
-- CREATE EXTENSION chooses.
--
CREATE SCHEMA analytics_llm;
COMMENT ON SCHEMA analytics_llm IS 'configuration and records of the extension analytics_llm';
GRANT USAGE ON SCHEMA analytics_llm TO PUBLIC;
