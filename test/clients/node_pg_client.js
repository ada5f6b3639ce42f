// node-postgres as one of the clients of the table: runs cases, prints what came.
//
// usage: node node_pg_client.js PORT DATABASE PROTOCOL PLACE
//
// Cases and results are those of psycopg_client.py.
'use strict'
const { Client } = require('pg')
const readline = require('readline')

const [port, database, protocol, place] = process.argv.slice(2)
const RUNS = 3 // of a named statement, so that one is used again

// Values stay the text that the server sent.
const types = { getTypeParser: () => (value) => value }

// The statement as this protocol sends it.  Without parameters only a number of
// rows or a name makes this driver leave the simple protocol.
function config(sql, args) {
  const query = { text: sql, values: args, rowMode: 'array', types }
  if (protocol === 'extended') query.rows = 1000
  if (protocol === 'prepared') query.name = 'asked ' + sql
  return query
}

async function run(client, sql, args) {
  if (place === 'read_only') await client.query('BEGIN READ ONLY')
  const result = await client.query(config(sql, args))
  if (place === 'read_only') await client.query('COMMIT')
  return { columns: result.fields.map((f) => [f.name, String(f.dataTypeID)]), rows: result.rows }
}

// In the simple protocol it is this driver's own quoting that puts a value in.
function bound(client, sql, argument) {
  if (!sql.includes('{q}')) return [sql, []]
  return protocol === 'simple'
    ? [sql.replace('{q}', client.escapeLiteral(argument)), []]
    : [sql.replace('{q}', '$1'), [argument]]
}

async function answer(argument, then, sql) {
  const client = new Client({ host: '127.0.0.1', port, database, user: 'analyst' })
  await client.connect()
  try {
    const [text, args] = bound(client, sql, argument)
    const results = []
    for (let i = 0; i < (protocol === 'prepared' ? RUNS : 1); i++) results.push(await run(client, text, args))
    if (results.some((r) => JSON.stringify(r) !== JSON.stringify(results[0]))) {
      return { error: 'one statement gave different results' }
    }
    return then === '1' ? await run(client, results[0].rows[0][0], []) : results[0]
  } catch (error) {
    return { error: error.message.split('\n')[0] }
  } finally {
    await client.end()
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(...line.split('\t'))))
  }
}

main()
