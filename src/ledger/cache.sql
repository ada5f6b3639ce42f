
--
-- Answers that are kept, behind those in shared memory.  Nothing is lost with
-- them, so the table is unlogged, and is not dumped.
--
-- Who has lost a privilege must not find in here what it read before: the
-- column with the rows is granted to nobody.
--
CREATE UNLOGGED TABLE analytics_llm.cache (
	key text COLLATE "C" PRIMARY KEY,
	user_id oid NOT NULL,
	user_name text NOT NULL,
	end_user text,
	question text NOT NULL,
	model text NOT NULL,
	sql text NOT NULL,
	answered_at timestamptz NOT NULL,
	rows_at timestamptz,
	row_count bigint,
	expires_at timestamptz NOT NULL,
	data bytea NOT NULL
);
COMMENT ON TABLE analytics_llm.cache IS 'answers that are kept for the role that asked; the library decides whether one may still be given';
COMMENT ON COLUMN analytics_llm.cache.key IS 'a hash of all that the answer depends on';
COMMENT ON COLUMN analytics_llm.cache.user_id IS 'OID of the role user_name';
COMMENT ON COLUMN analytics_llm.cache.model IS 'what wrote the query';
COMMENT ON COLUMN analytics_llm.cache.rows_at IS 'when the rows were read; null when only the query is kept';
COMMENT ON COLUMN analytics_llm.cache.expires_at IS 'when the row may be deleted';
COMMENT ON COLUMN analytics_llm.cache.data IS 'the answer, for the library alone';
CREATE INDEX cache_expires_at_idx ON analytics_llm.cache (expires_at);
COMMENT ON INDEX analytics_llm.cache_expires_at_idx IS 'the rows that are old enough to go';
ALTER TABLE analytics_llm.cache ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON analytics_llm.cache FROM PUBLIC;
GRANT SELECT (key, user_id, user_name, end_user, question, model, sql,
	answered_at, rows_at, row_count, expires_at)
	ON analytics_llm.cache TO PUBLIC;

CREATE POLICY own_rows ON analytics_llm.cache FOR SELECT
	USING (user_name = CURRENT_USER::text
		AND user_id = (SELECT pg_catalog.to_regrole(
			pg_catalog.quote_ident(CURRENT_USER::text))::oid));
COMMENT ON POLICY own_rows ON analytics_llm.cache IS 'a role sees what is kept for it';
CREATE POLICY all_rows ON analytics_llm.cache FOR SELECT
	TO pg_read_all_stats USING (true);
COMMENT ON POLICY all_rows ON analytics_llm.cache IS 'monitoring sees that there is something, not what it says';

CREATE FUNCTION llm_cache_clear(role regrole DEFAULT NULL)
RETURNS bigint
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_cache_clear';
COMMENT ON FUNCTION llm_cache_clear(regrole) IS 'forgets the kept answers of the current role, of another one, or with ''-'' of all; returns how many';
REVOKE ALL ON FUNCTION llm_cache_clear(regrole) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_cache_clear(regrole) TO PUBLIC;

--
-- On tables that decide what a question means or which model is asked: tells
-- every session that a change was committed, for what it has kept.
--
CREATE FUNCTION analytics_llm.note_change() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_note_change';
COMMENT ON FUNCTION analytics_llm.note_change() IS 'trigger: ends the kept answers that the change may touch';
REVOKE ALL ON FUNCTION analytics_llm.note_change() FROM PUBLIC;
