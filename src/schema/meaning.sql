--
-- What words mean here: metrics and synonyms, written by data engineers.
--
CREATE TABLE analytics_llm.metric (
    name text PRIMARY KEY,
    expression text NOT NULL,
    base regclass NOT NULL,
    filter text,
    unit text,
    additive boolean NOT NULL DEFAULT true,
    description text,
    enabled boolean NOT NULL DEFAULT true,
    status text NOT NULL DEFAULT 'unchecked',
    problem text,
    defined_by text DEFAULT CURRENT_USER,
    search_path text,
    CONSTRAINT metric_name_is_empty CHECK (pg_catalog.btrim(name) <> ''),
    CONSTRAINT metric_name_is_too_long
        CHECK (pg_catalog.octet_length(name) <= 200),
    CONSTRAINT metric_status
        CHECK (status IN ('unchecked', 'ok', 'broken'))
);
COMMENT ON TABLE analytics_llm.metric IS
    'named figures: an expression over the rows of a relation';
COMMENT ON COLUMN analytics_llm.metric.expression IS
    'an aggregate, such as sum(price * quantity), or a value of each row';
COMMENT ON COLUMN analytics_llm.metric.filter IS
    'a condition on the rows that count; null: all rows';
COMMENT ON COLUMN analytics_llm.metric.additive IS
    'the figures of groups add up to that of all';
COMMENT ON COLUMN analytics_llm.metric.search_path IS
    'under which names were resolved when it was written';
REVOKE ALL ON TABLE analytics_llm.metric FROM PUBLIC;
GRANT SELECT ON TABLE analytics_llm.metric TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.metric', '');

CREATE TABLE analytics_llm.synonym (
    word text PRIMARY KEY,
    means text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    status text NOT NULL DEFAULT 'unchecked',
    problem text,
    defined_by text DEFAULT CURRENT_USER,
    search_path text,
    CONSTRAINT synonym_word_is_empty CHECK (pg_catalog.btrim(word) <> ''),
    CONSTRAINT synonym_word_is_too_long
        CHECK (pg_catalog.octet_length(word) <= 200),
    CONSTRAINT synonym_status
        CHECK (status IN ('unchecked', 'ok', 'broken'))
);
COMMENT ON TABLE analytics_llm.synonym IS
    'words of the people who ask, and what they mean in the schema';
COMMENT ON COLUMN analytics_llm.synonym.means IS
    'a metric, a relation, relation.column, or relation.column = ''value''';
REVOKE ALL ON TABLE analytics_llm.synonym FROM PUBLIC;
GRANT SELECT ON TABLE analytics_llm.synonym TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('analytics_llm.synonym', '');
