-- Does the question give the rows of the query, whatever else is beside them?
-- Each column of the query is one of the answer's, in the order of the rows
-- where "ordered" says so.
CREATE FUNCTION gives(question text, query text, ordered boolean DEFAULT false)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer analytics_llm.answer;
	wanted json;
	missing int;
BEGIN
	answer := llm_answer(question);
	IF answer.error_code IS NOT NULL THEN
		RETURN answer.message;
	END IF;
	EXECUTE 'SELECT coalesce(json_agg(q), ''[]'') FROM (' || query || ') AS q' INTO wanted;
	IF json_array_length(wanted) <> json_array_length(answer.rows) THEN
		RETURN 'other rows: ' || answer.sql;
	END IF;
	WITH cells (side, name, row, value) AS (
		SELECT 1, e.key, r.n, e.value
		  FROM json_array_elements(wanted) WITH ORDINALITY AS r (row, n), json_each_text(r.row) AS e
		 UNION ALL
		SELECT 2, e.key, r.n, e.value
		  FROM json_array_elements(answer.rows) WITH ORDINALITY AS r (row, n), json_each_text(r.row) AS e
	), columns AS (
		SELECT side, name,
			   string_agg(coalesce(value, '-'), '|' ORDER BY CASE WHEN ordered THEN row END, value) AS bag
		  FROM cells GROUP BY side, name
	)
	SELECT count(*) INTO missing
	  FROM columns AS w
	 WHERE w.side = 1 AND NOT EXISTS (SELECT FROM columns AS a WHERE a.side = 2 AND a.bag = w.bag);
	RETURN CASE missing WHEN 0 THEN 'right' ELSE 'other columns: ' || answer.sql END;
END $$;
