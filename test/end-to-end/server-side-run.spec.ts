import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { adminName, adminPassword, startWorkspace, type TestWorkspace } from '#apps/workspace-api/test/workspace.js';
import { installReference } from '../../tools/reference/install.mjs';
import { clientEnv } from '../real-client/run-scripts.js';

/** The real client starts some processes, each of which takes many seconds on a busy machine. */
const timeoutMs = 300_000;
jest.setTimeout(timeoutMs);

const folder = path.join(__dirname, 'server-side-run');
const run = promisify(execFile);

describe('a run that the server starts', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'server-side-run-'));
  let workspace: TestWorkspace;
  let recorded: { run: string; snapshot: string; product: number };

  /** A script of the real client, and what it hands back. */
  async function client(script: string, ...args: string[]): Promise<any> {
    const { python } = await installReference();
    const server = { url: workspace.api.url.replace(/\/api\/v1$/, ''), username: adminName, password: adminPassword };
    const target = path.join(scratch, `${script}.json`);
    await run(python, [path.join(folder, `${script}.py`), target, ...args], { cwd: folder, env: clientEnv(server, path.join(scratch, 'config')) });
    return JSON.parse(readFileSync(target, 'utf8'));
  }

  beforeAll(async () => {
    const { python } = await installReference();
    const workloads = { python, sourceRoot: folder, timeoutSeconds: 250, memoryMegabytes: null, concurrency: 2, queueLimit: 3, serverUrl: null };
    workspace = await startWorkspace({ workloads });
    recorded = await client('record', path.join(scratch, 'artifacts'));
  });
  afterAll(async () => {
    await workspace?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  const factor = (value: number, extra: Record<string, unknown> = {}) => ({ steps: { multiply: { parameters: { factor: value, ...extra } } } });
  const get = (id: string) => workspace.api.ok(workspace.api.get(`/runs/${id}`));
  const output = async (id: string) => {
    const entries = await workspace.api.ok(workspace.api.get(`/runs/${id}/logs?source=runner`));
    return entries.map(({ message }: { message: string }) => message).join('\n');
  };

  async function until(id: string, isThere: (run: any) => boolean | Promise<boolean>): Promise<any> {
    const deadline = Date.now() + timeoutMs - 60_000;
    for (;;) {
      const found = await get(id);
      if (await isThere(found)) return found;
      if (Date.now() > deadline || ['failed', 'stopped'].includes(found.body.status))
        throw new Error(`The run is ${found.body.status}: ${found.body.status_reason}\n${await output(id)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  it('uses the parameters it is given, from a snapshot, a template and an earlier run', async () => {
    expect(recorded.product).toBe(6);
    const { api } = workspace;
    const fromSnapshot = await api.ok(
      api.post(`/pipeline_snapshots/${recorded.snapshot}/runs`, { run_configuration: { run_name: 'by-snapshot', ...factor(7) } }),
    );
    expect(fromSnapshot).toMatchObject({ name: 'by-snapshot', body: { status: 'initializing', status_reason: expect.stringMatching(/^Queued/) } });
    const template = await api.ok(api.post('/run_templates', { project: workspace.projectId, name: 'template', source_snapshot_id: recorded.snapshot }));
    const fromTemplate = await api.ok(api.post(`/run_templates/${template.id}/runs`, factor(0.5)));
    const again = await api.ok(api.post(`/runs/${recorded.run}/replay`));

    const ids = [fromSnapshot.id, fromTemplate.id, again.id];
    for (const id of ids) await until(id, ({ body }) => body.status === 'completed');
    expect(await client('read', ...ids)).toEqual([21, 1.5, 6]);

    expect(await output(fromSnapshot.id)).toContain('multiplying 3 by 7');
    const derived = await api.ok(api.get(`/pipeline_snapshots/${(await get(fromTemplate.id)).resources.snapshot.id}`));
    expect(derived).toMatchObject({ name: null, metadata: { source_snapshot_id: recorded.snapshot, template_id: template.id } });
    expect((await get(again.id)).resources.original_run.id).toBe(recorded.run);
    expect((await api.ok(api.get(`/pipeline_snapshots/${recorded.snapshot}`))).resources.latest_run_id).toBeTruthy();
  });

  it('ends when it is told to, wherever it is', async () => {
    const { api } = workspace;
    const { id } = await api.ok(api.post(`/pipeline_snapshots/${recorded.snapshot}/runs`, { run_configuration: factor(1, { wait: true }) }));
    await until(id, async () => (await api.ok(api.get(`/runs/${id}/steps?name=multiply&status=running`))).total === 1);
    await api.ok(api.post(`/runs/${id}/stop?graceful=true`));
    const stopped = await until(id, ({ body }) => body.status === 'stopped');
    expect(stopped.body.in_progress).toBe(false);
    const steps = await api.ok(api.get(`/runs/${id}/steps`));
    expect(Object.fromEntries(steps.items.map(({ name, body }: any) => [name, body.status]))).toEqual({ produce: 'completed', multiply: 'stopped' });
    expect((await api.post(`/runs/${id}/stop?graceful=true`)).status).toBe(403);
  });
});
