import { readFileSync } from 'node:fs';
import { repositoryFile } from '#libs/boot/repository.js';
import { componentConfiguration, isSecretReference } from './component-configuration.rules.js';
import { readConfig } from './config-schema.rules.js';

const flavors = JSON.parse(readFileSync(repositoryFile('apps/workspace-api/data/flavors.json'), 'utf8')) as {
  name: string;
  type: string;
  config_schema: object;
}[];

function read(type: string, name: string, given: object, stored?: object) {
  const flavor = flavors.find((one) => one.type === type && one.name === name);
  if (!flavor) throw new Error(`There is no ${type} flavor ${name}.`);
  return componentConfiguration({ name, type, isCustom: false, schema: flavor.config_schema }, { ...given }, { ...stored });
}

describe('the configuration of a component', () => {
  it('is what was given, without defaults', () => {
    expect(read('artifact_store', 's3', { path: 's3://bucket', key: null })).toEqual({ path: 's3://bucket', key: null });
  });

  it('may name secrets for any text that is not checked', () => {
    expect(read('artifact_store', 's3', { path: 's3://b', key: '{{aws.key}}' })).toMatchObject({ key: '{{aws.key}}' });
    expect(() => read('container_registry', 'default', { uri: '{{aws.uri}}' })).toThrow('secret');
    expect([isSecretReference('{{a.b}}'), isSecretReference('{{ a.b }}'), isSecretReference('{{a}}'), isSecretReference('x{{a.b}}')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('has no settings that the flavor does not know, unless it has them already', () => {
    expect(() => read('orchestrator', 'local', { nope: 1 })).toThrow("no setting 'nope'");
    expect(read('orchestrator', 'local', { nope: 1 }, { nope: 0 })).toEqual({});
  });

  it('reads numbers, truths, lists and objects from text, as the command line sends them', () => {
    const kubernetes = { skip_local_validations: 'true', parallel_step_startup_waiting_period: '1.5', max_parallelism: '3', pod_failure_policy: '{"a": "b"}' };
    expect(read('orchestrator', 'kubernetes', kubernetes)).toEqual({
      skip_local_validations: true,
      parallel_step_startup_waiting_period: 1.5,
      max_parallelism: 3,
      pod_failure_policy: { a: 'b' },
    });
  });

  it('refuses what is missing or of another type, naming it', () => {
    expect(() => read('artifact_store', 's3', {})).toThrow('path: is required');
    expect(() => read('artifact_store', 's3', { path: 7 })).toThrow('path: must be text');
    expect(() => read('orchestrator', 'kubernetes', { max_parallelism: '1.5' })).toThrow('max_parallelism: must be a whole number');
    expect(() => read('orchestrator', 'kubernetes', { max_parallelism: 0 })).toThrow('max_parallelism');
  });

  it('keeps paths within what the store can reach', () => {
    expect(() => read('artifact_store', 'gcp', { path: 's3://bucket' })).toThrow('gs://');
    expect(() => read('artifact_store', 'local', { path: 's3://bucket' })).toThrow('local');
    expect(read('container_registry', 'default', { uri: 'https://registry/' })).toEqual({ uri: 'https://registry' });
  });
});

describe('reading by a schema', () => {
  it('prefers the choice that a value fits as it is', () => {
    const schema = { anyOf: [{ type: 'integer' }, { type: 'string' }, { type: 'null' }] };
    expect([readConfig(schema, '5'), readConfig(schema, 5), readConfig(schema, null)]).toEqual(['5', 5, null]);
  });

  it('drops what a nested class does not know, and follows references', () => {
    const schema = { type: 'object', properties: { one: { $ref: '#/$defs/One' } }, $defs: { One: { type: 'object', properties: { a: { type: 'string' } } } } };
    expect(readConfig(schema, { one: { a: 'x', b: 1 } })).toEqual({ one: { a: 'x' } });
  });
});
