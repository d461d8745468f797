// Writes apps/workspace-api/data/run-configuration-schema.json, the parts of the schemas that templates and snapshots show.
//
//   node tools/reference/export-run-configuration-schema.mjs
import { execFile, execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installReference } from './install.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const file = here('../../apps/workspace-api/data/run-configuration-schema.json');
const flavors = here('../../apps/workspace-api/data/flavors.json');

const { python } = await installReference();
const env = {
  ...process.env,
  ZENML_CONFIG_PATH: join(tmpdir(), `run-configuration-${process.pid}`),
  ZENML_ANALYTICS_OPT_IN: 'false',
  ZENML_LOGGING_VERBOSITY: 'ERROR',
};
const script = here('./data/run-configuration-schema.py');
const { stdout } = await promisify(execFile)(python, ['-W', 'ignore', script, flavors], { env, maxBuffer: 64 * 1024 * 1024 });
await writeFile(file, JSON.stringify(JSON.parse(stdout), null, 2));
// As the repository's formatter wants it, so that the formatter leaves generated files alone.
execFileSync(here('../../node_modules/.bin/biome'), ['format', '--write', file], { stdio: 'ignore' });
