
CREATE FUNCTION llm_create_view(view_name text, question text, options jsonb DEFAULT '{}')
RETURNS text
LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'analytics_llm_create_view';
COMMENT ON FUNCTION llm_create_view(text, text, jsonb) IS 'makes a view of the query that answers a question, read with the rights of whoever reads it; returns the query';
REVOKE ALL ON FUNCTION llm_create_view(text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION llm_create_view(text, text, jsonb) TO PUBLIC;

--
-- The comments of such views, read back.  Whoever owns a view can write another
-- comment, so each part is taken for what its form allows and nothing else.
--
CREATE VIEW analytics_llm.frozen_view AS
SELECT n.nspname AS schema_name,
	c.relname AS view_name,
	pg_catalog.pg_get_userbyid(c.relowner) AS owner,
	pg_catalog.split_part(kept.comment, E'\n', 1) AS question,
	said.part[1]::uuid AS request_id,
	said.part[2] AS model,
	said.part[3]::real AS confidence,
	pg_catalog.to_timestamp(said.part[4]::double precision) AS written_at,
	COALESCE('security_invoker=true' OPERATOR(pg_catalog.=) ANY (c.reloptions), false) AS security_invoker
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 CROSS JOIN LATERAL pg_catalog.obj_description(c.oid, 'pg_class') AS kept (comment)
 CROSS JOIN LATERAL pg_catalog.regexp_match(pg_catalog.split_part(kept.comment, E'\n', 2),
	'^analytics_llm: request ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}), model (.*), confidence (0\.[0-9]{2}), written at .{1,40} \(([0-9]{1,11})\)$') AS said (part)
 WHERE c.relkind OPERATOR(pg_catalog.=) 'v'
   AND pg_catalog.starts_with(pg_catalog.split_part(kept.comment, E'\n', 2), 'analytics_llm: request ');
COMMENT ON VIEW analytics_llm.frozen_view IS 'views that llm_create_view() has made, with the question that each answers, by their comments; no question means one of them';
COMMENT ON COLUMN analytics_llm.frozen_view.request_id IS 'of analytics_llm.request, as long as that is kept; null, as what follows, where the comment was edited';
COMMENT ON COLUMN analytics_llm.frozen_view.security_invoker IS 'it is read with the rights of whoever reads it';
GRANT SELECT ON analytics_llm.frozen_view TO PUBLIC;
