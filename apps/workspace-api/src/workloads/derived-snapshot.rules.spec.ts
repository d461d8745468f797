import { PipelineRunConfiguration } from '#libs/wire/models/configuration.js';
import { assertRunConfiguration, assertSteps, derivedSnapshot, type SourceSnapshot } from './derived-snapshot.rules.js';

const source: SourceSnapshot = {
  isDynamic: false,
  runNameTemplate: '{date}',
  pipeline: { name: 'p', enable_cache: true, settings: {} },
  specification: null,
  steps: {
    s: {
      spec: { invocation_id: 's' },
      config: { name: 's', parameters: { a: 1 } },
      step_config_overrides: { name: 's', parameters: { a: 1 }, extra: { x: 1, list: [1] } },
    },
  } as unknown as SourceSnapshot['steps'],
  clientVersion: '0.98.0',
  components: [
    { type: 'orchestrator', name: 'cluster', flavor: 'kubernetes', hasSynchronous: false },
    { type: 'step_operator', name: 'a', flavor: 'sagemaker', hasSynchronous: false },
    { type: 'step_operator', name: 'b', flavor: 'sagemaker', hasSynchronous: false },
  ],
};

const settingsOf = (settings: object, from = source) => derivedSnapshot(from, { settings } as never).pipeline_configuration.settings;
const stepWith = (change: object) => derivedSnapshot(source, { steps: { s: change } } as never).step_configurations.s;

describe('settings of components', () => {
  it('are found by type, flavor or name, and kept under the name', () => {
    for (const key of ['orchestrator', 'orchestrator.kubernetes', 'orchestrator:cluster'])
      expect(settingsOf({ [key]: { x: 1 }, docker: {} })).toEqual({ 'orchestrator:cluster': { x: 1 }, docker: {} });
  });

  it('are kept under the flavor for images of early clients', () => {
    const keyFor = (clientVersion: string | null) => Object.keys(settingsOf({ orchestrator: { x: 1 } }, { ...source, clientVersion }) as object);
    expect(keyFor('0.94.2')).toEqual(['orchestrator.kubernetes']);
    expect(keyFor('0.94.3')).toEqual(['orchestrator:cluster']);
    expect(keyFor(null)).toEqual(['orchestrator.kubernetes']);
  });

  it('are dropped for components that the stack does not have', () => {
    expect(settingsOf({ 'orchestrator:other': { x: 1 } })).toEqual({});
  });

  it.each([
    ['two entries for one component', { orchestrator: {}, 'orchestrator:cluster': {} }],
    ['an entry that two components fit', { 'step_operator.sagemaker': {} }],
    ['a type that the stack does not have', { deployer: {} }],
  ])('are refused with %s', (_, settings) => {
    expect(() => settingsOf(settings)).toThrow();
  });

  it('do not make an orchestrator wait that could', () => {
    const components = source.components.map((one) => ({ ...one, hasSynchronous: one.type === 'orchestrator' }));
    expect(settingsOf({ orchestrator: { x: 1 } }, { ...source, components })).toEqual({ 'orchestrator:cluster': { x: 1, synchronous: false } });
  });
});

describe('a run configuration', () => {
  it('updates dictionaries level by level and replaces everything else', () => {
    expect(stepWith({ extra: { list: [2], y: { z: 1 } } })?.config.extra).toEqual({ x: 1, list: [2], y: { z: 1 } });
  });

  it('changes parameters of a step, but adds none', () => {
    expect(stepWith({ name: 'x', parameters: { a: 2 } })?.step_config_overrides).toMatchObject({ name: 's', parameters: { a: 2 } });
    expect(() => stepWith({ parameters: { b: 2 } })).toThrow(/no parameter 'b'/);
  });

  it('changes of a model only what it says, and nulls count where anything may stand', () => {
    const pipeline = { ...source.pipeline, retry: { max_retries: 5, delay: 7 }, environment: { A: 'a' } };
    const given = PipelineRunConfiguration.parse({ retry: { delay: 1 }, environment: { A: null }, model: { name: 'm' } });
    expect(derivedSnapshot({ ...source, pipeline }, given as never).pipeline_configuration).toMatchObject({
      retry: { max_retries: 5, delay: 1 },
      environment: { A: null },
      model: { name: 'm', suppress_class_validation_warnings: true },
    });
  });

  it('is refused where a step would not be whole with it', () => {
    expect(() => stepWith({ outputs: { o: { materializer_source: null } } })).toThrow('outputs.o.materializer_source');
  });

  it('says when, where it has a schedule', () => {
    const parse = (schedule: object) => PipelineRunConfiguration.safeParse({ schedule }).success;
    expect([parse({}), parse({ start_time: '2024-01-01T00:00:00' }), parse({ cron_expression: '* * * * *' })]).toEqual([false, false, true]);
  });

  it('names steps that exist, unless the pipeline makes its steps while it runs', () => {
    expect(() => assertSteps(source, { steps: { other: {} } } as never)).toThrow(/no step named 'other'. Its steps are 's'/);
    expect(() => assertSteps({ ...source, isDynamic: true }, { steps: { other: {} } } as never)).not.toThrow();
  });

  it('leaves the parameters of a static pipeline, and sets those of a dynamic one where people look for them', () => {
    const dynamic = { ...source, isDynamic: true, specification: { steps: [] } } as unknown as SourceSnapshot;
    const derived = derivedSnapshot(dynamic, { parameters: { a: 1 } } as never);
    expect(derived).toMatchObject({ pipeline_configuration: { parameters: { a: 1 } }, pipeline_spec: { parameters: { a: 1 } } });
    expect(() => assertRunConfiguration({ parameters: { a: 1 } }, true)).not.toThrow();
  });

  it.each([{ parameters: { a: 1 } }, { build: 'x' }, { schedule: {} }, { settings: { docker: {} } }, { steps: { s: { settings: { docker: { a: 1 } } } } }])(
    'is refused for a static pipeline with %j',
    (configuration) => {
      expect(() => assertRunConfiguration(configuration as never, false)).toThrow();
    },
  );
});
