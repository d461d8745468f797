import { sql } from '#libs/database/sql.js';
import { startCloud, type TestCloud } from '../test/cloud.js';
import { tidy } from './housekeeping.js';
import { platform } from './installation.js';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

const days = (count: number) => new Date(Date.now() - count * 86_400_000);

it('removes what has no use any more, and nothing else', async () => {
  const { prisma, db } = cloud.installation;
  const organization = await cloud.organization(cloud.admin);
  const userId = cloud.admin.id;
  const usage = { organizationId: organization.id, sign: 1, total: 1 };
  await prisma.tx(platform, async (tx) => {
    await tx.cloudSession.createMany({
      data: [
        { userId, expires: days(2), method: 'password', userAgent: 'gone' },
        { userId, expires: days(-1), revoked: days(2), method: 'password', userAgent: 'gone' },
        { userId, expires: days(-1), method: 'password', userAgent: 'kept' },
      ],
    });
    await tx.cloudSignInFailure.createMany({ data: [{ subject: 'gone', last: days(2) }, { subject: 'kept' }] });
    await tx.cloudUsageEvent.createMany({
      data: [
        { ...usage, feature: 'pipeline_run', created: days(401) },
        { ...usage, feature: 'pipeline_run', created: days(10) },
        { ...usage, feature: 'project', created: days(401) },
      ],
    });
  });
  const form = { client_id: '00000000-0000-4000-8000-000000000001' };
  for (let i = 0; i < 2; i++) await cloud.anonymous.ok(cloud.anonymous.post('/auth/device_authorization', undefined, { form }));
  await db.read(
    platform,
    sql`UPDATE cloud.device SET expires = now() AT TIME ZONE 'utc' - interval '2 hours' WHERE id = (SELECT id FROM cloud.device LIMIT 1)`,
  );

  await tidy(cloud.installation, new AbortController().signal);

  await prisma.tx(platform, async (tx) => {
    const agents = await tx.cloudSession.findMany({ where: { userAgent: { in: ['gone', 'kept'] } }, select: { userAgent: true } });
    expect(agents).toEqual([{ userAgent: 'kept' }]);
    expect(await tx.cloudSignInFailure.findMany({ select: { subject: true } })).toEqual([{ subject: 'kept' }]);
    expect(await tx.cloudDevice.count()).toBe(1);
    const left = await tx.cloudUsageEvent.findMany({
      where: { organizationId: organization.id },
      select: { feature: true, created: true },
      orderBy: { created: 'asc' },
    });
    expect(left.map(({ feature }) => feature)).toEqual(['project', 'pipeline_run']);
  });
  // The administrator's own session still stands.
  expect((await cloud.admin.api.get('/users/me')).status).toBe(200);
});
