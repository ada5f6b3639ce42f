
--
-- Verified examples.  The question's normal form is computed, never given, so
-- it is right after a restore into another locale as well.
--
CREATE FUNCTION analytics_llm.normal_form(question text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'analytics_llm_normal_form';
COMMENT ON FUNCTION analytics_llm.normal_form(text) IS
    'the form that two ways to write the same question share';
REVOKE ALL ON FUNCTION analytics_llm.normal_form(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics_llm.normal_form(text) TO PUBLIC;

CREATE TABLE analytics_llm.example (
    name text PRIMARY KEY,
    question text NOT NULL,
    sql text NOT NULL,
    parameters jsonb,
    suite text,
    verified_by text DEFAULT CURRENT_USER,
    verified_at timestamptz DEFAULT pg_catalog.now(),
    enabled boolean NOT NULL DEFAULT true,
    status text NOT NULL DEFAULT 'unchecked',
    problem text,
    normal_form text COLLATE "C" NOT NULL
        GENERATED ALWAYS AS (analytics_llm.normal_form(question)) STORED,
    search_path text,
    -- A longer one does not fit an index page.
    CONSTRAINT example_question_is_too_long
        CHECK (pg_catalog.octet_length(normal_form) <= 2600),
    CONSTRAINT example_question_is_empty CHECK (normal_form <> ''),
    CONSTRAINT example_status
        CHECK (status IN ('unchecked', 'ok', 'broken')),
    CONSTRAINT example_same_question_twice UNIQUE (normal_form)
);
COMMENT ON TABLE analytics_llm.example IS
    'verified pairs of question and SQL; with parameters, a template';
COMMENT ON COLUMN analytics_llm.example.normal_form IS
    'what a question is looked up by; computed from the question';
COMMENT ON COLUMN analytics_llm.example.parameters IS
    'null for a verified pair; else names and types of a template: {name} in the question and :name in the SQL';
COMMENT ON COLUMN analytics_llm.example.search_path IS
    'under which names were resolved when it was written';
REVOKE ALL ON TABLE analytics_llm.example FROM PUBLIC;
GRANT SELECT ON TABLE analytics_llm.example TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.example', '');

CREATE TRIGGER rows_changed AFTER INSERT OR UPDATE OR DELETE
    ON analytics_llm.example
    FOR EACH ROW EXECUTE FUNCTION analytics_llm.rows_changed();
ALTER TABLE analytics_llm.example ENABLE ALWAYS TRIGGER rows_changed;
COMMENT ON TRIGGER rows_changed ON analytics_llm.example IS
    'tells all sessions';
