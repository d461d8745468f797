import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('tags', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  const source = { module: 'builtins', attribute: 'int', type: 'builtin' };
  const version = (artifact_name: string, tags: string[] = []) =>
    workspace.api.ok(
      workspace.api.post('/artifact_versions', {
        project: workspace.projectId,
        artifact_name,
        type: 'DataArtifact',
        uri: '/data',
        materializer: source,
        data_type: source,
        save_type: 'manual',
        tags,
      }),
    );
  const namesOf = (one: { resources: { tags: { name: string }[] } }) => one.resources.tags.map((tag) => tag.name);
  const again = async (id: string) => namesOf(await workspace.api.ok(workspace.api.get(`/artifact_versions/${id}`)));

  it('are made by naming them, once for everybody who does so at the same time', async () => {
    const name = unique('new');
    const made = await Promise.all(Array.from({ length: 5 }, () => version(unique('a'), [name])));
    expect(made.map(namesOf)).toEqual(Array(5).fill([name]));
    const found = (await workspace.api.ok(workspace.api.get(`/tags?name=${name}&hydrate=true`))).items;
    expect(found.map((tag: { metadata: object }) => tag.metadata)).toEqual([{ tagged_count: 5 }]);
  });

  it('are listed in the order in which they were sent', async () => {
    const names = ['z', 'a', 'm'].map((name) => unique(name));
    await version(unique('a'), names);
    const { items } = await workspace.api.ok(workspace.api.get(`/tags?sort_by=created&name=${encodeURIComponent(`oneof:${JSON.stringify(names)}`)}`));
    expect(items.map((tag: { name: string }) => tag.name)).toEqual(names);
  });

  it('list what carries them, page by page and in both directions, as any other filter lists it', async () => {
    const { api, projectId: project } = workspace;
    const [red, blue] = [unique('red'), unique('blue')];
    const other = (await api.ok(api.post('/projects', { name: unique('other') }))).id as string;
    const model = async (at: string, tags: string[]) => (await api.ok(api.post('/models', { project: at, name: unique('m'), tags }))).id as string;
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) made.push(await model(project, i === 2 ? [blue] : [red]));
    const late = made[2] as string;
    await api.ok(api.put(`/models/${late}`, { add_tags: [red] }));
    await model(other, [red]);
    const listed = async (query: string) => {
      const { items, total } = await api.ok(api.get(`/models?project=${project}&${query}`));
      return [total, ...items.map(({ id }: { id: string }) => id)];
    };
    for (const filter of [`tags=${red}`, `tags=equals:${red}`, `tags=startswith:${red}`, `tags=${red}&name=startswith:m`]) {
      expect(await listed(filter)).toEqual([5, ...made]);
      expect(await listed(`${filter}&sort_by=desc:created&size=2&page=2`)).toEqual([5, late, made[1]]);
    }
    await api.ok(api.put(`/models/${made[0]}`, { remove_tags: [red] }));
    await api.ok(api.delete(`/models/${made[1]}`));
    expect(await listed(`tags=${red}`)).toEqual([3, ...made.slice(2)]);
    expect(await listed(`tags=${red}&tags=${blue}`)).toEqual([1, late]);
    expect(await listed(`tags=${red}&tags=${blue}&logical_operator=or`)).toEqual([3, ...made.slice(2)]);
    expect(await listed(`tags=${unique('none')}`)).toEqual([0]);
  });

  it('compare as numbers also where their names read as numbers that no float holds', async () => {
    const names = ['12e345f', '-7e400', '3e-400', '9'.repeat(200), '0.5x', 'none'];
    for (const name of names) await workspace.api.ok(workspace.api.post('/tags', { name }));
    const found = async (filter: string) =>
      (await workspace.api.ok(workspace.api.get(`/tags?size=100&name=${filter}`))).items.map((tag: { name: string }) => tag.name).sort();
    expect(await found('gt:0.1')).toEqual(['0.5x', '12e345f', '9'.repeat(200)]);
    expect(await found('lt:0')).toEqual(['-7e400']);
  });

  it('that are exclusive move from one version of an artifact to the next, and stay on other artifacts', async () => {
    const tag = await workspace.api.ok(workspace.api.post('/tags', { name: unique('only'), exclusive: true }));
    const [first, other] = [await version('scope'), await version('elsewhere', [tag.name])];
    await workspace.api.ok(workspace.api.put(`/artifact_versions/${first.id}`, { add_tags: [tag.name] }));
    const second = await version('scope', [tag.name]);
    expect([await again(first.id), await again(second.id), await again(other.id)]).toEqual([[], [tag.name], [tag.name]]);
  });

  it('that are exclusive cannot go on types without a scope', async () => {
    const tag = await workspace.api.ok(workspace.api.post('/tags', { name: unique('only'), exclusive: true }));
    const model = await workspace.api.ok(workspace.api.post('/models', { project: workspace.projectId, name: unique('m') }));
    const answer = await workspace.api.post('/tag_resources', { tag_id: tag.id, resource_id: model.id, resource_type: 'model' });
    expect([answer.status, answer.body.detail[0]]).toEqual([400, 'ValueError']);
  });

  it('cannot become exclusive while two versions of one artifact carry them', async () => {
    const name = unique('common');
    await version('crowd', [name]);
    await version('crowd', [name]);
    const [tag] = (await workspace.api.ok(workspace.api.get(`/tags?name=${name}`))).items;
    expect((await workspace.api.put(`/tags/${tag.id}`, { exclusive: true })).status).toBe(400);
  });

  it('refuse names that read like ids', async () => {
    expect((await workspace.api.post('/tags', { name: workspace.projectId })).status).toBe(422);
  });

  it('are detached without complaint where they are not attached', async () => {
    const tag = await workspace.api.ok(workspace.api.post('/tags', { name: unique('t') }));
    const { id } = await version(unique('a'));
    const link = { tag_id: tag.id, resource_id: id, resource_type: 'artifact_version' };
    expect((await workspace.api.ok(workspace.api.post('/tag_resources/batch', [link, link]))).length).toBe(1);
    const first = await workspace.api.delete('/tag_resources', link);
    expect([first.status, (await workspace.api.delete('/tag_resources/batch', [link])).status]).toEqual([200, 200]);
    expect(await again(id)).toEqual([]);
    const nowhere = { ...link, resource_id: crypto.randomUUID() };
    const refused = [await workspace.api.delete('/tag_resources', nowhere), await workspace.api.delete('/tag_resources/batch', [link, nowhere])];
    expect(refused.map(({ status, body }) => [status, body.detail[0]])).toEqual(Array(2).fill([404, 'KeyError']));
  });
});
