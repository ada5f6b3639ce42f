
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
