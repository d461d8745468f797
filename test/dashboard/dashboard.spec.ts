import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { PipelineClient } from '#apps/workspace-api/test/pipeline.js';
import { adminName, adminPassword, startWorkspace, type TestWorkspace } from '#apps/workspace-api/test/workspace.js';
import { installReference } from '../../tools/reference/install.mjs';

const timeoutMs = 300_000;
const run = promisify(execFile);

/** Wherever Linux distributions and people put it. */
const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const chromium = candidates.find((file) => {
  try {
    if (file) accessSync(file, constants.X_OK);
    return Boolean(file);
  } catch {
    return false;
  }
});
const withBrowser = chromium ? describe : describe.skip;
if (!chromium) console.warn('No Chromium here, so the dashboard is not tried in a browser. Install it, or name one in CHROMIUM.');

/** What the real server's dashboard build makes of our API, in a browser. */
withBrowser('the dashboard', () => {
  let workspace: TestWorkspace;
  let url: string;
  beforeAll(async () => {
    const { python } = await installReference();
    const { stdout } = await run(python, ['-c', 'import importlib.util; print(importlib.util.find_spec("zenml").submodule_search_locations[0])']);
    workspace = await startWorkspace({ dashboardDir: path.join(stdout.trim(), 'zen_server', 'dashboard') });
    url = (await workspace.app.getUrl()).replace('[::1]', 'localhost');
    // Otherwise it asks a new person for their name and nothing else.
    await workspace.api.ok(
      workspace.api.put('/current-user', { full_name: 'Ada', email: 'ada@example.com', user_metadata: { finished_onboarding_survey: true } }),
    );
  }, timeoutMs);
  afterAll(() => workspace?.stop());

  async function browse(...pages: string[]): Promise<{ pages: Record<string, string>; failures: string[] }> {
    const { stdout } = await run(
      process.execPath,
      [path.join(process.cwd(), 'test/dashboard/browse.mjs'), chromium as string, url, adminName, adminPassword, ...pages],
      { timeout: timeoutMs },
    );
    return JSON.parse(stdout);
  }

  it(
    'signs in and shows pipelines, runs, stacks and settings',
    async () => {
      const client = new PipelineClient(workspace);
      const run = await client.announce(await client.snapshot(), { name: 'seen-in-browser' });
      const [pipeline] = (await workspace.api.ok(workspace.api.get(`/pipelines?project=${workspace.projectId}`))).items;
      const { pages, failures } = await browse(
        `/projects/default/pipelines#${pipeline.name}`,
        '/projects/default/runs#seen-in-browser',
        `/projects/default/runs/${run.id}#first`,
        '/stacks#default',
        '/components#orchestrator',
        '/settings/members#admin',
        '/settings/service-accounts#Service',
        '/settings/secrets#Secret',
      );
      expect(failures).toEqual([]);
      expect(Object.keys(pages)).toHaveLength(8);
    },
    timeoutMs,
  );

  it(
    'shows a device that waits for approval',
    async () => {
      const started = await workspace.api.ok(
        workspace.api.as(null).post('/device_authorization', undefined, {
          form: { client_id: '00000000-0000-4000-8000-00000000000b' },
          headers: { 'user-agent': 'Host/laptop-in-browser ZenML/0.98.0 Python/3.11 OS/Linux' },
        }),
      );
      const { pages, failures } = await browse(`${started.verification_uri_complete}#laptop-in-browser`);
      expect(failures).toEqual([]);
      expect(Object.values(pages)[0]).toMatch(/laptop-in-browser/);
    },
    timeoutMs,
  );
});
