--
-- Servers of models, and keys: a foreign-data wrapper without a handler, so
-- that USAGE says who may spend money, and user mappings hold the keys.
--
CREATE FUNCTION llm_provider_validator(options text[], catalog oid)
RETURNS void
AS 'MODULE_PATHNAME', 'analytics_llm_provider_validator'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION llm_provider_validator(text[], oid) IS
'checks the options of servers and user mappings of llm_provider';
REVOKE ALL ON FUNCTION llm_provider_validator(text[], oid) FROM PUBLIC;

CREATE FOREIGN DATA WRAPPER llm_provider
	NO HANDLER
	VALIDATOR @extschema@.llm_provider_validator;
COMMENT ON FOREIGN DATA WRAPPER llm_provider IS
'servers of large language models; server options: api, endpoint, ca_file, allow_plaintext; user mapping options: api_key, api_key_file';
