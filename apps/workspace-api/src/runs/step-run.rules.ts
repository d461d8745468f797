import { Problem } from '#libs/http/problem.js';
import { isSuccessful } from './status.rules.js';

type InputSpec = { step_name: string; output_name: string; chunk_index?: number | null; chunk_size?: number | null };

/** The parts of a step's configuration that say where its inputs come from. */
export type InputSources = {
  spec: { inputs?: Record<string, InputSpec | InputSpec[]> };
  config: {
    external_input_artifacts?: Record<string, unknown>;
    model_artifacts_or_metadata?: Record<string, unknown>;
    client_lazy_loaders?: Record<string, unknown>;
  };
};

export type InputLink = { name: string; artifact_id: string; type: string; input_index: number; chunk_index: number | null; chunk_size: number | null };

/** Inputs of a specification are one source or a list of them. */
export function inputSpecs(spec: InputSources['spec'], name: string): InputSpec[] | null {
  const inputs = spec.inputs?.[name];
  if (inputs === undefined) return null;
  return Array.isArray(inputs) ? inputs : [inputs];
}

/** How the inputs of a new step got there, as its configuration has it. @throws Problem 400 for more artifacts than the specification has sources */
export function inputLinks(inputs: Record<string, string[]>, step: InputSources, overridden: ReadonlySet<string>): InputLink[] {
  return Object.entries(inputs).flatMap(([name, ids]) =>
    ids.map((artifact_id, i) => {
      const specs = inputSpecs(step.spec, name);
      const type = inputType(name, step, overridden);
      if (type !== 'step_output') return { name, artifact_id, type, input_index: 0, chunk_index: null, chunk_size: null };
      const spec = specs?.[i];
      if (!spec)
        throw new Problem(
          'invalid',
          `The input '${name}' has ${specs?.length} sources in the configuration of the step; ${ids.length} artifact versions were sent.`,
        );
      return { name, artifact_id, type, input_index: i, chunk_index: spec.chunk_index ?? null, chunk_size: spec.chunk_size ?? null };
    }),
  );
}

function inputType(name: string, { spec, config }: InputSources, overridden: ReadonlySet<string>): string {
  if (overridden.has(name)) return 'override';
  if (inputSpecs(spec, name)) return 'step_output';
  if (config.external_input_artifacts && name in config.external_input_artifacts) return 'external';
  if ((config.model_artifacts_or_metadata && name in config.model_artifacts_or_metadata) || (config.client_lazy_loaders && name in config.client_lazy_loaders))
    return 'lazy';
  return 'manual';
}

/** The inputs of a step taken from the cache are what they were in the original. @throws Problem 400 */
export function copiedInputLinks(inputs: Record<string, string[]>, original: readonly InputLink[]): InputLink[] {
  return Object.entries(inputs).flatMap(([name, ids]) =>
    ids.map((id) => {
      const found = original.find((link) => link.name === name && link.artifact_id === id);
      if (!found) throw new Problem('invalid', `The original step has no input '${name}' with the artifact version ${id}.`);
      return found;
    }),
  );
}

/** Inputs that a replay replaced: those of every step of that function, and those of this one step. */
export function overriddenInputs(
  pipeline: { step_default_input_overrides?: Record<string, object> | null; step_input_overrides?: Record<string, object> | null },
  invocation: string,
  functionName: string,
): Set<string> {
  return new Set([
    ...Object.keys(pipeline.step_default_input_overrides?.[functionName] ?? {}),
    ...Object.keys(pipeline.step_input_overrides?.[invocation] ?? {}),
  ]);
}

export type Attempt = { id: string; status: string; version: number; model_version_id: string | null };

/** The number of the next attempt at a step, and whether another one may follow. @throws Problem 409 */
export function nextAttempt(name: string, attempts: readonly Attempt[], maxRetries: number): { version: number; isRetriable: boolean } {
  if (attempts.some((attempt) => isSuccessful(attempt.status))) throw new Problem('exists', `The step '${name}' of this run has succeeded already.`);
  if (attempts.length > maxRetries) throw new Problem('exists', `The step '${name}' of this run has exceeded its ${maxRetries} retries.`);
  return { version: attempts.length + 1, isRetriable: attempts.length < maxRetries };
}
