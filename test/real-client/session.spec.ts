import { adminName, adminPassword, startWorkspace, type TestWorkspace } from '#apps/workspace-api/test/workspace.js';
import { REFERENCE_ADMIN, startReferenceServer } from '../../tools/reference/server.mjs';
import { type ClientServer, runComparableSession, runScript } from './run-scripts.js';

/** Installing the reference and three pipelines on two servers: minutes, on a busy machine. */
const timeoutMs = 900_000;

describe('the real client', () => {
  let workspace: TestWorkspace;
  let reference: Awaited<ReturnType<typeof startReferenceServer>>;
  let ours: ClientServer;

  beforeAll(async () => {
    [workspace, reference] = await Promise.all([startWorkspace(), startReferenceServer()]);
    ours = { url: workspace.api.url.replace(/\/api\/v1$/, ''), username: adminName, password: adminPassword };
  }, timeoutMs);
  afterAll(async () => {
    await Promise.all([workspace?.stop(), reference?.stop()]);
  });

  it(
    'records a pipeline, a failing one and a fully cached one, and reads back literally what it reads back from the real server',
    async () => {
      const [theirs, mine] = await Promise.all([runComparableSession({ url: reference.url, ...REFERENCE_ADMIN }), runComparableSession(ours)]);
      expect(mine).toEqual(theirs);
    },
    timeoutMs,
  );

  it(
    'runs two pipelines at the same time',
    async () => {
      const outcome = await runScript('parallel', ours, { prefix: 'parallel-' });
      expect(outcome).toMatchObject({ codes: [0, 0], statuses: ['completed', 'completed'], indexes: [1, 2], versions: ['1', '2'] });
    },
    timeoutMs,
  );
});
