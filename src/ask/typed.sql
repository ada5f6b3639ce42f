
CREATE FUNCTION llm_ask_as(row_type anyelement, question text, options jsonb DEFAULT '{}')
RETURNS SETOF anyelement
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_ask_as';
COMMENT ON FUNCTION llm_ask_as(anyelement, text, jsonb) IS 'answers a question with rows of a type: llm_ask_as(NULL::some_type, ''...'')';
REVOKE ALL ON FUNCTION llm_ask_as(anyelement, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_ask_as(anyelement, text, jsonb) TO PUBLIC;

CREATE FUNCTION llm_rows(question text, options jsonb DEFAULT '{}')
RETURNS SETOF record
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_rows';
COMMENT ON FUNCTION llm_rows(text, jsonb) IS 'answers a question with the columns that the call lists: llm_rows(''...'') AS t(name type)';
REVOKE ALL ON FUNCTION llm_rows(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_rows(text, jsonb) TO PUBLIC;
