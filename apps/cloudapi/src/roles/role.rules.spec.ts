import { assertPermissionsFit, assertPlaceFits, normalPermissions } from './role.rules.js';

const nowhere = { workspaceId: null, projectId: null };
const workspace = { workspaceId: 'w', projectId: null };
const project = { workspaceId: 'w', projectId: 'p' };

describe('a role', () => {
  it.each([
    ['organization', nowhere],
    ['workspace', workspace],
    ['project', project],
  ] as const)('of the level %s is assigned in its own kind of place only', (level, own) => {
    for (const place of [nowhere, workspace, project]) {
      const attempt = () => assertPlaceFits(level, place);
      if (place === own) expect(attempt).not.toThrow();
      else expect(attempt).toThrow();
    }
  });

  it('speaks only of what there is on its level', () => {
    const on = (type: string) => [{ resource_type: type as 'stack', actions: ['read' as const] }];
    expect(() => assertPermissionsFit('organization', on('member'))).not.toThrow();
    expect(() => assertPermissionsFit('workspace', on('member'))).toThrow();
    expect(() => assertPermissionsFit('workspace', on('workspace'))).not.toThrow();
    expect(() => assertPermissionsFit('project', on('stack'))).toThrow();
    expect(() => assertPermissionsFit('project', on('*'))).toThrow();
    expect(() => assertPermissionsFit('project', on('pipeline'))).not.toThrow();
  });

  it('is stored in one form, however it was written', () => {
    expect(
      normalPermissions([
        { resource_type: 'stack', actions: ['update', 'read'] },
        { resource_type: 'model', actions: ['read', '*'] },
        { resource_type: 'stack', actions: ['read'] },
      ]),
    ).toEqual([
      { resource_type: 'model', actions: ['*'] },
      { resource_type: 'stack', actions: ['read', 'update'] },
    ]);
  });
});
