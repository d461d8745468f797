import { sql } from '#libs/database/sql.js';
import { attach, type Member, member } from '../../test/pro.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('a workspace of a control plane', () => {
  let workspace: TestWorkspace;
  let organizationId: string;
  let admin: Member;
  let viewer: Member;
  beforeAll(async () => {
    workspace = await startWorkspace();
    ({ organizationId } = await attach(workspace));
    admin = await member(workspace, organizationId, 'Workspace Admin');
    viewer = await member(workspace, organizationId, 'Workspace Viewer');
  });
  afterAll(() => workspace.stop());

  it('leaves people, machines, passwords, settings and activation to the control plane, and says so', async () => {
    const { api } = admin;
    const expected = [
      [api.post('/users', { name: unique('x'), is_admin: true, password: 'x' }), 405],
      [api.put(`/users/${viewer.userId}/deactivate`), 405],
      [api.delete(`/users/${viewer.userId}`), 405],
      [api.put(`/users/${admin.userId}/email-opt-in`, { email_opted_in: false }), 405],
      [api.as(null).put(`/users/${viewer.userId}/activate`, { activation_token: 'x' }), 405],
      [api.as(null).put('/activate', { admin_username: 'x', admin_password: 'y' }), 405],
      [api.post('/service_accounts', { name: unique('x'), active: true }), 403],
      [api.get('/settings'), 404],
      [api.put('/settings', { server_name: 'x' }), 405],
      [api.as(null).post('/login', undefined, { form: { username: 'admin', password: 'x' } }), 400],
      [api.as(null).post('/device_authorization', undefined, { form: { client_id: viewer.userId } }), 403],
    ] as const;
    const answers = await Promise.all(expected.map(([answer]) => answer));
    expect(answers.map((one) => one.status)).toEqual(expected.map(([, status]) => status));
    for (const { text } of answers) expect(text).toMatch(/control plane/);
  });

  it('keeps nothing of a person but the project to start in', async () => {
    const { id } = await admin.api.ok(admin.api.get('/projects/default'));
    const changed = await viewer.api.ok(viewer.api.put('/current-user', { default_project_id: id, full_name: 'x', name: 'y', password: 'z' }));
    expect(changed).toMatchObject({ name: expect.stringMatching(/^member-/), body: { default_project_id: id, full_name: '' } });
  });

  it('lists colleagues to everybody', async () => {
    const names = (await viewer.api.ok(viewer.api.get('/users?size=100'))).items.map((one: { id: string }) => one.id);
    expect(names).toEqual(expect.arrayContaining([admin.userId, viewer.userId]));
  });

  it('gives a new project to whoever made it, and takes all roles in it back with it', async () => {
    const developer = await member(workspace, organizationId, 'Workspace Developer');
    const project = await developer.api.ok(developer.api.post('/projects', { display_name: 'New Things!' }));
    expect(project.name).toBe('new-things');
    const roles = () =>
      workspace.db.read<{ user_id: string }>({ workspaceId: workspace.id }, sql`SELECT user_id FROM cloud.role_assignment WHERE project_id = ${project.id}`);
    expect(await roles()).toEqual([{ user_id: developer.externalId }]);
    expect((await developer.api.put(`/projects/${project.id}`, { description: 'mine' })).status).toBe(200);
    expect((await viewer.api.delete(`/projects/${project.id}`)).status).toBe(403);
    expect((await developer.api.delete(`/projects/${project.id}`)).status).toBe(200);
    expect(await roles()).toEqual([]);
  });

  describe('sharing', () => {
    const share = (by: Member, type: string, id: string, to: string, actions: string[], who = 'user_id') =>
      by.api.post(`/users/resource_membership?resource_type=${type}&resource_id=${id}&${who}=${to}`, actions);
    const tag = async () => (await admin.api.ok(admin.api.post('/tags', { name: unique('tag') }))).id as string;

    it('replaces what somebody held, and an empty list takes it back', async () => {
      const guest = await member(workspace, organizationId, null);
      const id = await tag();
      const update = () => guest.api.put(`/tags/${id}`, { color: 'red' });
      expect((await update()).status).toBe(403);
      expect((await share(admin, 'tag', id, guest.externalId, ['read', 'update'])).body).toBeNull();
      expect((await update()).status).toBe(200);
      await admin.api.ok(share(admin, 'tag', id, guest.externalId, ['read']));
      expect((await update()).status).toBe(403);
      await admin.api.ok(share(admin, 'tag', id, guest.externalId, []));
      const rows = await workspace.db.read({ workspaceId: workspace.id }, sql`SELECT id FROM cloud.resource_member WHERE resource_id = ${id}`);
      expect(rows).toEqual([]);
    });

    it('lets readers of a secret use its values', async () => {
      const guest = await member(workspace, organizationId, null);
      const { id } = await admin.api.ok(admin.api.post('/secrets', { name: unique('secret'), values: { key: 'value' } }));
      expect((await guest.api.get(`/secrets/${id}`)).status).toBe(403);
      await admin.api.ok(share(admin, 'secret', id, guest.externalId, ['read']));
      const { body } = await guest.api.ok(guest.api.get(`/secrets/${id}`));
      expect(body.values).toEqual({ key: 'value' });
    });

    it('works for projects', async () => {
      const guest = await member(workspace, organizationId, null);
      const { id } = await admin.api.ok(admin.api.post('/projects', { name: unique('shared') }));
      expect((await guest.api.get(`/projects/${id}`)).status).toBe(403);
      await admin.api.ok(share(admin, 'project', id, guest.externalId, ['read']));
      expect((await guest.api.get(`/projects/${id}`)).status).toBe(200);
      expect((await guest.api.put(`/projects/${id}`, { description: 'x' })).status).toBe(403);
    });

    it('passes on nothing that one may not do', async () => {
      const id = await tag();
      expect((await share(viewer, 'tag', id, admin.externalId, ['read'])).status).toBe(403);
      const guest = await member(workspace, organizationId, null);
      await admin.api.ok(share(admin, 'tag', id, guest.externalId, ['read', 'share']));
      expect((await share(guest, 'tag', id, viewer.externalId, ['read'])).status).toBe(200);
      expect((await share(guest, 'tag', id, viewer.externalId, ['read', 'delete'])).status).toBe(403);
    });

    it('refuses oneself, strangers, unknown resources, types, actions and holders', async () => {
      const id = await tag();
      const nobody = '0c0ffee0-0000-4000-8000-000000000000';
      const answers = await Promise.all([
        share(admin, 'tag', id, admin.externalId, ['read']),
        share(admin, 'tag', id, nobody, ['read']),
        share(admin, 'tag', id, nobody, ['read'], 'team_id'),
        share(admin, 'tag', nobody, viewer.externalId, ['read']),
        share(admin, 'thing', id, viewer.externalId, ['read']),
        share(admin, 'tag', id, viewer.externalId, ['fly']),
        share(admin, 'tag', id, 'somebody', ['read']),
        admin.api.post(`/users/resource_membership?resource_type=tag&resource_id=${id}`, ['read']),
      ]);
      expect(answers.map((one) => one.status)).toEqual([400, 404, 404, 404, 400, 400, 400, 400]);
    });
  });
});
