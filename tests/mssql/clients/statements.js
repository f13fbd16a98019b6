// SPDX-License-Identifier: Apache-2.0
// What tedious is asked of the TDS server on the port argv[3]; argv[2] is where it is installed. Each line that is printed is a
// step that came to what it should; anything else ends in exit status 1.
'use strict';
const { Connection, Request, TYPES, ISOLATION_LEVEL } = require(process.argv[2]);

const connection = new Connection({
  server: '127.0.0.1',
  authentication: { type: 'default', options: { userName: 'sa', password: 'x' } },
  options: {
    port: Number(process.argv[3]), encrypt: false, database: 'interplay', trustServerCertificate: true,
    connectTimeout: 120000, requestTimeout: 120000, cancelTimeout: 120000, // the machine may be busy
  },
});

function expect(what, wanted, found) {
  if (JSON.stringify(wanted) !== JSON.stringify(found)) {
    throw new Error(`${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
  }
  console.log(what);
}

const promised = (call) => new Promise((resolve, reject) => call((error, result) => (error ? reject(error) : resolve(result))));
const begin = (level) => promised((done) => connection.beginTransaction(done, 'of_tedious', level));
const commit = () => promised((done) => connection.commitTransaction(done));
const rollback = () => promised((done) => connection.rollbackTransaction(done));

function ask(sql, parameters = [], cancelAfter = 0) {
  return promised((done) => {
    const rows = [];
    const request = new Request(sql, (error) => done(error, rows));
    for (const [name, type, value] of parameters) request.addParameter(name, type, value);
    request.on('row', (row) => rows.push(row.map((column) => column.value)));
    connection.execSql(request);
    if (cancelAfter > 0) setTimeout(() => connection.cancel(), cancelAfter);
  });
}

// The number or the code of the error that it ends with.
const failure = (asked) => asked.then(() => null, (error) => error.number || error.code);

function prepared(values) {
  return new Promise((resolve, reject) => {
    const found = [];
    const request = new Request('SELECT @a * 2 AS d', (error) => {
      if (error) reject(error);
      else if (values.length > 0) connection.execute(request, { a: values.shift() });
      else resolve(found);
    });
    request.addParameter('a', TYPES.Int);
    request.on('row', (row) => found.push(row[0].value));
    request.once('prepared', () => connection.execute(request, { a: values.shift() }));
    connection.prepare(request);
  });
}

async function run() {
  await ask('CREATE TABLE of_tedious (k int PRIMARY KEY, p nvarchar(max))');
  await begin(ISOLATION_LEVEL.SERIALIZABLE);
  await ask('INSERT INTO of_tedious VALUES (@k, @p)', [['k', TYPES.Int, 1], ['p', TYPES.NVarChar, 'zwölf €']]);
  await rollback();
  expect('rolled back', [[0]], await ask('SELECT COUNT(*) FROM of_tedious'));
  await begin(ISOLATION_LEVEL.SNAPSHOT);
  await ask('INSERT INTO of_tedious VALUES (@k, @p)', [['k', TYPES.BigInt, 1], ['p', TYPES.NVarChar, 'y'.repeat(50000)]]);
  await commit();
  expect('committed', [[50000]], await ask('SELECT LEN(p) FROM of_tedious'));
  expect('a key that is taken', 2627, await failure(ask('INSERT INTO of_tedious VALUES (1, NULL)')));
  expect('cancelled', 'ECANCEL', await failure(ask("WAITFOR DELAY '0:1:0'", [], 100)));
  expect('the connection serves on', [[7, null]], await ask('SELECT 7, NULL'));
  expect('prepared', [42, 4, 6], await prepared([21, 2, 3]));
}

connection.on('connect', (error) => {
  (error ? Promise.reject(error) : run()).then(() => connection.close(), (problem) => {
    console.error(String(problem));
    process.exit(1);
  });
});
connection.connect();
