import { randomBytes } from 'node:crypto';
import { adminName, adminPassword, startWorkspace, type TestWorkspace } from '#apps/workspace-api/test/workspace.js';
import { REFERENCE_ADMIN, startReferenceServer } from '../../tools/reference/server.mjs';
import { compareScenario } from './compare.js';
import { Operations } from './operations.js';
import { scenarios } from './scenarios/all.js';

/** Installing the reference, and the slowest family on a busy machine. */
const timeoutMs = 900_000;

describe('the differential suite', () => {
  let workspace: TestWorkspace;
  let reference: Awaited<ReturnType<typeof startReferenceServer>>;
  let operations: Operations;

  beforeAll(async () => {
    [workspace, reference] = await Promise.all([startWorkspace(), startReferenceServer()]);
    operations = await Operations.load();
  }, timeoutMs);
  afterAll(async () => {
    await Promise.all([workspace?.stop(), reference?.stop()]);
  });

  it.each(scenarios.map((one) => one.family))(
    '%s: the same requests get the same answers from the real server and from ours',
    async (family) => {
      const one = scenarios.find((candidate) => candidate.family === family);
      if (!one) throw new Error(`no family ${family}`);
      const ours = { url: workspace.api.url.replace(/\/api\/v1$/, ''), credentials: { username: adminName, password: adminPassword } };
      const results = await compareScenario(one, operations, { url: reference.url, credentials: REFERENCE_ADMIN }, ours, `z${randomBytes(3).toString('hex')}`);
      const differing = results.filter((result) => result.verdict === 'differs').map((result) => [result.title, result.request, ...result.lines.slice(0, 6)]);
      expect(results.length).toBeGreaterThan(10);
      expect(differing).toEqual([]);
    },
    timeoutMs,
  );
});
