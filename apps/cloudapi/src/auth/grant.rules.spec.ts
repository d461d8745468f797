import { deviceGrant, grantOf } from './grant.rules.js';

const id = '44ab20ae-ea1c-4978-83eb-98fd3be7113c';

describe('what a log-in asks for', () => {
  it.each([
    ['a key without grant type, as the SDK sends it', { password: 'ZENPROKEY_x' }, { kind: 'key', key: 'ZENPROKEY_x' }],
    ['a key under its grant with underscores', { grant_type: 'zenml_api_key', password: 'k' }, { kind: 'key', key: 'k' }],
    ['a key under its grant with hyphens', { grant_type: 'zenml-api-key', password: 'k' }, { kind: 'key', key: 'k' }],
    ['a device code', { grant_type: deviceGrant, client_id: id, device_code: 'c' }, { kind: 'device', clientId: id, deviceCode: 'c' }],
    ['an attached server', { grant_type: 'client_credentials', client_id: id, client_secret: 's' }, { kind: 'machine', workspaceId: id, secret: 's' }],
    ['a server with an empty grant type', { grant_type: '', client_id: id, client_secret: 's' }, { kind: 'machine', workspaceId: id, secret: 's' }],
    ['a script with a key as its secret', { grant_type: '', client_id: 'ci', client_secret: 'ZENPROKEY_x' }, { kind: 'key', key: 'ZENPROKEY_x' }],
    ['a person', { username: 'a@b.c', password: 'p' }, { kind: 'password', username: 'a@b.c', password: 'p' }],
    ['a person with an empty password', { grant_type: 'password', username: 'admin' }, { kind: 'password', username: 'admin', password: '' }],
  ])('may be %s', (_name, form, grant) => expect(grantOf(form)).toEqual(grant));

  it.each([
    ['nothing', {}],
    ['an unknown grant', { grant_type: 'implicit' }],
    ['a device grant without code', { grant_type: deviceGrant, client_id: id }],
    ['a device grant with a bad client', { grant_type: deviceGrant, client_id: 'x', device_code: 'c' }],
    ['a server that names no workspace', { grant_type: 'client_credentials', client_id: 'x', client_secret: 's' }],
    ['a password grant without name', { grant_type: 'password', password: 'p' }],
  ])('is refused for %s', (_name, form) => expect(() => grantOf(form)).toThrow(expect.objectContaining({ status: 400 })));
});
