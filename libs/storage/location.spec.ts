import fc from 'fast-check';
import { keyOf, parseRoot, uriOf } from './location.js';
import { StorageError } from './storage-error.js';

describe('the root of a cloud store', () => {
  it.each([
    ['s3', 's3://bucket', { bucket: 'bucket', prefix: '', uri: 's3://bucket' }],
    ['s3', 's3://bucket/', { bucket: 'bucket', prefix: '', uri: 's3://bucket' }],
    ['s3', ' "s3://bucket/a/b/" ', { bucket: 'bucket', prefix: 'a/b', uri: 's3://bucket/a/b' }],
    ['gs', 'gs://bucket.name_x/a', { bucket: 'bucket.name_x', prefix: 'a' }],
    ['az', 'az://container/a', { bucket: 'container', prefix: 'a', spelling: 'az' }],
    ['az', 'abfs://container/a', { bucket: 'container', uri: 'abfs://container/a' }],
    ['az', 'abfss://container@account.dfs.core.windows.net/a', { bucket: 'container', account: 'account', prefix: 'a' }],
  ] as const)('reads %s %s', (scheme, path, expected) => {
    expect(parseRoot(scheme, path)).toMatchObject(expected);
  });

  it.each([
    ['s3', 'gs://bucket'],
    ['s3', 's3://'],
    ['s3', 's3:///a'],
    ['s3', '/local'],
    ['s3', 's3://user@bucket/a'],
    ['s3', 's3://buck et/a'],
    ['s3', 's3://bucket?x=1'],
    ['gs', ''],
  ] as const)('refuses %s %s', (scheme, path) => {
    expect(() => parseRoot(scheme, path)).toThrow(StorageError);
  });
});

describe('keys below a root', () => {
  const root = parseRoot('s3', 's3://bucket/pre/fix');

  it('takes keys literally', () => {
    expect(keyOf(root, 's3://bucket/pre/fix/a b%20c?x#y')).toBe('pre/fix/a b%20c?x#y');
    expect(keyOf(root, 's3://bucket/pre/fix/')).toBe('pre/fix');
    expect(keyOf(root, 's3://bucket/pre/fix/a\\b')).toBe('pre/fix/a/b');
    expect(uriOf(root, 'pre/fix/a')).toBe('s3://bucket/pre/fix/a');
    expect(uriOf(root, 'pre/fix')).toBe('s3://bucket/pre/fix');
  });

  it.each([
    's3://bucket/pre/fixed/a',
    's3://bucket/pre',
    's3://bucket/other',
    's3://bucket2/pre/fix/a',
    's3://bucket',
    'gs://bucket/pre/fix/a',
    'S3://bucket/pre/fix/a',
    's3:/bucket/pre/fix/a',
    's3://bucket/pre/fix/../x',
    's3://bucket/pre/fix/a/../b',
    's3://bucket/pre/fix/%2e%2e/x',
    's3://bucket/pre/fix/%2E./x',
    's3://bucket/pre/fix/.%252e/x',
    's3://bucket/pre/fix/..%2fx',
    's3://bucket/pre/fix/..%5cx',
    's3://bucket/pre/fix/..\\x',
    's3://bucket/pre/fix/./x',
    's3://bucket/pre/fix/\0',
    's3://bucket/pre/fix/%00',
    's3://bucket//pre/fix/../../x',
  ])('refuses %j', (uri) => {
    expect(() => keyOf(root, uri)).toThrow(expect.objectContaining({ kind: 'outside_root' }));
  });

  it('never gives a key outside of the prefix or with a segment that is resolved on the way', () => {
    const piece = fc.constantFrom('..', '.', '%2e', '%2E%2e', '%252e', '/', '\\', '%2f', '%5C', 'a', 'pre', 'fix', '\0', '//', 's3://bucket/', '');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (parts) => {
        const uri = `s3://bucket/pre/fix/${parts.join('')}`;
        try {
          const key = keyOf(root, uri);
          const normal = new URL(`https://host/${key}`).pathname.slice(1);
          expect(normal === 'pre/fix' || normal.startsWith('pre/fix/')).toBe(true);
        } catch (error) {
          if (!(error instanceof StorageError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('takes both spellings of an Azure URI for the same place, and another account for another', () => {
    const azure = parseRoot('az', 'abfs://box@acct.dfs.core.windows.net/p');
    expect(keyOf(azure, 'az://box/p/x')).toBe('p/x');
    expect(keyOf(azure, 'abfs://box@acct.dfs.core.windows.net/p/x')).toBe('p/x');
    expect(() => keyOf(azure, 'abfs://box@evil.dfs.core.windows.net/p/x')).toThrow(StorageError);
    expect(() => keyOf(azure, 'abfs://box@evil.example/p/x')).toThrow(StorageError);
  });
});
