-- The functions of the test module; :module is the path of its library.  They
-- obey the session's analytics_llm.allow_system_catalogs.

-- What the names pass says of a text before the server is asked.
CREATE FUNCTION probe_names(sql text)
RETURNS TABLE (code text, message text, hint text, pos int)
AS :'module', 'probe_names' LANGUAGE C VOLATILE STRICT;

-- Microseconds of one check in its fence, and of the server's own parse and
-- analysis of the same text: medians of so many runs, taken in turns.
CREATE FUNCTION probe_cost(sql text, runs int,
						   OUT check_us float8, OUT server_us float8)
AS :'module', 'probe_cost' LANGUAGE C VOLATILE STRICT;

-- What the check records of a query that it passed.
CREATE FUNCTION probe_checked(sql text) RETURNS json
AS :'module', 'probe_checked' LANGUAGE C VOLATILE STRICT;

-- What the server itself refuses a text for; null where it accepts it.
CREATE FUNCTION probe_server(sql text, OUT code text, OUT message text, OUT pos int)
AS :'module', 'probe_server' LANGUAGE C VOLATILE STRICT;

-- The number of rows of a query that is checked and run in one fence.
CREATE FUNCTION probe_run(sql text) RETURNS bigint
AS :'module', 'probe_run' LANGUAGE C VOLATILE STRICT;
