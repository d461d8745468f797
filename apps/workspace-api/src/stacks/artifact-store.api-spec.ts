import { execFileSync } from 'node:child_process';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { startMoto } from '#libs/storage/emulators.js';
import { PipelineClient } from '../../test/pipeline.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

const bucket = 'artifacts';
const root = `s3://${bucket}/zenml`;
const keys = { aws_access_key_id: 'AKIAOWNOWNOWNOWNOWNX', aws_secret_access_key: 'secret' };

describe('artifact stores in a cloud', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let s3: S3Client;
  let workspace: TestWorkspace;
  let run: string;
  beforeAll(async () => {
    moto = await startMoto();
    s3 = new S3Client({ endpoint: moto.url, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    workspace = await startWorkspace({ outbound: OutboundPolicy.parse('127.0.0.1'), connectorEndpoints: { aws: moto.url } });
    const client = new PipelineClient(workspace);
    run = (await client.run(await client.snapshot())).id;
  }, 300_000);
  afterAll(async () => {
    s3?.destroy();
    await workspace?.stop();
    await moto?.stop();
  });

  const store = async (configuration: object, more: object = {}) => {
    const { id } = await workspace.api.ok(
      workspace.api.post('/components', {
        name: unique('store'),
        type: 'artifact_store',
        flavor: 's3',
        configuration: { path: root, client_kwargs: { endpoint_url: moto.url }, ...configuration },
        ...more,
      }),
    );
    return id as string;
  };
  const secret = async (values: object, more: object = {}) =>
    (await workspace.api.ok(workspace.api.post('/secrets', { name: unique('secret'), private: false, values, ...more }))).name as string;
  const connector = async (more: object = {}) =>
    (
      await workspace.api.ok(
        workspace.api.post('/service_connectors', {
          name: unique('connector'),
          connector_type: 'aws',
          auth_method: 'secret-key',
          resource_types: ['s3-bucket'],
          configuration: { ...keys, region: 'us-east-1' },
          ...more,
        }),
      )
    ).id as string;
  const logsOf = (artifact_store_id: string) => ({ project: workspace.projectId, pipeline_run_id: run, artifact_store_id, source: unique('client') });
  const put = (key: string, body: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: `zenml/${key}`, Body: body }));
  const left = async (prefix: string) => (await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `zenml/${prefix}` }))).KeyCount;

  /** Everything the server does with files, through one store. */
  async function usesFiles(artifact_store_id: string): Promise<void> {
    const { api, projectId: project } = workspace;
    const folder = unique('files');
    await Promise.all([put(`${folder}/data.json`, '[1]'), put(`${folder}/page.html`, '<b>hello</b>\r\n'), put(`${folder}.log`, 'first line\n')]);
    const source = { module: 'builtins', attribute: 'int', type: 'builtin' };
    const version = await api.ok(
      api.post('/artifact_versions', {
        ...{ project, artifact_store_id, artifact_name: unique('artifact'), type: 'DataArtifact', uri: `${root}/${folder}` },
        ...{ materializer: source, data_type: source, save_type: 'step_output', visualizations: [{ type: 'html', uri: `${root}/${folder}/page.html` }] },
      }),
    );
    expect(await api.ok(api.get(`/artifact_versions/${version.id}/visualize`))).toEqual({ type: 'html', value: '<b>hello</b>\n' });

    const token = await api.ok(api.get(`/artifact_versions/${version.id}/download-token`));
    const answer = await fetch(`${api.url}/artifact_versions/${version.id}/data?token=${token}`);
    expect(answer.status).toBe(200);
    const names = execFileSync('tar', ['-tzf', '-'], { input: Buffer.from(await answer.arrayBuffer()), encoding: 'utf8' });
    expect(names.trim().split('\n').sort()).toEqual(['data.json', 'page.html']);

    const logs = await api.ok(api.post('/logs', { ...logsOf(artifact_store_id), uri: `${root}/${folder}.log` }));
    expect((await api.ok(api.get(`/logs/${logs.id}/entries`))).items).toMatchObject([{ message: 'first line' }]);

    await api.ok(api.delete(`/artifact_versions/${version.id}?delete_from_artifact_store=true`));
    expect(await left(`${folder}/`)).toBe(0);
    const gone = await api.get(`/artifact_versions/${version.id}/download-token`);
    expect([gone.status, gone.body.detail[0]]).toEqual([404, 'KeyError']);
    expect((await fetch(`${api.url}/artifact_versions/${version.id}/data?token=${token}`)).status).toBe(404);
  }

  it('are opened with the keys of their configuration', async () => usesFiles(await store({ key: 'k', secret: 's' })));

  it('are opened with their secret', async () => usesFiles(await store({ authentication_secret: await secret(keys) })));

  it('are opened with a private secret of whoever asks', async () => usesFiles(await store({ authentication_secret: await secret(keys, { private: true }) })));

  it('are opened with what references to secrets stand for', async () => {
    const name = await secret({ one: 'k', two: 's' });
    await usesFiles(await store({ key: `{{${name}.one}}`, secret: `{{ ${name}.two }}` }));
  });

  it('are opened with their service connector', async () =>
    usesFiles(await store({}, { connector: await connector(), connector_resource_id: `s3://${bucket}` })));

  it('are opened with the bucket of their path where a connector reaches several', async () => usesFiles(await store({}, { connector: await connector() })));

  it('are not opened with credentials of the server', async () => {
    const { api } = workspace;
    const id = await store({});
    const logs = await api.ok(api.post('/logs', { ...logsOf(id), uri: `${root}/x.log` }));
    expect((await api.get(`/logs/${logs.id}/entries`)).status).toBe(403);
  });

  it('say which secret is gone', async () => {
    const { api } = workspace;
    const id = await store({ key: '{{nowhere.key}}', secret: 's' });
    const logs = await api.ok(api.post('/logs', { ...logsOf(id), uri: `${root}/x.log` }));
    const answer = await api.get(`/logs/${logs.id}/entries`);
    expect(answer.status).toBe(404);
    expect(answer.text).toContain('nowhere');
  });
});
