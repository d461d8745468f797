import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

let w: TestWorkspace;
beforeAll(async () => {
  w = await startWorkspace();
});
afterAll(() => w.stop());

const scheduled = (extra: object = {}) => ({
  project: w.projectId,
  name: unique('t'),
  type: 'schedule',
  cron_expression: '0 0 1 1 *',
  start_time: '2990-01-02T03:04:05',
  ...extra,
});

describe('a trigger', () => {
  it('says when a schedule is due next, unless it is switched off', async () => {
    const trigger = await w.api.ok(w.api.post('/triggers', scheduled()));
    expect(trigger.body).toMatchObject({ type: 'schedule', flavor: 'native schedule', concurrency: 'skip', next_occurrence: '2991-01-01T00:00:00' });
    const { project: _, ...update } = scheduled({ name: trigger.body.name, active: false });
    expect((await w.api.ok(w.api.put(`/triggers/${trigger.id}`, update))).body.next_occurrence).toBeNull();
  });

  it.each([
    ['two ways at once', { run_once_start_time: '2990-01-02T03:04:05' }],
    ['no way at all', { cron_expression: null }],
    ['an interval without a start', { cron_expression: null, interval: 3600, start_time: null }],
    ['an end before the start', { end_time: '2980-01-01T00:00:00' }],
  ])('is refused with %s', async (_, extra) => {
    expect((await w.api.post('/triggers', scheduled(extra))).status).toBe(422);
  });

  it('waits only for events that its source can have, and for sources that exist', async () => {
    const pipeline = await w.api.ok(w.api.post('/pipelines', { project: w.projectId, name: unique('p') }));
    const event = {
      project: w.projectId,
      name: unique('t'),
      type: 'platform_event',
      source_entity: { type: 'pipeline', id: pipeline.id },
      target_events: ['run_failed'],
    };
    expect((await w.api.ok(w.api.post('/triggers', event))).body).toMatchObject({ source_entity: event.source_entity, target_events: ['run_failed'] });
    expect((await w.api.post('/triggers', { ...event, name: unique('t'), target_events: ['completed'] })).status).toBe(422);
    expect(
      (await w.api.post('/triggers', { ...event, name: unique('t'), source_entity: { type: 'pipeline_run', id: pipeline.id }, target_events: ['failed'] }))
        .status,
    ).toBe(404);
  });

  it('gives its name back when it is archived, and then is listed only on request', async () => {
    const trigger = await w.api.ok(w.api.post('/triggers', scheduled()));
    await w.api.ok(w.api.delete(`/triggers/${trigger.id}`));
    expect((await w.api.ok(w.api.get(`/triggers/${trigger.id}`))).body).toMatchObject({ is_archived: true, active: false, next_occurrence: null });
    await w.api.ok(w.api.post('/triggers', scheduled({ name: trigger.body.name })));
    const idsOf = async (query: string) => (await w.api.ok(w.api.get(`/triggers?size=1000&${query}`))).items.map(({ id }: { id: string }) => id);
    expect(await idsOf('logical_operator=or&active=false&name=contains:t')).not.toContain(trigger.id);
    expect(await idsOf('is_archived=true')).toContain(trigger.id);
    expect((await w.api.delete(`/triggers/${trigger.id}`)).status).toBe(403);
  });

  it('takes several types in a list as alternatives', async () => {
    const { id } = await w.api.ok(w.api.post('/triggers', scheduled()));
    const { items } = await w.api.ok(w.api.get('/triggers?size=1000&type=schedule&type=webhook'));
    expect(items.map((one: { id: string }) => one.id)).toContain(id);
    expect((await w.api.ok(w.api.get('/triggers?type=webhook'))).total).toBe(0);
  });
});
