/** The client's environment as kept: one that is too long to keep is dropped, since nothing works less without it. */
export function keptEnvironment(environment: Record<string, unknown>): Record<string, unknown> {
  return pythonJsonLength(environment) > maxEnvironmentLength ? {} : environment;
}

const maxEnvironmentLength = 65_535;

/** How long the text is that Python's `json.dumps` makes: a space after each comma and colon, and `\uXXXX` for what is not ASCII. */
export function pythonJsonLength(value: unknown): number {
  if (Array.isArray(value)) return 2 + 2 * Math.max(0, value.length - 1) + sum(value.map(pythonJsonLength));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    return 2 + 2 * Math.max(0, entries.length - 1) + sum(entries.map(([key, item]) => pythonJsonLength(key) + 2 + pythonJsonLength(item)));
  }
  const text = JSON.stringify(value) ?? 'null';
  return text.length + 5 * (text.match(/[^\0-\x7f]/g)?.length ?? 0);
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Clients before 0.82 do not know which part of a step's configuration is the step's own, and refuse fields they do not know. */
export function knowsOverrides(userAgent: string): boolean {
  const found = /^zenml\/(\d+)\.(\d+)/i.exec(userAgent);
  return !found || Number(found[1]) > 0 || Number(found[2]) >= 82;
}

type Steps = Record<string, Record<string, unknown>>;

/** A snapshot, or a page of them, as such a client knows it. */
export function withoutOverrides(document: unknown): unknown {
  const items = (document as { items?: unknown[] }).items ?? [document];
  for (const item of items) {
    const steps = (item as { metadata?: { step_configurations?: Steps } | null }).metadata?.step_configurations ?? {};
    for (const step of Object.values(steps)) delete step.step_config_overrides;
  }
  return document;
}
