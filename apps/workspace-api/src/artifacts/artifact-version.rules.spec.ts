import type { ArtifactVersionRequest } from '#libs/wire/models/artifact-version.js';
import { metadataRows, numberOf, numberVersions } from './artifact-version.rules.js';

const request = (version?: string | number) => ({ project: 'p', artifact_name: 'a', version }) as unknown as ArtifactVersionRequest;

describe('versions of artifacts', () => {
  it('are numbered one after the other, also within a batch', () => {
    const latest = new Map([['p/a', 4]]);
    expect(numberVersions([request(), request()], latest)).toEqual([
      { version: '5', number: 5 },
      { version: '6', number: 6 },
    ]);
    expect(latest.get('p/a')).toBe(6);
  });

  it('go on from a version that reads like a higher number, and ignore words', () => {
    const numbers = numberVersions([request('word'), request(10), request(), request('3')], new Map());
    expect(numbers.map(({ version, number }) => [version, number])).toEqual([
      ['word', null],
      ['10', 10],
      ['11', 11],
      ['3', 3],
    ]);
  });

  it('read as numbers only where the database can hold them', () => {
    expect([' 7 ', '-1', '1.0', '99999999999', ''].map(numberOf)).toEqual([7, -1, null, null, null]);
  });
});

describe('metadata of a new version', () => {
  it('keeps the type of every value and leaves out what is too large', () => {
    const rows = metadataRows({ text: 'a', whole: 1, part: 0.5, flag: true, list: [1], map: {}, large: 'x'.repeat(70_000) });
    expect(rows.map(({ key, type }) => [key, type])).toEqual([
      ['text', 'str'],
      ['whole', 'int'],
      ['part', 'float'],
      ['flag', 'bool'],
      ['list', 'list'],
      ['map', 'dict'],
    ]);
  });

  it('refuses keys that filters could not name', () => {
    expect(() => metadataRows({ 'a:b': 1 })).toThrow('colon');
  });
});
