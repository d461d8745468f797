#!/usr/bin/env node
// Drop-in for Prisma's native `schema-engine` binary: same JSON-RPC protocol, run by the
// official wasm build of the same engine through @prisma/adapter-pg. No download needed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import readline from 'node:readline';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as bg from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const require = createRequire(import.meta.url);
const wasmPath = require.resolve('@prisma/schema-engine-wasm').replace(/schema_engine\.js$/, 'schema_engine_bg.wasm');

const argv = process.argv.slice(2);
const flag = (name) => argv.flatMap((a, i) => (a === name ? [argv[i + 1]] : []));
if (argv.includes('--version') || argv.includes('-v')) {
  console.log(
    'schema-engine-wasm ' +
      readFileSync(require.resolve('@prisma/schema-engine-wasm').replace(/schema_engine\.js$/, 'package.json'), 'utf8').match(/"version": "([^"]+)"/)[1],
  );
  process.exit(0);
}
const ds = JSON.parse(flag('--datasource')[0] ?? '{}');
const url = ds.url ?? process.env.DATABASE_URL;
const log = (level, message) => process.stderr.write(JSON.stringify({ timestamp: new Date().toISOString(), level, fields: { message } }) + '\n');

const adminUrl = (u) => {
  const x = new URL(u);
  x.pathname = '/postgres';
  return x.toString();
};
async function createDatabase(u) {
  const name = decodeURIComponent(new URL(u).pathname.slice(1));
  const c = new pg.Client({ connectionString: adminUrl(u) });
  await c.connect();
  try {
    await c.query(`CREATE DATABASE ${c.escapeIdentifier(name)}`);
  } finally {
    await c.end();
  }
  return name;
}
async function canConnect(u) {
  const c = new pg.Client({ connectionString: u });
  await c.connect();
  await c.end();
}

// `schema-engine cli can-connect-to-database | create-database | drop-database`
if (argv.includes('cli')) {
  // The CLI skips the first stderr line and reads the rest as JSON log lines.
  log('INFO', 'Starting schema engine CLI');
  const fail = (e) => {
    const u = new URL(url);
    const [error_code, message] =
      e.code === '3D000'
        ? ['P1003', `Database \`${u.pathname.slice(1)}\` does not exist`]
        : e.code === '28P01'
          ? ['P1000', `Authentication failed for user \`${u.username}\``]
          : ['P1001', `Can't reach database server at ${u.host} (${e.message || e.code})`];
    process.stderr.write(
      JSON.stringify({
        timestamp: new Date().toISOString(),
        level: 'ERROR',
        target: 'schema_engine::logger',
        fields: { message, is_panic: false, error_code },
      }) + '\n',
    );
    process.exit(1);
  };
  try {
    if (argv.includes('can-connect-to-database')) await canConnect(url);
    else if (argv.includes('create-database')) await createDatabase(url);
    else throw new Error('unsupported sub-command');
    process.exit(0);
  } catch (e) {
    fail(e);
  }
}

globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  message: '',
  set_message(m) {
    this.message = m;
  },
};
const { instance } = await WebAssembly.instantiate(readFileSync(wasmPath), { './schema_engine_bg.js': bg });
bg.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

