--
-- Who changes a model's row, be it to the same values, gives it a fresh start:
-- the way to try a model again before its rest is over.
--
CREATE FUNCTION llm_gate_forget() RETURNS trigger
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_gate_forget';
COMMENT ON FUNCTION llm_gate_forget() IS
'trigger: closes the breakers of a model and of the keys of its server';
REVOKE ALL ON FUNCTION llm_gate_forget() FROM PUBLIC;

CREATE TRIGGER gate_forget AFTER INSERT OR UPDATE
	ON analytics_llm.model
	FOR EACH ROW EXECUTE FUNCTION @extschema@.llm_gate_forget();
COMMENT ON TRIGGER gate_forget ON analytics_llm.model IS
'closes the breakers of the model: see llm_gate_forget';
