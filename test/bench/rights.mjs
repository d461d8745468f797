import { rmSync } from 'node:fs';
import { analyze } from './bulk.mjs';
import { Client } from './client.mjs';
import { fill } from './filling.mjs';
import { inTurns } from './measure.mjs';
import { readCases } from './reading.mjs';
import { f, table } from './report.mjs';
import { admin, adminEmail, databaseUrlOf, startKeepingNothing, startOurs, temporaryFolder } from './servers.mjs';

const shares = 200;

/** The control plane as its administrator. */
export async function signInAtCloud(server) {
  const cloud = new Client(server.cloudUrl, { prefix: '' });
  cloud.token = (await cloud.form('/auth/login', { username: adminEmail, password: admin.password })).access_token;
  return cloud;
}

/** A workspace as whoever holds this credential of the control plane. */
export async function enterWorkspace(server, workspaceId, credential) {
  const client = new Client(server.urlOf(workspaceId));
  client.token = credential;
  return client.as((await client.form('/login', { grant_type: 'zenml-external' })).access_token);
}

/** A machine with a custom role that reads everything but runs, of which it is given some one by one. */
export async function addMember(cloud, workspace, { client, world }) {
  const organization = workspace.organization.id;
  const [organizationRole] = await cloud.get(`/organizations/${organization}/roles?level=organization&name=Organization%20Member`);
  const member = await cloud.post(`/organizations/${organization}/service_accounts`, { username: 'bench-member', role_id: organizationRole.id });
  const { key } = await cloud.post(`/organizations/${organization}/service_accounts/${member.id}/api_keys`, { name: 'bench' });
  const read = (...types) => types.map((resource_type) => ({ resource_type, actions: ['read'] }));
  const grant = async (level, place, permissions) => {
    const role = await cloud.post('/roles', { name: `bench ${level}`, level, organization_id: organization, permissions });
    await cloud.post(`/roles/${role.id}/assignments?user_id=${member.id}&workspace_id=${workspace.id}${place}`);
  };
  await grant('workspace', '', read('stack', 'stack_component', 'flavor', 'tag'));
  await grant('project', `&project_id=${world.project}`, read('project', 'pipeline', 'pipeline_deployment', 'pipeline_build', 'artifact', 'artifact_version'));
  for (const id of world.runs.slice(0, shares))
    await client.post(`/users/resource_membership?resource_type=pipeline_run&resource_id=${id}&user_id=${member.id}`, ['read']);
  return { id: member.id, key };
}

/** The token of a server that is attached to the control plane, which asks it about its users. */
async function attachServer(cloud, server, user, world) {
  const made = await cloud.post('/workspaces?name=bench-attached&enroll=true');
  const machine = new Client(server.cloudUrl, { prefix: '' });
  const form = { grant_type: 'client_credentials', client_id: made.id, client_secret: made.enrollment_key };
  machine.token = (await machine.form('/auth/login', form)).access_token;
  for (const id of world.runs.slice(0, shares))
    await machine.post('/rbac/resource_members', { user_id: user.id, resource: `${world.project}:pipeline_run/${id}`, actions: ['read'] });
  return machine;
}

/** What rights cost: the same reads by an administrator and by a member whose rights have to be looked up. */
export async function measureRights(options, tell) {
  const dataDir = temporaryFolder('rights');
  const server = await startOurs('standalone', { dataDir });
  try {
    const cloud = await signInAtCloud(server);
    const [workspace] = await cloud.get('/workspaces?name=default');
    const administrator = await enterWorkspace(server, workspace.id, cloud.token);
    const world = await fill(administrator, options, { concurrency: 8, tell: (text) => tell(`rights: ${text}`) });
    const user = await addMember(cloud, workspace, { client: administrator, world });
    const member = await enterWorkspace(server, workspace.id, user.key);
    await analyze(databaseUrlOf(server));
    // Both read runs that the member may see, so that both do the same work.
    const seen = { ...world, runs: world.runs.slice(0, Math.min(shares, world.runs.length)) };
    const second = await startKeepingNothing('standalone', server);
    const fresh = [await enterWorkspace(second, workspace.id, cloud.token), await enterWorkspace(second, workspace.id, user.key)];
    const rows = [];
    const percent = (ratio) => `${f((ratio - 1) * 100, 0)} %`;
    for (const { name, path } of readCases(seen)) {
      const readers = [...[administrator, member].map((client) => [server.pid, client]), ...fresh.map((client) => [second.pid, client])];
      const sides = readers.map(([pid, client]) => ({ pid, work: (i) => client.read(path(i)) }));
      const { medians, ratio } = await inTurns(sides, options);
      const costs = [ratio('perSecond', 0, 1), ratio('cpu', 1, 0), ratio('perSecond', 2, 3), ratio('cpu', 3, 2)].map(percent);
      const perSecond = medians.map((median) => f(median.perSecond, 0));
      rows.push([name, perSecond[0], perSecond[1], costs[0], costs[1], perSecond[2], perSecond[3], costs[2], costs[3]]);
      tell(`rights, ${name}: ${costs[0]} time, ${costs[1]} CPU over an administrator's; ${costs[2]} and ${costs[3]} when nothing is kept`);
    }
    await Promise.all(fresh.map((client) => client.close()));
    await second.stop();
    const machine = await attachServer(cloud, server, user, seen);
    const asked = Array.from({ length: 100 }, (_, i) => `${world.project}:pipeline_run/${world.runs[(i * 7) % world.runs.length]}`);
    const path = `/rbac/check_permissions?user_id=${user.id}&action=read`;
    const decided = Object.values(await machine.post(path, asked));
    if (decided.length === 0 || !decided.includes(true)) throw new Error('The check of permissions was meant to find the shared runs.');
    const body = JSON.stringify(asked);
    const {
      medians: [checks],
    } = await inTurns([{ pid: server.pid, work: () => machine.post(path, body) }], options);
    tell(`/rbac/check_permissions with ${asked.length} resources: ${f(checks.perSecond, 0)}/s, p99 ${f(checks.p99)} ms`);
    await Promise.all([cloud, administrator, machine].map((client) => client.close()));
    return [
      '## Rights',
      '',
      `The same reads by an administrator and by a member with a custom role and ${seen.runs.length} shared runs out of ${world.runs.length}, in a workspace of a control plane.`,
      '',
      ...table(['what', 'administrator /s', 'member /s', 'cost', 'cost in CPU', 'administrator /s, nothing kept', 'member /s', 'cost', 'cost in CPU'], rows),
      '',
      `\`/rbac/check_permissions\` with ${asked.length} resources: ${f(checks.perSecond, 0)} a second, p50 ${f(checks.p50)} ms, p99 ${f(checks.p99)} ms, CPU ${f(checks.cpu, 2)} s per 1,000 requests.`,
    ];
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
