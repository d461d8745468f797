import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { loadMasterKeys, MasterKeyProblem, MasterKeys } from './master-key.js';

const hexKey = 'a1'.repeat(32);
const otherKey = 'b2'.repeat(32);

describe('master keys', () => {
  it('read the same key from hex and from either base64', () => {
    const key = Buffer.from(hexKey, 'hex');
    const ids = [hexKey, hexKey.toUpperCase(), key.toString('base64'), key.toString('base64url')].map((text) => MasterKeys.parse(text).currentId);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}$/);
  });

  it('keep the first as the current one and the others to open with', () => {
    const [old, both] = [MasterKeys.parse(hexKey), MasterKeys.parse(`${otherKey}, ${hexKey}`)];
    expect(both.ids).toEqual([MasterKeys.parse(otherKey).currentId, old.currentId]);
    expect(both.derive('x', old.currentId).equals(old.derive('x'))).toBe(true);
    expect(both.derive('x').equals(old.derive('x'))).toBe(false);
  });

  it('derive a key of its own for each purpose', () => {
    const keys = MasterKeys.parse(hexKey);
    expect(keys.derive('one').equals(keys.derive('one'))).toBe(true);
    expect(keys.derive('one').equals(keys.derive('two'))).toBe(false);
    expect(keys.derive('one').symmetricKeySize).toBe(32);
  });

  it('refuse texts that are no key, without repeating them', () => {
    for (const text of ['', 'password', hexKey.slice(1), `${hexKey},short`]) {
      expect(() => MasterKeys.parse(text)).toThrow(MasterKeyProblem);
      expect(() => MasterKeys.parse(text)).not.toThrow(/password|short|a1a1/);
    }
    expect(() => MasterKeys.parse(hexKey).derive('x', '00000000')).toThrow(MasterKeyProblem);
  });

  it('never print themselves', () => {
    const keys = MasterKeys.parse(hexKey);
    expect(`${JSON.stringify({ keys })}${inspect(keys, { depth: 9, showHidden: true })}`).not.toContain('a1a1');
  });
});

describe('the master key of an installation', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'master-key-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is the setting when there is one, and then no file is made', () => {
    const file = join(directory, 'master.key');
    expect(loadMasterKeys({ text: hexKey, file }).currentId).toBe(MasterKeys.parse(hexKey).currentId);
    expect(() => statSync(file)).toThrow('ENOENT');
  });

  it('is made once, for the owner only, and found again', () => {
    const file = join(directory, 'data', 'master.key');
    const made = loadMasterKeys({ file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(loadMasterKeys({ file, text: ' ' }).currentId).toBe(made.currentId);
  });

  it('may stand in a file with older ones below it, which is closed to others when it was open', () => {
    const file = join(directory, 'master.key');
    writeFileSync(file, `${otherKey}\n${hexKey}\n`, { mode: 0o644 });
    expect(loadMasterKeys({ file }).ids).toHaveLength(2);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is not replaced when its file is damaged', () => {
    const file = join(directory, 'master.key');
    writeFileSync(file, '');
    expect(() => loadMasterKeys({ file })).toThrow(MasterKeyProblem);
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});
