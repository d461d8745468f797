import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('numbers in documents', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  it('come back in the characters they were sent in, so that a Python float stays a float', async () => {
    const { api, projectId } = workspace;
    const pipeline = await api.ok(api.post('/pipelines', { project: projectId, name: unique('numbers') }));
    const [stack] = (await api.ok(api.get('/stacks?name=default'))).items;
    const raw = `{"project":"${projectId}","pipeline":"${pipeline.id}","stack":"${stack.id}","run_name_template":"run",
      "pipeline_configuration":{"name":"numbers","extra":{"rate":1.0,"epsilon":1e-05,"big":12345678901234567890}},
      "step_configurations":{"train":{"spec":{"source":{"module":"m","attribute":"train","type":"user"},"upstream_steps":[],"invocation_id":"train"},
        "config":{"name":"train"},"step_config_overrides":{"name":"train","parameters":{"lr":2.0}}}},"client_environment":{}}`;
    const made = await api.post('/pipeline_snapshots', undefined, { raw, headers: { 'content-type': 'application/json' } });
    expect(made.status).toBe(200);
    const { text } = await api.get(`/pipeline_snapshots/${made.body.id}`);
    const dense = text.replace(/\s/g, '');
    expect(dense).toContain('"rate":1.0');
    expect(dense).toContain('"epsilon":1e-05');
    expect(dense).toContain('"big":12345678901234567890');
    expect(dense).toContain('"lr":2.0');
    expect(text).not.toContain('\u{10FFFF}');
    await api.ok(api.post('/runs', { project: projectId, snapshot: made.body.id, name: 'exact', status: 'running', orchestrator_run_id: 'o' }));
    const run = (await api.ok(api.get('/runs?name=exact'))).items[0].id;
    const step = await api.post('/steps', { project: projectId, pipeline_run_id: run, name: 'train', status: 'running', start_time: '2026-01-02T03:05:00' });
    for (const one of [step, await api.get(`/steps/${step.body.id}`)]) expect(one.text.replace(/\s/g, '')).toContain('"lr":2.0');
    const template = await api.get(`/pipeline_snapshots/${made.body.id}?include_config_schema=true`);
    expect(template.text).not.toContain('\u{10FFFF}');
  });
});
