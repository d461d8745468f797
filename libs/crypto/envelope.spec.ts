import { createDataKey, platformSealer, rewrapDataKey, SealBroken, workspaceSealer } from './envelope.js';
import { MasterKeys } from './master-key.js';

const [firstKey, secondKey] = ['a1'.repeat(32), 'b2'.repeat(32)];
const master = MasterKeys.parse(firstKey);
const workspaceId = '22222222-2222-4222-8222-222222222222';
const place = { workspaceId, table: 'secret', column: 'values', id: '33333333-3333-4333-8333-333333333333' };

describe('sealing a secret', () => {
  const wrapped = createDataKey(master, workspaceId);
  const sealer = workspaceSealer(master, workspaceId, [wrapped]);

  it('hides the text and gives it back', () => {
    for (const text of ['', 'hunter2', '{"password":"Grüße 🔑"}', 'x'.repeat(65_536)]) {
      const sealed = sealer.seal(text, place);
      expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]+$/);
      expect(text === '' || !sealed.includes(text)).toBe(true);
      expect(sealer.open(sealed, place)).toBe(text);
    }
  });

  it('gives another result each time', () => {
    expect(sealer.seal('same', place)).not.toBe(sealer.seal('same', place));
  });

  it('binds the secret to its place', () => {
    const sealed = sealer.seal('hunter2', place);
    for (const moved of [{ id: workspaceId }, { table: 'service_connector' }, { column: 'name' }, { workspaceId: null }, { workspaceId: place.id }]) {
      expect(() => sealer.open(sealed, { ...place, ...moved })).toThrow(SealBroken);
    }
  });

  it('notices every change of a single character', () => {
    const sealed = sealer.seal('hunter2', place);
    // The last letter of base64url may carry bits that mean nothing, so it is left alone.
    for (let i = 0; i < sealed.length - 1; i++) {
      const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1);
      expect(() => sealer.open(changed, place)).toThrow(SealBroken);
    }
  });

  it('says for texts of an unknown form that they are, naming the place but not the secret', () => {
    for (const text of ['', 'hunter2', 'v0.a.b', 'v1.00000000.AAAA', `${sealer.seal('x', place)}.more`]) {
      expect(() => sealer.open(text, place)).toThrow(SealBroken);
      expect(() => sealer.open(text, place)).not.toThrow(/hunter2/);
    }
  });

  it("keeps each workspace's data key to that workspace", () => {
    expect(() => workspaceSealer(master, place.id, [wrapped])).toThrow(SealBroken);
    const other = workspaceSealer(master, workspaceId, [createDataKey(master, workspaceId)]);
    expect(() => other.open(sealer.seal('hunter2', place), place)).toThrow(SealBroken);
  });

  it('opens what an older data key sealed and seals with the newest', () => {
    const newer = workspaceSealer(master, workspaceId, [createDataKey(master, workspaceId), wrapped]);
    const old = sealer.seal('hunter2', place);
    expect(newer.open(old, place)).toBe('hunter2');
    expect(newer.isCurrent(old)).toBe(false);
    expect(newer.isCurrent(newer.seal('x', place))).toBe(true);
  });
});

describe('rotating the master key', () => {
  const wrapped = createDataKey(master, workspaceId);
  const sealed = workspaceSealer(master, workspaceId, [wrapped]).seal('hunter2', place);
  const both = MasterKeys.parse(`${secondKey},${firstKey}`);
  const onlyNew = MasterKeys.parse(secondKey);

  it('keeps opening data while both keys are there', () => {
    expect(workspaceSealer(both, workspaceId, [wrapped]).open(sealed, place)).toBe('hunter2');
  });

  it('needs no old key once the data key is wrapped anew, and leaves the data itself alone', () => {
    expect(() => workspaceSealer(onlyNew, workspaceId, [wrapped])).toThrow(SealBroken);
    const rewrapped = rewrapDataKey(both, workspaceId, wrapped);
    expect(workspaceSealer(onlyNew, workspaceId, [rewrapped]).open(sealed, place)).toBe('hunter2');
    expect(rewrapDataKey(both, workspaceId, rewrapped)).toBe(rewrapped);
  });

  it("covers the installation's own secrets too", () => {
    const platformPlace = { workspaceId: null, table: 'oidc_connection', column: 'client_secret', id: place.id };
    const old = platformSealer(master).seal('client secret', platformPlace);
    expect(platformSealer(both).open(old, platformPlace)).toBe('client secret');
    expect(platformSealer(both).isCurrent(old)).toBe(false);
    expect(() => platformSealer(onlyNew).open(old, platformPlace)).toThrow(SealBroken);
  });
});
