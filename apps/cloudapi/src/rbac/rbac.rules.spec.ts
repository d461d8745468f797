import { Access } from '#libs/access/access.js';
import { allowedIds, decide, sharedResource } from './rbac.rules.js';

const project = '895226ef-782d-419a-adf4-bb1ea6ce8a51';
const id = 'aed78a43-e348-47f7-942a-79ef03f90d4f';
const inProject = Access.of('me', {
  roles: [
    {
      projectId: project,
      permissions: [
        { resource_type: 'pipeline', actions: ['read'] },
        { resource_type: 'project', actions: ['read'] },
      ],
    },
  ],
  shares: [{ type: 'secret', ids: [id], actions: ['read'] }],
});

describe('decisions for workspace servers', () => {
  it('come under exactly the strings that were asked', () => {
    const asked = [`${project}:pipeline`, `${project.toUpperCase()}:pipeline/${id}`, 'secret', `secret/${id}`, 'resource_from_the_future', '__proto__', ''];
    const answer = decide(inProject, 'read', asked);
    expect(Object.keys(answer)).toEqual(asked);
    expect(Object.values(answer)).toEqual([true, true, false, true, false, false, false]);
  });

  it('are no for accounts without rights, and yes to everything for administrators', () => {
    expect(decide(null, 'read', ['project'])).toEqual({ project: false });
    expect(decide(Access.unlimited(), 'invented', ['resource_from_the_future'])).toEqual({ resource_from_the_future: true });
  });

  it('do not make what the caller may own look allowed', () => expect(decide(inProject, 'update', [`secret/${id}`])).toEqual({ [`secret/${id}`]: false }));
});

describe('ids that are allowed', () => {
  it('are all of a type in a project where a role covers it', () =>
    expect(allowedIds(inProject, 'read', `${project}:pipeline`)).toEqual({ full_access: true, ids: [] }));
  it('are the shared ones otherwise', () => expect(allowedIds(inProject, 'read', 'secret')).toEqual({ full_access: false, ids: [id] }));
  it('are the projects one has a role in', () => expect(allowedIds(inProject, 'read', 'project')).toEqual({ full_access: false, ids: [project] }));
  it('are none where nothing is granted', () => expect(allowedIds(inProject, 'read', 'stack')).toEqual({ full_access: false, ids: [] }));
});

describe('sharing', () => {
  it('needs one resource', () => {
    expect(sharedResource(`${project}:pipeline/${id}`)).toEqual({ type: 'pipeline', id, projectId: project });
    for (const text of ['secret', 'secret/', 'secret/x', `x:pipeline/${id}`, `/${id}`])
      expect(() => sharedResource(text)).toThrow('does not name one resource');
  });
});
