--
-- What another role put in place of a function or an operator of the server's
-- is not run by who asks.
--
CREATE ROLE regress_shadow_asker;
CREATE ROLE regress_shadow_maker;
CREATE SCHEMA check_shadows;
GRANT CREATE, USAGE ON SCHEMA check_shadows TO regress_shadow_maker;
GRANT USAGE ON SCHEMA check_shadows TO regress_shadow_asker;
SET search_path = check_shadows, public;
CREATE TABLE towns (town_id int PRIMARY KEY, name varchar(20) NOT NULL);
INSERT INTO towns VALUES (1, 'Rome'), (2, 'Oslo');
ANALYZE towns;
GRANT SELECT ON towns TO regress_shadow_asker, regress_shadow_maker;

SET ROLE regress_shadow_maker;
CREATE FUNCTION seen(varchar, varchar) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END';
CREATE OPERATOR = (FUNCTION = seen, LEFTARG = varchar, RIGHTARG = varchar);
CREATE FUNCTION upper(varchar) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''shadow''::text';
CREATE FUNCTION twice(varchar) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT repeat($1, 2)';

-- The operator, also when the built-in rules write the query.
SET ROLE regress_shadow_asker;
SELECT code, message, detail FROM llm_check('SELECT count(*) FROM towns WHERE name = ''Rome''::varchar');
SELECT code, message FROM llm_check('SELECT count(*) FROM towns WHERE name IN (''Rome''::varchar, ''Oslo''::varchar)');
SELECT status, rows FROM llm_answer('how many towns with name "Rome"');

-- The function; one with a name of its own is no shadow.
SELECT code, message, detail FROM llm_check('SELECT upper(name) FROM towns');
SELECT count(*) FROM llm_check('SELECT twice(name) FROM towns');
SELECT count(*) FROM llm_check('SELECT pg_catalog.upper(name::text) FROM towns');

-- The maker's own queries may use them, and so may those of a role that has
-- the maker's rights.
SET ROLE regress_shadow_maker;
SELECT count(*) FROM llm_check('SELECT upper(name) FROM towns WHERE name = ''Rome''::varchar');
RESET ROLE;
GRANT regress_shadow_maker TO regress_shadow_asker;
SET ROLE regress_shadow_asker;
SELECT count(*) FROM llm_check('SELECT upper(name) FROM towns');
RESET ROLE;
REVOKE regress_shadow_maker FROM regress_shadow_asker;

-- A DBA can allow it by name.
INSERT INTO analytics_llm.allowed_function (signature, reason)
VALUES ('check_shadows.upper(varchar)', 'known');
SET ROLE regress_shadow_asker;
SELECT count(*) FROM llm_check('SELECT upper(name) FROM towns');
RESET ROLE;
DELETE FROM analytics_llm.allowed_function WHERE reason = 'known';

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA check_shadows CASCADE;
DROP ROLE regress_shadow_asker, regress_shadow_maker;
