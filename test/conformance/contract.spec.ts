import { readFileSync } from 'node:fs';
import { startWorkspace, type TestWorkspace } from '#apps/workspace-api/test/workspace.js';
import { repositoryFile } from '#libs/boot/repository.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { compareContracts } from '#libs/wire/compare.js';
import { installReference } from '../../tools/reference/install.mjs';

const installTimeoutMs = 600_000;

describe('the contract of the workspace API', () => {
  let workspace: TestWorkspace;
  let ours: any; // any: an OpenAPI document
  let reference: any; // any: see above

  beforeAll(async () => {
    const { home } = await installReference();
    reference = JSON.parse(readFileSync(`${home}/openapi.json`, 'utf8'));
    workspace = await startWorkspace();
    const client = new ApiClient(workspace.api.url.replace(/\/api\/v1$/, ''));
    ours = await client.ok(client.get('/openapi.json'));
  }, installTimeoutMs);
  afterAll(() => workspace?.stop());

  it('differs from the reference only where the reviewed list says so, with a reason each', () => {
    const reviewed = JSON.parse(readFileSync(repositoryFile('test/conformance/contract-differences.json'), 'utf8')) as {
      differences: string[];
      reason: string;
    }[];
    const known = reviewed.flatMap((one) => one.differences);
    const found = compareContracts(ours, reference);
    expect(found.filter((line) => !known.includes(line))).toEqual([]);
    expect(known.filter((line) => !found.includes(line))).toEqual([]);
    expect(reviewed.filter((one) => !one.reason)).toEqual([]);
  });

  it('serves every operation of the reference', () => {
    const methods = (document: { paths: Record<string, object> }) =>
      Object.entries(document.paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`));
    const served = new Set([...methods(ours), 'get /health', 'get /ready']);
    expect(methods(reference).filter((operation) => !served.has(operation))).toEqual([]);
  });
});
