--
-- A definition is checked when it is written.
--
CREATE FUNCTION analytics_llm.definition_check() RETURNS trigger
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_definition_check';
COMMENT ON FUNCTION analytics_llm.definition_check() IS 'checks a metric, a synonym or an example, and sets its status';
REVOKE ALL ON FUNCTION analytics_llm.definition_check() FROM PUBLIC;

CREATE TRIGGER definition_check
	BEFORE INSERT OR UPDATE ON analytics_llm.example
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.definition_check();
COMMENT ON TRIGGER definition_check ON analytics_llm.example IS 'checks the query when it is written';
CREATE TRIGGER definition_check
	BEFORE INSERT OR UPDATE ON analytics_llm.metric
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.definition_check();
COMMENT ON TRIGGER definition_check ON analytics_llm.metric IS 'checks the expression when it is written';
CREATE TRIGGER definition_check
	BEFORE INSERT OR UPDATE ON analytics_llm.synonym
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.definition_check();
COMMENT ON TRIGGER definition_check ON analytics_llm.synonym IS 'checks the meaning when it is written';

--
-- And again when what it names may have changed.  Who changes a table need not
-- be allowed to write definitions: the rows are read and written with the
-- rights of their table's owner, and each is checked with those of the role that
-- wrote it.
--
CREATE FUNCTION analytics_llm.definitions_recheck() RETURNS event_trigger
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_definitions_recheck';
COMMENT ON FUNCTION analytics_llm.definitions_recheck() IS 'sets the status of definitions after a change of what they name';
REVOKE ALL ON FUNCTION analytics_llm.definitions_recheck() FROM PUBLIC;

CREATE EVENT TRIGGER analytics_llm_recheck ON ddl_command_end
	WHEN TAG IN (
		'ALTER DOMAIN', 'ALTER FOREIGN TABLE', 'ALTER FUNCTION',
		'ALTER MATERIALIZED VIEW', 'ALTER ROUTINE', 'ALTER SCHEMA',
		'ALTER TABLE', 'ALTER TYPE', 'ALTER VIEW', 'CREATE FOREIGN TABLE',
		'CREATE FUNCTION', 'CREATE MATERIALIZED VIEW', 'CREATE TABLE',
		'CREATE TABLE AS', 'CREATE VIEW', 'GRANT', 'IMPORT FOREIGN SCHEMA',
		'REVOKE', 'SELECT INTO')
	EXECUTE FUNCTION analytics_llm.definitions_recheck();
COMMENT ON EVENT TRIGGER analytics_llm_recheck IS 'checks definitions again after DDL';
CREATE EVENT TRIGGER analytics_llm_recheck_drop ON sql_drop
	EXECUTE FUNCTION analytics_llm.definitions_recheck();
COMMENT ON EVENT TRIGGER analytics_llm_recheck_drop IS 'checks definitions again when something is dropped';
