// Loading what no API can load in reasonable time: copies of rows that were written through the API, made by the database's owner.
import pg from 'pg';

const name = (text) => `"${text.replaceAll('"', '""')}"`;

async function asOwner(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Copies of good rows are good; checking each again would take longer than writing them.
    await client.query("SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'");
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Tables of the schema `workspace` with the columns that can be written. */
async function columnsOf(client) {
  const { rows } = await client.query(
    `SELECT table_name AS table, array_agg(column_name::text ORDER BY ordinal_position) AS columns FROM information_schema.columns c
     WHERE table_schema = 'workspace' AND is_generated = 'NEVER' AND EXISTS (SELECT 1 FROM pg_tables t WHERE t.schemaname = 'workspace' AND t.tablename = c.table_name)
     GROUP BY table_name`,
  );
  return new Map(rows.map(({ table, columns }) => [table, columns]));
}

/** What autovacuum does within a minute or so after much was written: statistics for the planner, and marks of pages that index-only scans need. */
export const analyze = (url) => asOwner(url, (client) => client.query('VACUUM ANALYZE'));

/** The control plane's row of each copy, and all rows of the workspace under its id: every key starts with the workspace. */
export async function copyWorkspace(url, workspaceId, count) {
  return asOwner(url, async (client) => {
    const { rows } = await client.query("SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'cloud' AND table_name = 'workspace'");
    const own = { id: 'made.id', name: "'bench-' || made.i", display_name: "'bench-' || made.i", slug: 'left(made.id::text, 8)' };
    const values = rows.map((row) => own[row.name] ?? `w.${name(row.name)}`);
    await client.query('CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id, i FROM generate_series(1, $1::int) i', [count]);
    await client.query(
      `INSERT INTO cloud.workspace (${rows.map((row) => name(row.name)).join(', ')}) SELECT ${values.join(', ')} FROM cloud.workspace w CROSS JOIN made WHERE w.id = $1`,
      [workspaceId],
    );
    for (const [table, columns] of await columnsOf(client)) {
      const others = columns.filter((column) => column !== 'workspace_id').map(name);
      await client.query(
        `INSERT INTO workspace.${name(table)} (workspace_id, ${others.join(', ')}) SELECT made.id, ${others.map((column) => `t.${column}`).join(', ')}
         FROM workspace.${name(table)} t CROSS JOIN made WHERE t.workspace_id = $1`,
        [workspaceId],
      );
    }
    await client.query('VACUUM ANALYZE');
    return (await client.query('SELECT id FROM made ORDER BY i')).rows.map(({ id }) => id);
  });
}

/** Where copying runs starts: these, and every table that refers to them. */
const roots = ['pipeline_snapshot', 'pipeline_run', 'artifact_version', 'tag_resource'];
/** What runs belong to and copies share, even if it refers to a run. */
const shared = ['project', 'pipeline', 'artifact', 'model', 'model_version', 'schedule', 'stack'];
/** References that the database does not know as such. */
const polymorphic = { tag_resource: ['resource_id'], run_metadata_resource: ['resource_id'] };
/** What must differ in copies besides ids; `n` numbers the copy. */
const distinct = {
  pipeline_run: { name: "t.name || '-' || n", orchestrator_run_id: "t.orchestrator_run_id || '-' || n", index: 't.index + n * 1000000' },
  step_run: { cache_key: "t.cache_key || '-' || n" },
  artifact_version: { version: "t.version || '.' || n" },
};
/** Tags of pipelines are not copied: pipelines are not. */
const which = { tag_resource: "t.resource_type <> 'pipeline'" };

/** Tables to copy with their columns that refer to copied rows. */
async function tablesOfRuns(client) {
  const { rows } = await client.query(
    `SELECT c.conrelid::regclass::text AS table, c.confrelid::regclass::text AS target, array_agg(a.attname::text) AS columns
     FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
     WHERE c.contype = 'f' AND c.connamespace = 'workspace'::regnamespace AND a.attname <> 'workspace_id' GROUP BY c.oid`,
  );
  const bare = (text) => text.replace(/^workspace\./, '').replaceAll('"', '');
  const keys = rows.map(({ table, target, columns }) => ({ table: bare(table), target: bare(target), columns }));
  const found = new Map(roots.map((table) => [table, new Set(polymorphic[table] ?? [])]));
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { table, target } of keys)
      if (found.has(target) && !shared.includes(table) && !found.has(table)) found.set(table, new Set(polymorphic[table] ?? []));
  }
  for (const { table, target, columns } of keys) if (found.has(table) && found.has(target)) for (const column of columns) found.get(table).add(column);
  return found;
}

/** Keeps what `copyRuns` copies, as it is now: copies of copies would multiply. */
export async function keepRuns(url) {
  return asOwner(url, async (client) => {
    for (const table of (await tablesOfRuns(client)).keys())
      await client.query(`CREATE TABLE public.${name(`bench_${table}`)} AS SELECT * FROM workspace.${name(table)} t WHERE ${which[table] ?? 'true'}`);
  });
}

/** All but primary keys: a dozen of them, kept up row by row, take many times as long as the rows. @returns what makes them again */
async function dropIndexes(client, tables) {
  const { rows } = await client.query(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes i WHERE schemaname = 'workspace' AND tablename = ANY($1)
     AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = format('workspace.%I', i.indexname)::regclass)`,
    [tables],
  );
  for (const index of rows) await client.query(`DROP INDEX workspace.${name(index.name)}`);
  return async () => {
    for (const { definition } of rows) await client.query(definition);
  };
}

/** Triggers that see whole statements, such as those that count rows, fire for copies too; the others check what is known to be good. @returns what undoes it */
async function fireStatementTriggers(client, tables) {
  const { rows } = await client.query(
    `SELECT relname AS table, tgname AS trigger FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
     WHERE relnamespace = 'workspace'::regnamespace AND relname = ANY($1) AND NOT tgisinternal AND tgenabled = 'O' AND tgtype & 1 = 0 AND tgtype & 4 <> 0`,
    [tables],
  );
  const set = async (how) => {
    for (const { table, trigger } of rows) await client.query(`ALTER TABLE workspace.${name(table)} ENABLE ${how}TRIGGER ${name(trigger)}`);
  };
  await set('REPLICA ');
  return () => set('');
}

/** Adds copies of all kept runs of a stand-alone workspace with everything that hangs on them, numbered from `first`. */
export async function copyRuns(url, { first, copies }) {
  return asOwner(url, async (client) => {
    const known = await columnsOf(client);
    const all = await tablesOfRuns(client);
    const rebuild = await dropIndexes(client, [...all.keys()]);
    const unset = await fireStatementTriggers(client, [...all.keys()]);
    for (const [table, mapped] of all) {
      const columns = known.get(table);
      const value = (column) => {
        const own = distinct[table]?.[column];
        if (own) return own;
        if (column === 'created' || column === 'resource_created') return `t.${column} + n * interval '1 minute'`;
        return column === 'id' || mapped.has(column) ? `md5(t.${name(column)}::text || '/' || n)::uuid` : `t.${name(column)}`;
      };
      await client.query(
        `INSERT INTO workspace.${name(table)} (${columns.map(name).join(', ')}) SELECT ${columns.map(value).join(', ')}
         FROM generate_series($1::int, $2::int) n CROSS JOIN public.${name(`bench_${table}`)} t`,
        [first, first + copies - 1],
      );
    }
    await unset();
    await rebuild();
    await client.query('VACUUM ANALYZE');
  });
}
