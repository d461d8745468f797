import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startCloud } from '#apps/cloudapi/test/cloud.js';
import { startWorkspace } from '#apps/workspace-api/test/workspace.js';
import { repositoryFile } from '#libs/boot/repository.js';
import { ApiClient } from '#libs/testing/api-client.js';

type Documented = { parameters?: unknown[]; requestBody?: unknown; responses: Record<string, unknown> };

/** What clients are told, committed: a change of the wire is a visible line of a diff. `UPDATE_GOLDEN=1` writes it anew. */
describe('the OpenAPI documents', () => {
  async function hold(name: string, origin: string): Promise<void> {
    const file = repositoryFile(`docs/openapi/${name}.json`);
    const client = new ApiClient(origin);
    const served = await client.ok(client.get('/openapi.json'));
    if (process.env.UPDATE_GOLDEN) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify(served, null, 1)}\n`);
    }
    expect(served).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  }

  it('of the workspace API is the committed one', async () => {
    const workspace = await startWorkspace();
    try {
      await hold('workspace-api', workspace.api.url.replace(/\/api\/v1$/, ''));
    } finally {
      await workspace.stop();
    }
  });

  it('of the control plane promises an answer to input that does not fit, wherever there is input', () => {
    const { paths } = JSON.parse(readFileSync(repositoryFile('docs/openapi/cloudapi.json'), 'utf8')) as { paths: Record<string, Record<string, Documented>> };
    const silent = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, { parameters, requestBody, responses }]) => (parameters || requestBody) && !responses['422'])
        .map(([method]) => `${method} ${path}`),
    );
    expect(silent).toEqual([]);
  });

  it('of the control plane is the committed one', async () => {
    const cloud = await startCloud();
    try {
      await hold('cloudapi', await cloud.app.getUrl());
    } finally {
      await cloud.stop();
    }
  });
});
