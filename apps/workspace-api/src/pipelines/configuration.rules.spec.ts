import { readFileSync } from 'node:fs';
import path from 'node:path';
import { complete } from '#libs/wire/complete.js';
import { PipelineConfigurationInput, StepInput } from '#libs/wire/models/configuration.js';
import { type Configuration, fillTemplate, mergeStepConfiguration, type StoredStep, withSubstitutions } from './configuration.rules.js';

type Golden = {
  merges: {
    request: { pipeline: unknown; step: unknown };
    stored: { pipeline: Configuration; step: StoredStep };
    static: Configuration;
    dynamic: Configuration;
  }[];
  substitutions: { substitutions: Record<string, string>; start: string; result: Record<string, string> }[];
  templates: { text: string; substitutions: Record<string, string>; result?: string; error?: string }[];
};

/** Computed by the installed package: tools/reference/golden/pipeline-configuration.py. */
const golden: Golden = JSON.parse(readFileSync(path.join(__dirname, '../../../../test/golden/pipeline-configuration.json'), 'utf8'));

describe('step configurations', () => {
  it('inherit from the pipeline exactly what the original lets them inherit', () => {
    expect(golden.merges.length).toBeGreaterThan(50);
    for (const { stored, ...expected } of golden.merges) {
      const step = mergeStepConfiguration(stored.pipeline, stored.step, { isDynamic: false });
      expect(step).toEqual({ spec: stored.step.spec, config: expected.static, step_config_overrides: stored.step.step_config_overrides });
      expect(mergeStepConfiguration(stored.pipeline, stored.step, { isDynamic: true }).config).toEqual({ ...expected.static, ...expected.dynamic });
    }
  });

  it('are completed from requests as the original completes them', () => {
    for (const { request, stored } of golden.merges) {
      const pipeline = complete(PipelineConfigurationInput, PipelineConfigurationInput.parse(request.pipeline));
      expect(pipeline).toEqual(stored.pipeline);
      const { spec, step_config_overrides } = complete(StepInput, StepInput.parse(request.step));
      expect({ spec, step_config_overrides }).toEqual(stored.step);
    }
  });
});

describe('substitutions', () => {
  it('are completed with the date and time of the start', () => {
    for (const one of golden.substitutions) expect(withSubstitutions({ substitutions: one.substitutions }, one.start).substitutions).toEqual(one.result);
  });

  it('fall back to now without a start', () => {
    expect((withSubstitutions({}, null).substitutions as { date: string }).date).toMatch(/^\d{4}_\d\d_\d\d$/);
  });
});

describe('name templates', () => {
  it('are filled as Python fills them', () => {
    for (const { text, substitutions, result } of golden.templates) {
      if (result === undefined) expect(() => fillTemplate(text, substitutions)).toThrow();
      else expect([text, fillTemplate(text, substitutions)]).toEqual([text, result]);
    }
  });

  it('never reach into values', () => {
    expect(() => fillTemplate('{env.length}', { env: 'x' })).toThrow("asks for 'env.length'");
    expect(() => fillTemplate('{constructor}', {})).toThrow("asks for 'constructor'");
  });
});
