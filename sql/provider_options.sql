--
-- Options of servers and user mappings of llm_provider: what is refused, and
-- that no message holds a key.
--
\set VERBOSITY terse
CREATE SERVER sales_models FOREIGN DATA WRAPPER llm_provider;
CREATE SERVER sales_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'telepathy');
CREATE SERVER sales_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', colour 'red');
CREATE SERVER sales_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', api_key 'sk-of-nobody');
CREATE SERVER sales_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', allow_plaintext 'perhaps');
CREATE SERVER sales_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', ca_file 'relative.pem');

-- Known values and options are named, and what is wrong with a URL.
\set VERBOSITY default
CREATE SERVER sales_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'telepathy');
CREATE SERVER sales_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', colour 'red');

CREATE FUNCTION try_endpoint(endpoint text, allow_plaintext text DEFAULT 'off')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	problem text;
BEGIN
	EXECUTE format('CREATE SERVER tried FOREIGN DATA WRAPPER llm_provider '
				   'OPTIONS (api %L, endpoint %L, allow_plaintext %L)',
				   'anthropic', endpoint, allow_plaintext);
	DROP SERVER tried;
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS problem = PG_EXCEPTION_DETAIL;
	RETURN SQLERRM || ': ' || problem;
END
$$;
SELECT endpoint, try_endpoint(endpoint)
  FROM (VALUES
		(1, 'https://models.example'),
		(2, 'https://models.example:8443/gateway/'),
		(3, 'http://127.0.0.1:8080'),
		(4, 'http://localhost:8080'),
		(5, 'http://[::1]:8080'),
		(6, 'http://0x7f000001/'),
		(7, 'http://models.example'),
		(8, 'http://localhost.models.example'),
		(9, 'http://127.0.0.1.models.example'),
		(10, 'http://[::ffff:10.0.0.1]'),
		(11, 'https://user@models.example'),
		(12, 'https://user:word@models.example'),
		(13, 'https://models.example/?a=b'),
		(14, 'https://models.example/#a'),
		(15, 'ftp://models.example'),
		(16, 'file:///etc/passwd'),
		(17, 'models.example'),
		(18, 'https://models.example/a b'),
		(19, E'https://models.example/\r\nx: y'),
		(20, 'https://'),
		(21, '')) AS t (n, endpoint)
 ORDER BY n;
SELECT try_endpoint('http://models.example', 'on') AS plaintext_allowed;
DROP FUNCTION try_endpoint(text, text);

CREATE SERVER sales_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic');
ALTER SERVER sales_models OPTIONS (DROP api);
ALTER SERVER sales_models OPTIONS (ADD endpoint 'http://models.example');

-- A mapping has one key, and a key is one word of ASCII.
CREATE USER MAPPING FOR CURRENT_USER SERVER sales_models;
CREATE USER MAPPING FOR CURRENT_USER SERVER sales_models OPTIONS (api_key 'a', api_key_file '/b');
CREATE USER MAPPING FOR CURRENT_USER SERVER sales_models OPTIONS (api_key '');
CREATE USER MAPPING FOR CURRENT_USER SERVER sales_models OPTIONS (api_key 'sk secret');
CREATE USER MAPPING FOR CURRENT_USER SERVER sales_models OPTIONS (api_key E'sk\r\nx-evil: secret');
CREATE USER MAPPING FOR CURRENT_USER SERVER sales_models OPTIONS (api_key 'schlüssel-secret');
CREATE USER MAPPING FOR CURRENT_USER SERVER sales_models OPTIONS (api_key_file 'key');
CREATE USER MAPPING FOR CURRENT_USER SERVER sales_models OPTIONS (password 'secret');
CREATE USER MAPPING FOR CURRENT_USER SERVER sales_models OPTIONS (api_key_file '/etc/analytics_llm/key');
ALTER USER MAPPING FOR CURRENT_USER SERVER sales_models OPTIONS (ADD api_key 'secret');
ALTER USER MAPPING FOR CURRENT_USER SERVER sales_models OPTIONS (DROP api_key_file);
DROP USER MAPPING FOR CURRENT_USER SERVER sales_models;

-- A role that may use the server brings its own key, but names no file, and
-- owns no server with a file or without encryption.
CREATE ROLE analyst;
GRANT USAGE ON FOREIGN SERVER sales_models TO analyst;
SET ROLE analyst;
CREATE USER MAPPING FOR analyst SERVER sales_models OPTIONS (api_key_file '/etc/passwd');
CREATE USER MAPPING FOR analyst SERVER sales_models OPTIONS (api_key 'sk-of-analyst');
ALTER USER MAPPING FOR analyst SERVER sales_models OPTIONS (DROP api_key, ADD api_key_file '/etc/passwd');
CREATE USER MAPPING FOR PUBLIC SERVER sales_models OPTIONS (api_key 'sk-of-all');
CREATE SERVER my_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic');
RESET ROLE;
GRANT USAGE ON FOREIGN DATA WRAPPER llm_provider TO analyst;
SET ROLE analyst;
CREATE SERVER my_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', ca_file '/etc/passwd');
CREATE SERVER my_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic', allow_plaintext 'on');
CREATE SERVER my_models FOREIGN DATA WRAPPER llm_provider OPTIONS (api 'anthropic');
-- Nobody sees the key of another role.
RESET ROLE;
SET ROLE analyst;
SELECT srvname, usename, umoptions FROM pg_user_mappings
 WHERE srvname IN ('sales_models', 'my_models') ORDER BY 1, 2;
RESET ROLE;
CREATE ROLE other_analyst;
SET ROLE other_analyst;
SELECT srvname, usename, umoptions FROM pg_user_mappings
 WHERE srvname IN ('sales_models', 'my_models') ORDER BY 1, 2;
RESET ROLE;

-- The wrapper is for no tables.
CREATE FOREIGN TABLE sales_of_models (a int) SERVER sales_models;
SELECT * FROM sales_of_models;
DROP FOREIGN TABLE sales_of_models;

DROP SERVER sales_models CASCADE;
DROP SERVER my_models;
REVOKE USAGE ON FOREIGN DATA WRAPPER llm_provider FROM analyst;
DROP ROLE analyst;
DROP ROLE other_analyst;
