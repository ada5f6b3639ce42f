
--
-- Tables whose rows decide what a question means, which query may run, or
-- which model is asked: a change ends the kept answers that it may touch.  One
-- that came by replication does, too: its worker fires such triggers alone.
--
CREATE TRIGGER note_change
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON analytics_llm.allowed_function
	FOR EACH STATEMENT EXECUTE FUNCTION analytics_llm.note_change();
ALTER TABLE analytics_llm.allowed_function ENABLE ALWAYS TRIGGER note_change;
COMMENT ON TRIGGER note_change ON analytics_llm.allowed_function IS 'ends kept answers';
CREATE TRIGGER note_change
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON analytics_llm.example
	FOR EACH STATEMENT EXECUTE FUNCTION analytics_llm.note_change();
ALTER TABLE analytics_llm.example ENABLE ALWAYS TRIGGER note_change;
COMMENT ON TRIGGER note_change ON analytics_llm.example IS 'ends kept answers';
CREATE TRIGGER note_change
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON analytics_llm.model
	FOR EACH STATEMENT EXECUTE FUNCTION analytics_llm.note_change();
ALTER TABLE analytics_llm.model ENABLE ALWAYS TRIGGER note_change;
COMMENT ON TRIGGER note_change ON analytics_llm.model IS 'ends kept answers';
CREATE TRIGGER note_change
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON analytics_llm.route
	FOR EACH STATEMENT EXECUTE FUNCTION analytics_llm.note_change();
ALTER TABLE analytics_llm.route ENABLE ALWAYS TRIGGER note_change;
COMMENT ON TRIGGER note_change ON analytics_llm.route IS 'ends kept answers';
CREATE TRIGGER note_change
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON analytics_llm.tier
	FOR EACH STATEMENT EXECUTE FUNCTION analytics_llm.note_change();
ALTER TABLE analytics_llm.tier ENABLE ALWAYS TRIGGER note_change;
COMMENT ON TRIGGER note_change ON analytics_llm.tier IS 'ends kept answers';
CREATE TRIGGER note_change
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON analytics_llm.rollout
	FOR EACH STATEMENT EXECUTE FUNCTION analytics_llm.note_change();
ALTER TABLE analytics_llm.rollout ENABLE ALWAYS TRIGGER note_change;
COMMENT ON TRIGGER note_change ON analytics_llm.rollout IS 'ends kept answers';
CREATE TRIGGER note_change
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON analytics_llm.metric
	FOR EACH STATEMENT EXECUTE FUNCTION analytics_llm.note_change();
ALTER TABLE analytics_llm.metric ENABLE ALWAYS TRIGGER note_change;
COMMENT ON TRIGGER note_change ON analytics_llm.metric IS 'ends kept answers';
CREATE TRIGGER note_change
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON analytics_llm.synonym
	FOR EACH STATEMENT EXECUTE FUNCTION analytics_llm.note_change();
ALTER TABLE analytics_llm.synonym ENABLE ALWAYS TRIGGER note_change;
COMMENT ON TRIGGER note_change ON analytics_llm.synonym IS 'ends kept answers';
