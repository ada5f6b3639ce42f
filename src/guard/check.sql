
--
-- What the guard has to say of a query.
--
CREATE TYPE analytics_llm.finding AS (
    severity text,
    code text,
    message text,
    detail text,
    hint text,
    pos int
);
COMMENT ON TYPE analytics_llm.finding IS 'one thing that is wrong with a query: severity error means that it may not run, pos counts characters from 1';

CREATE FUNCTION llm_check(sql text)
RETURNS SETOF analytics_llm.finding
AS 'MODULE_PATHNAME', 'analytics_llm_check'
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 5;
COMMENT ON FUNCTION llm_check(text) IS 'what is wrong with a query; without a row of severity error it may run';
REVOKE ALL ON FUNCTION llm_check(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_check(text) TO PUBLIC;

--
-- Functions that queries may use although the policy would refuse them.  It is
-- the word of whoever may write to this table.
--
CREATE TABLE analytics_llm.allowed_function (
    signature text PRIMARY KEY,
    reason text NOT NULL
);
COMMENT ON TABLE analytics_llm.allowed_function IS
    'functions that generated SQL may use although the policy would refuse them';
COMMENT ON COLUMN analytics_llm.allowed_function.signature IS
    'as schema.name(types): it is written out in full when it is stored';
COMMENT ON COLUMN analytics_llm.allowed_function.reason IS
    'why it may be used';
GRANT SELECT ON TABLE analytics_llm.allowed_function TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.allowed_function', '');

CREATE FUNCTION analytics_llm.allowed_function_check() RETURNS trigger
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_allowed_function_check';
COMMENT ON FUNCTION analytics_llm.allowed_function_check() IS 'writes the signature of an allowed function out in full';
REVOKE ALL ON FUNCTION analytics_llm.allowed_function_check() FROM PUBLIC;

CREATE TRIGGER allowed_function_check
	BEFORE INSERT OR UPDATE ON analytics_llm.allowed_function
	FOR EACH ROW EXECUTE FUNCTION analytics_llm.allowed_function_check();
COMMENT ON TRIGGER allowed_function_check ON analytics_llm.allowed_function IS 'writes the signature out in full';
