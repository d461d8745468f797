import { startWorkspace, type TestWorkspace } from '#apps/workspace-api/test/workspace.js';
import { declaredOperations } from '#libs/http/application.js';
import { makeWorld } from '../world.js';

describe('the number of statements', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
    for (const token of ['a', 'b', 'c']) await makeWorld(workspace.api, workspace.projectId, token);
  }, 120_000);
  afterAll(() => workspace.stop());

  /** The fewest of three: what runs beside requests, such as noting when the last one came, counts into one of them. */
  async function count(path: string): Promise<number> {
    const counts: number[] = [];
    for (let i = 0; i < 3; i++) {
      workspace.db.forgetKept();
      const before = workspace.db.statements;
      await workspace.api.ok(workspace.api.get(path));
      counts.push(workspace.db.statements - before);
    }
    return Math.min(...counts);
  }

  it('of a list does not depend on the size of its page, hydrated or not', async () => {
    const growing: string[] = [];
    const lists = declaredOperations(workspace.app).filter(
      ({ operation }) => operation.filter && !operation.path.includes('{') && operation.tag !== 'resource_requests',
    );
    expect(lists.length).toBeGreaterThan(20);
    for (const { operation } of lists) {
      const path = operation.path.replace(/^\/api\/v1/, '');
      for (const hydrate of [false, true]) {
        const [one, many] = [await count(`${path}?size=1&hydrate=${hydrate}`), await count(`${path}?size=100&hydrate=${hydrate}`)];
        // Who calls, the page, and at most two more for what SQL cannot render.
        if (many > one || many > 4) growing.push(`${path} hydrate=${hydrate}: ${one} statements for one row, ${many} for all`);
      }
    }
    expect(growing).toEqual([]);
  }, 120_000);
});
