--
-- Whatever changes data, locks rows, or is no query at all is refused, however
-- it is written.
--
CREATE TABLE check_writes (a int, b text);

SELECT q, code, message
  FROM (VALUES (1, 'INSERT INTO check_writes VALUES (1)'),
               (2, 'UPDATE check_writes SET a = 1'),
               (3, 'DELETE FROM check_writes'),
               (4, 'MERGE INTO check_writes w USING check_writes s ON false WHEN NOT MATCHED THEN DO NOTHING'),
               (5, 'TRUNCATE check_writes'),
               (6, 'DROP TABLE check_writes'),
               (7, 'CREATE TABLE x AS SELECT 1'),
               (8, 'SELECT a INTO x FROM check_writes'),
               (9, 'SELECT a INTO TEMP x FROM check_writes UNION SELECT 1'),
               (10, 'SELECT * FROM check_writes FOR UPDATE'),
               (11, 'SELECT * FROM (SELECT * FROM check_writes FOR KEY SHARE) q'),
               -- A data-modifying CTE is a write, whatever the outer statement is.
               (12, 'WITH d AS (DELETE FROM check_writes RETURNING 1) SELECT count(*) FROM d'),
               (13, 'WITH i AS (INSERT INTO check_writes VALUES (1)) SELECT 1'),
               (14, 'WITH a AS (WITH b AS (UPDATE check_writes SET a = 2 RETURNING a) SELECT a FROM b) SELECT a FROM a'),
               (15, 'SELECT 1; DELETE FROM check_writes'),
               (16, 'SELECT 1; SELECT 2'),
               (17, 'COMMIT; SELECT 1'),
               (18, 'SET transaction_read_only = off'),
               (19, 'SHOW work_mem'),
               (20, 'EXPLAIN SELECT 1'),
               (21, 'EXPLAIN ANALYZE DELETE FROM check_writes'),
               (22, 'COPY check_writes TO PROGRAM ''cat'''),
               (23, 'DO $$ BEGIN END $$'),
               (24, 'CALL something()'),
               (25, 'PREPARE p AS SELECT 1'),
               (26, 'EXECUTE p'),
               (27, 'DECLARE c CURSOR FOR SELECT 1'),
               (28, 'LOCK check_writes'),
               (29, 'NOTIFY x'),
               (30, 'VACUUM'),
               (31, 'SELECT nextval(''s'')'),
               (32, 'SELECT setval(''s'', 1)'),
               (33, '/* SELECT */ DELETE FROM check_writes -- SELECT')) AS t (n, q),
       LATERAL llm_check(q) AS f
 ORDER BY n, code COLLATE "C", message COLLATE "C";

-- Text that is no statement.
SELECT code, message, pos FROM llm_check('');
SELECT code, message, pos FROM llm_check(' ; ; -- nothing');
SELECT code, message, pos FROM llm_check('SELEC 1');
SELECT code, message, pos FROM llm_check('SELECT ''open');
-- One semicolon at the end is no second statement.
SELECT code, message, pos FROM llm_check('SELECT 1;');

-- Strings that the server and the parser library would read differently.
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT f.code, f.message
  FROM llm_check(E'SELECT \'\\\'; DELETE FROM check_writes; --\'') AS f;
RESET standard_conforming_strings;
RESET escape_string_warning;

-- A check runs nothing and changes nothing.
BEGIN READ ONLY;
SELECT count(*) FROM llm_check('SELECT a FROM check_writes');
COMMIT;
BEGIN;
SELECT count(*) FROM llm_check('SELECT a FROM check_writes');
SHOW transaction_read_only;
INSERT INTO check_writes VALUES (1, 'still writable');
SELECT count(*) FROM check_writes;
-- The locks of the check go with it.
ROLLBACK;
BEGIN;
SELECT count(*) FROM llm_check('SELECT a FROM check_writes');
SELECT count(*) FROM pg_locks
 WHERE pid = pg_backend_pid() AND relation = 'check_writes'::regclass;
COMMIT;

DROP TABLE check_writes;
