"""psycopg 3 as one of the clients of the table: runs cases, prints what came.

usage: psycopg_client.py PORT DATABASE PROTOCOL PLACE

A case is a line "ARGUMENT <tab> THEN <tab> SQL" of standard input; {q} in the SQL
stands for the argument, which is sent as this protocol sends parameters.  THEN
is 1 where the text that comes back is a query to be run in its turn.  For each
case a line of JSON: {"columns": [[name, type]], "rows": [[text]]} or {"error": ...}.
"""

import json
import sys

import psycopg

port, database, protocol, place = sys.argv[1:5]
RUNS = 3  # of a prepared statement, so that one is used again


def connect():
    conn = psycopg.connect(host="127.0.0.1", port=port, dbname=database, user="analyst")
    if place == "read_only":
        conn.read_only = True
    else:
        conn.autocommit = True
    return conn


def text(value):
    """A value as a person reads it; what the driver made of JSON is JSON again."""
    if value is None:
        return None
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return str(value)


def execute(conn, sql, args):
    """One statement over the protocol; the cursor with its result."""
    if protocol == "cursor":
        cursor = conn.cursor(name="asked")
        cursor.execute(sql, args)
    elif protocol == "simple":
        cursor = psycopg.ClientCursor(conn)
        cursor.execute(sql, args)
    else:
        # Binary results ask for the extended protocol without parameters too.
        cursor = conn.cursor(binary=True)
        cursor.execute(sql, args, prepare=protocol == "prepared")
    return cursor


def fetch(conn, sql, args):
    cursor = execute(conn, sql, args)
    rows = [[text(value) for value in row] for row in cursor.fetchall()]
    columns = [[column.name, str(column.type_code)] for column in cursor.description]
    cursor.close()
    return {"columns": columns, "rows": rows}


def run(conn, sql, args):
    """The statement, in a transaction where the place or a cursor needs one."""
    if place != "read_only" and protocol != "cursor":
        return fetch(conn, sql, args)
    with conn.transaction():
        return fetch(conn, sql, args)


def case(argument, then, sql):
    args = (argument,) if "{q}" in sql else None
    sql = sql.replace("{q}", "%s")
    with connect() as conn:
        results = [run(conn, sql, args) for _ in range(RUNS if protocol == "prepared" else 1)]
        if any(result != results[0] for result in results):
            return {"error": "one statement gave different results"}
        if then == "1":
            return run(conn, results[0]["rows"][0][0], None)
        return results[0]


for line in sys.stdin:
    argument, then, sql = line.rstrip("\n").split("\t")
    try:
        result = case(argument, then, sql)
    except psycopg.Error as error:
        message = error.diag.message_primary or str(error)
        result = {"error": message.splitlines()[0]}
    print(json.dumps(result), flush=True)
