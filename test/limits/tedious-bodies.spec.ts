import { startWorkspace, type TestWorkspace } from '#apps/workspace-api/test/workspace.js';

const many = 200_000;
const repeated = (text: string) => text.repeat(many);

/** Bodies on which something that looks at the same characters again and again would be busy for minutes. */
const bodies: Record<string, string> = {
  'lists in lists': repeated('[') + repeated(']'),
  'lists that never end': repeated('['),
  'objects in objects': `${repeated('{"a":')}1${repeated('}')}`,
  'exact numbers, deep down': `${repeated('[1e5,')}1${repeated(']')}`,
  'quotes in a text that never ends': `[1e5,"${repeated('\\"')}`,
  'backslashes beside an exact number': `{"name":"p","description":"${repeated('\\\\')}","extra":1e5}`,
  'slashes with something behind': `{"name":"${repeated('/')}x","type":"artifact_store","flavor":"s3","configuration":{"path":"s3://${repeated('/')}x"}}`,
  'quotes around a path': `{"name":"a","type":"artifact_store","flavor":"s3","configuration":{"path":"s3://b${repeated("'")}x"}}`,
  'a reference to a secret that never ends': `{"name":"a","type":"orchestrator","flavor":"airflow","configuration":{"operator":"{{${repeated('.')}"}}`,
  'spaces with something behind': `{"name":"${repeated(' ')}x","version":"${repeated(' ')}x"}`,
  'a number without end': `{"name":${repeated('9')}}`,
  'numbers as text': `{"project":"${repeated('1')}x","name":"${repeated('1_')}x","duration":"${repeated('1')}x","start_time":"${repeated('1')}"}`,
  'braces and dots': `{"name":"p","run_name_template":"${repeated('{')}","source":"${repeated('.')}","cron_expression":"${repeated('* ')}"}`,
  'many fields': `{${Array.from({ length: many }, (_, i) => `"k${i}":1`).join(',')}}`,
};
const paths = ['pipelines', 'components', 'pipeline_snapshots', 'service_connectors', 'artifact_versions', 'schedules', 'code_repositories', 'runs/statistics'];

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(() => workspace.stop());

it.each(Object.keys(bodies))('%s are answered without ado, whoever sends them', async (what) => {
  const post = (path: string, headers: object) =>
    fetch(`${workspace.api.url}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: bodies[what] as string });
  expect((await post('pipelines', {})).status).toBe(401);
  for (const path of paths) {
    const answer = await post(path, { authorization: `Bearer ${workspace.api.token}` });
    expect([path, answer.status < 500]).toEqual([path, true]);
  }
});
