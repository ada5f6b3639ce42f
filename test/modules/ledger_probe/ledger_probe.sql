-- The functions of the test module; :module is the path of its library.  Each
-- does something n times and returns the microseconds that its process has worked
-- for one.

-- Reserves and settles a call in the quotas of the calling role.
CREATE FUNCTION probe_pairs(n int)
RETURNS float8 AS :'module', 'probe_pairs' LANGUAGE C VOLATILE;

-- Takes and frees the lock of the budgets as often as that does.
CREATE FUNCTION probe_locks(n int)
RETURNS float8 AS :'module', 'probe_locks' LANGUAGE C VOLATILE;

-- Reads the quotas, and finds those that apply.
CREATE FUNCTION probe_quotas(n int)
RETURNS float8 AS :'module', 'probe_quotas' LANGUAGE C VOLATILE;

-- Reserves room for a record and hands it over.
CREATE FUNCTION probe_hand_over(n int, record json)
RETURNS float8 AS :'module', 'probe_hand_over' LANGUAGE C VOLATILE;

-- Copies a record in the memory of the process.
CREATE FUNCTION probe_copy(n int, record json)
RETURNS float8 AS :'module', 'probe_copy' LANGUAGE C VOLATILE;
