// Writes test/golden/*.json: values that the installed ZenML package computes, for rules of ours that must compute the same.
// Each script in tools/reference/golden prints one file.
//
//   node tools/reference/export-golden.mjs [name …]
import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installReference } from './install.mjs';

const run = promisify(execFile);
const scripts = fileURLToPath(new URL('./golden/', import.meta.url));
const flavors = fileURLToPath(new URL('../../apps/workspace-api/data/flavors.json', import.meta.url));
const folder = fileURLToPath(new URL('../../test/golden/', import.meta.url));

const { python } = await installReference();
const wanted = process.argv.slice(2);
await mkdir(folder, { recursive: true });
for (const script of (await readdir(scripts)).filter((name) => name.endsWith('.py')).sort()) {
  const name = basename(script, '.py');
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const env = { ...process.env, ZENML_CONFIG_PATH: join(tmpdir(), `golden-${process.pid}`), ZENML_ANALYTICS_OPT_IN: 'false', ZENML_LOGGING_VERBOSITY: 'ERROR' };
  const { stdout } = await run(python, ['-W', 'ignore', join(scripts, script), flavors], { env, maxBuffer: 256 * 1024 * 1024 });
  await writeFile(join(folder, `${name}.json`), `${stdout}\n`);
}