const schema = url ? (new URL(url).searchParams.get('schema') ?? undefined) : undefined;
// Gaps in adapter-pg 7.10 that the engine trips over:
// 1. it cannot map the catalog type "char" (oid 18) -> read it as bpchar, report it as Character;
// 2. executeScript() splits on every ';', which breaks function bodies and string literals
//    -> send the whole script as one simple query;
// 3. connectToShadowDb() with a connection string keeps talking to the MAIN database, and drops
//    the shadow before closing its pool -> make, use and drop it here.
const addFields = pg.Result.prototype.addFields;
pg.Result.prototype.addFields = function (fields) {
  for (const f of fields)
    if (f.dataTypeID === 18) {
      f.dataTypeID = 1042;
      f.isChar = true;
    }
  return addFields.call(this, fields);
};
async function open(u) {
  const a = await new PrismaPg({ connectionString: u }, { schema }).connect();
  const { performIO, queryRaw } = a;
  a.queryRaw = async (query) => {
    let fields;
    const self = Object.create(a, {
      performIO: {
        value: async (q) => {
          const r = await performIO.call(a, q);
          fields = r.fields;
          return r;
        },
      },
    });
    const result = await queryRaw.call(self, query);
    fields.forEach((f, i) => {
      if (f.isChar) result.columnTypes[i] = ColumnTypeEnum.Character;
    });
    return result;
  };
  a.executeScript = async (script) => {
    try {
      await a.underlyingDriver().query(script);
    } catch (e) {
      a.onError(e);
    }
  };
  return a;
}
async function admin(u, sql) {
  const c = new pg.Client({ connectionString: u });
  await c.connect();
  try {
    await c.query(sql);
  } finally {
    await c.end();
  }
}
const base = new PrismaPg({ connectionString: url }, { schema });
base.connect = () => open(url);
base.connectToShadowDb = async () => {
  if (ds.shadowDatabaseUrl) {
    if (ds.shadowDatabaseUrl === url) throw new Error('shadowDatabaseUrl must differ from the database url');
    await admin(ds.shadowDatabaseUrl, 'DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public');
    return open(ds.shadowDatabaseUrl);
  }
  const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
  await admin(url, `CREATE DATABASE "${name}"`);
  const u = new URL(url);
  u.pathname = '/' + name;
  const a = await open(u.toString());
  const dispose = a.dispose.bind(a);
  a.dispose = async () => {
    await dispose();
    await admin(url, `DROP DATABASE IF EXISTS "${name}"`);
  };
  return a;
};
const datamodels = flag('--datamodels').map((p) => [p, readFileSync(p, 'utf8')]);
// The wasm engine connects while it is made. A failure must reach the CLI as a reply: it takes a dead engine for success.
const engine = await bg.SchemaEngine.new(
  { datamodels: datamodels.length ? datamodels : undefined },
  (l) => process.env.DEBUG_SCHEMA_ENGINE && process.stderr.write(l + '\n'),
  bindMigrationAwareSqlAdapterFactory(base),
).catch((error) => new Proxy({}, { get: () => () => Promise.reject(error) }));
// These two use the shadow database but only set it up as a side effect of a diagnosis.
const NEEDS_SHADOW = new Set(['evaluateDataLoss', 'createMigration']);

const rl = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
const out = (m) => process.stdout.write(JSON.stringify(m) + '\n');
let chain = Promise.resolve();
rl.on('line', (line) => {
  if (!line.trim()) return;
  const { id, method, params } = JSON.parse(line);
  if (!method) return; // reply to a print request
  chain = chain.then(async () => {
    try {
      if (NEEDS_SHADOW.has(method))
        await engine.diagnoseMigrationHistory({ migrationsList: params.migrationsList, optInToShadowDatabase: true, filters: params.filters });
      let result;
      if (method === 'createDatabase') result = { databaseName: await createDatabase(url) };
      else if (method === 'getDatabaseVersion') result = await engine.version(params ?? null);
      else result = (await engine[method](params)) ?? {};
      if (method === 'diff' && result.stdout) {
        out({ id: 900000 + id, jsonrpc: '2.0', method: 'print', params: { content: result.stdout } });
      }
      out({ id, jsonrpc: '2.0', result: result === undefined ? null : result });
    } catch (e) {
      out({
        id,
        jsonrpc: '2.0',
        error: {
          code: 4466,
          message: 'An error happened. Check the data field for details.',
          data: {
            is_panic: false,
            message: globalThis.PRISMA_WASM_PANIC_REGISTRY.message || String(e?.message ?? e),
            error_code: e?.code ?? undefined,
            meta: e?.meta ?? null,
          },
        },
      });
    }
  });
});
rl.on('close', () => chain.finally(() => process.exit(0)));
