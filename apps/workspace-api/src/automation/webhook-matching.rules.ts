import { valuesAt } from './payload-path.rules.js';
import { semanticEvent } from './webhook-semantics.rules.js';

/** An event as its provider reported it. */
export type ReportedEvent = { type: string; deliveryId: string | null; payload: Record<string, unknown> };

/** One value, or several of which one must fit; null: anything fits. */
type Filter = string | string[] | null | undefined;
type Target = { type: string; event_type?: Filter; filters?: Record<string, Filter> } & Record<string, unknown>;
type Configuration = { target_events?: Target[] | null };

/** What an event of a provider means, apart from who wants to know of it. */
export class WebhookEvent {
  /** In the terms of the provider; null where it is none that we know by name. */
  readonly semantic: ReturnType<typeof semanticEvent>;

  constructor(
    private readonly webhookType: string,
    private readonly event: ReportedEvent,
  ) {
    this.semantic = semanticEvent(webhookType, event);
  }

  /** Whether a trigger with that (checked) configuration waits for such an event. Custom webhooks without target events wait for all. */
  isWantedBy({ target_events: targets }: Configuration): boolean {
    if (!targets || targets.length === 0) return this.webhookType === 'custom';
    return targets.some((target) => (target.type === 'dynamic' ? this.#fits(target) : this.#means(target)));
  }

  #fits({ event_type, filters = {} }: Target): boolean {
    return (
      fitsFilter(this.event.type, event_type) &&
      Object.entries(filters).every(([path, filter]) => fitsAny(valuesAt(this.event.payload, path).flatMap(scalarText), filter))
    );
  }

  #means({ type, ...filters }: Target): boolean {
    if (this.semantic?.type !== type) return false;
    const { compared } = this.semantic;
    return (
      this.semantic.fits(filters) &&
      Object.entries(filters).every(([name, filter]) => {
        if (!(name in compared)) return true;
        const actual = compared[name] ?? null;
        return Array.isArray(actual) ? fitsAny(actual, filter as Filter) : fitsFilter(actual, filter as Filter);
      })
    );
  }
}

function fitsFilter(actual: string | null, filter: Filter): boolean {
  if (filter == null) return true;
  if (actual === null) return false;
  return [filter].flat().some((expression) => fitsExpression(actual, expression));
}

/** A list fits when one of its values does; an expression that excludes must hold for all of them. */
function fitsAny(actual: string[], filter: Filter): boolean {
  if (filter == null) return true;
  if (actual.length === 0) return false;
  return [filter].flat().some((expression) => {
    const fits = (value: string) => fitsExpression(value, expression);
    return excluding.has(expression.slice(0, Math.max(0, expression.indexOf(':')))) ? actual.every(fits) : actual.some(fits);
  });
}

const excluding = new Set(['notequals', 'notcontains', 'notoneof']);

const operators: Record<string, (actual: string, operand: string) => boolean> = {
  equals: (actual, operand) => actual === operand,
  notequals: (actual, operand) => actual !== operand,
  contains: (actual, operand) => actual.includes(operand),
  notcontains: (actual, operand) => !actual.includes(operand),
  startswith: (actual, operand) => actual.startsWith(operand),
  endswith: (actual, operand) => actual.endsWith(operand),
  oneof: (actual, operand) => (JSON.parse(operand) as string[]).includes(actual),
  notoneof: (actual, operand) => !(JSON.parse(operand) as string[]).includes(actual),
};

/** `operator:text`, or just the text; a prefix that is no operator belongs to the text. */
function fitsExpression(actual: string, expression: string): boolean {
  const colon = expression.indexOf(':');
  const name = expression.slice(0, Math.max(0, colon));
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
  return operator ? operator(actual, expression.slice(colon + 1)) : actual === expression;
}

/** Text as it is, other plain values as JSON; lists and objects are not compared. */
function scalarText(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? [] : [JSON.stringify(value)];
}
