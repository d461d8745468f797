// Writes apps/workspace-api/data/*.json: the static facts that a fresh real server serves (flavors, connector types, …).
// Facts only: names, types, defaults, links. Prose is left out or replaced by our own (descriptions.mjs).
//
//   node tools/reference/export-data.mjs [--check]      --check compares with the committed files instead of writing
//
// Clients need of the schemas: `title` of the outermost object (`zenml flavor describe` fails without it), `properties`, `required`,
// `type`/`anyOf`, `format: password` (what is a secret), `$ref`. Property titles follow from the names, so they carry no prose.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DESCRIPTIONS, eventText, stackDeploymentTexts } from './descriptions.mjs';
import { installConnectorTypes } from './install.mjs';
import { REFERENCE_ADMIN, startReferenceServer } from './server.mjs';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../../apps/workspace-api/data/', import.meta.url));

const CONNECTOR_TYPES_SCRIPT = `
import json, sys
from zenml.service_connectors.service_connector_registry import service_connector_registry
types = service_connector_registry.list_service_connector_types()
with open(sys.argv[1], "w") as target:
    json.dump([json.loads(type_.model_dump_json()) for type_ in types], target)
`;

/** What pydantic calls a property that was given no title of its own. */
const titleOf = (name) =>
  name
    .toLowerCase()
    .replaceAll('_', ' ')
    .replace(/(^|[^a-z])([a-z])/g, (_, before, letter) => before + letter.toUpperCase())
    .trim();

/** A copy of a JSON schema without descriptions, and with titles that follow from names. */
export function stripProse(schema, name) {
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description') continue;
    if (key === 'title') copy.title = name === undefined ? value : titleOf(name);
    else if (key === 'properties') copy[key] = mapValues(value, stripProse);
    else if (key === '$defs') copy[key] = mapValues(value, (inner) => stripProse(inner));
    else if (key === 'items' || key === 'additionalProperties') copy[key] = stripProse(value);
    else if (['anyOf', 'allOf', 'oneOf', 'prefixItems'].includes(key)) copy[key] = value.map((inner) => stripProse(inner));
    else copy[key] = value;
  }
  return copy;
}

const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));

function flavorOf({ name, body, metadata }) {
  return {
    name,
    type: body.type,
    display_name: body.display_name,
    integration: body.integration,
    source: body.source,
    is_custom: body.is_custom,
    logo_url: body.logo_url,
    docs_url: metadata.docs_url,
    sdk_docs_url: metadata.sdk_docs_url,
    connector_type: metadata.connector_type,
    connector_resource_type: metadata.connector_resource_type,
    connector_resource_id_attr: metadata.connector_resource_id_attr,
    config_schema: stripProse(metadata.config_schema),
  };
}

function describe(key) {
  const text = DESCRIPTIONS[key];
  if (!text) throw new Error(`descriptions.mjs has no text for ${key}`);
  return text;
}

function connectorTypeOf(type) {
  return {
    ...type,
    description: describe(type.connector_type),
    resource_types: type.resource_types.map((resource) => ({ ...resource, description: describe(`${type.connector_type}/${resource.resource_type}`) })),
    auth_methods: type.auth_methods.map((method) => ({
      ...method,
      description: describe(`${type.connector_type}#${method.auth_method}`),
      config_schema: stripProse(method.config_schema),
    })),
  };
}

async function connectorTypes() {
  const { python } = await installConnectorTypes();
  const file = join(tmpdir(), `connector-types-${process.pid}.json`);
  await run(python, ['-W', 'ignore', '-c', CONNECTOR_TYPES_SCRIPT, file], {
    env: { ...process.env, ZENML_CONFIG_PATH: join(tmpdir(), `connector-types-${process.pid}`), ZENML_ANALYTICS_OPT_IN: 'false' },
  });
  return JSON.parse(await readFile(file, 'utf8')).map(connectorTypeOf);
}

async function facts() {
  const server = await startReferenceServer();
  try {
    const login = await fetch(`${server.url}/api/v1/login`, { method: 'POST', body: new URLSearchParams(REFERENCE_ADMIN) });
    const { access_token: token } = await login.json();
    const get = async (path) => {
      const response = await fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
      return response.json();
    };
    // In the order of registration, which is how a list sorted by `created` shows them.
    // Their display names are those after a synchronisation; a fresh server makes them up from the names.
    await fetch(`${server.url}/api/v1/flavors/sync`, { method: 'PATCH', headers: { authorization: `Bearer ${token}` } });
    const flavors = (await get('/flavors?hydrate=true&size=1000')).items.map(flavorOf);
    const deployments = {};
    for (const provider of ['aws', 'gcp', 'azure']) {
      deployments[provider] = { ...(await get(`/stack-deployment/info?provider=${provider}`)), ...stackDeploymentTexts(provider) };
    }
    const events = {};
    for (const source of ['pipeline', 'pipeline_run', 'pipeline_snapshot']) {
      const known = await get(`/supported-events?source_type=${source}`);
      events[source] = known.map(({ value }) => ({ value, description: eventText(source, value) }));
    }
    return {
      'flavors.json': flavors,
      'service-connector-types.json': await connectorTypes(),
      'component-types.json': await get('/component-types'),
      'stack-deployments.json': deployments,
      'supported-events.json': events,
    };
  } finally {
    await server.stop();
  }
}

/** As the repository's formatter wants it, so that the formatter leaves generated files alone. */
function format(value, file) {
  const biome = fileURLToPath(new URL('../../node_modules/.bin/biome', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = execFile(biome, ['format', `--stdin-file-path=${file}`], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin.end(JSON.stringify(value, null, 2));
  });
}

const isCheck = process.argv.includes('--check');
await mkdir(folder, { recursive: true });
for (const [name, value] of Object.entries(await facts())) {
  const file = join(folder, name);
  const text = await format(value, file);
  if (!isCheck) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(`${name} differs from what the reference server says`);
    process.exitCode = 1;
  }
}
