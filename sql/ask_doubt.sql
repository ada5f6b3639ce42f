--
-- A doubtful answer says so: one WARNING line, or an error where the role
-- asked for that.
--
CREATE SCHEMA ask_doubt;
SET search_path = ask_doubt, public;
CREATE TABLE readings (reading_id int PRIMARY KEY, taken_on date NOT NULL, volume int NOT NULL);
INSERT INTO readings SELECT i, date '2024-01-01' + i, i FROM generate_series(1, 100) AS i;
ANALYZE readings;

-- All is well: no line at all.
SELECT llm_ask('total volume');

-- Cut off by rows, and by size.
SET analytics_llm.row_limit = 2;
SELECT llm_ask('volume by day');
SET analytics_llm.row_limit = 100;
SET analytics_llm.max_result_size = '1kB';
SELECT truncated, warnings FROM llm_answer('volume by day');
RESET analytics_llm.max_result_size;
RESET analytics_llm.row_limit;

-- An aggregate over no rows is a doubt, not a zero.
SELECT llm_ask('total volume in 2019');

-- No row at all is information.
SELECT llm_ask('volume by month in 2019');

-- Programs that show no notices run under "error".
SET analytics_llm.on_doubt = error;
SELECT llm_ask('total volume in 2019');
SELECT llm_ask('total volume');
SELECT status, error_code, confidence, warnings, rows FROM llm_answer('total volume in 2019');
RESET analytics_llm.on_doubt;

-- Row security in force is information.
CREATE ROLE regress_doubt_reader;
GRANT USAGE ON SCHEMA ask_doubt TO regress_doubt_reader;
GRANT SELECT ON readings TO regress_doubt_reader;
ALTER TABLE readings ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON readings TO regress_doubt_reader USING (reading_id <= 50);
SET ROLE regress_doubt_reader;
SELECT llm_ask('how many readings');
RESET ROLE;
SELECT llm_ask('how many readings');

RESET search_path;
DROP SCHEMA ask_doubt CASCADE;
DROP ROLE regress_doubt_reader;
