import { Access } from '#libs/access/access.js';
import { builtInRoles } from '#libs/access/roles.js';
import { mayGrant, mayGrantRole } from './grant.rules.js';

const project = '11111111-1111-4111-8111-111111111111';
const other = '22222222-2222-4222-8222-222222222222';
const role = (name: string) => {
  const found = builtInRoles.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
};
const holder = (name: string, projectId: string | null = null) => Access.of('me', { roles: [{ projectId, permissions: role(name).permissions }], shares: [] });

describe('granting a role', () => {
  it.each(builtInRoles.map(({ name }) => name))('lets a holder of %s pass on what they hold themselves', (name) => {
    const { level } = role(name);
    expect(mayGrantRole(holder(name, level === 'project' ? project : null), role(name), level === 'project' ? project : null)).toBe(true);
  });

  it('lets organization administrators grant everything', () => {
    for (const one of builtInRoles) expect(mayGrantRole(holder('Organization Admin'), one)).toBe(true);
  });

  it.each(['Organization Manager', 'Workspace Admin', 'Organization Viewer', 'Workspace Viewer'])(
    'keeps %s from making administrators of the organization',
    (name) => {
      expect(mayGrantRole(holder(name), role('Organization Admin'))).toBe(false);
    },
  );

  it('keeps viewers from granting changes', () => expect(mayGrantRole(holder('Workspace Viewer'), role('Workspace Contributor'))).toBe(false));

  it('keeps an administrator of one project inside it', () => {
    expect(mayGrantRole(holder('Project Admin', project), role('Project Viewer'), other)).toBe(false);
    expect(mayGrantRole(holder('Project Admin', project), role('Workspace Viewer'))).toBe(false);
  });

  it('counts all actions as more than every known one', () => {
    const access = Access.of('me', { roles: [{ projectId: null, permissions: role('Organization Manager').permissions }], shares: [] });
    expect(mayGrant(access, [{ resource_type: 'secret', actions: ['*'] }])).toBe(false);
    expect(mayGrant(access, [{ resource_type: 'secret', actions: ['read'] }])).toBe(true);
  });
});
