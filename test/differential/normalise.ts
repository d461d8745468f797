/**
 * Turns an answer into what two correct servers must have in common: ids become labels in order of first appearance, moments of the test's own
 * day become `<time>`, tokens and keys become placeholders, error texts are left to the report. One normaliser belongs to one side of one scenario,
 * so that a label means the same thing in every answer of that side.
 */

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?/g;
const NAIVE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?$/;
const JWT = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const API_KEY = /ZENKEY_[\w+/=-]+/g;
const DAY_MS = 86_400_000;

/** Arrays whose order the reference takes from an unordered query, by the key that holds them. */
const UNORDERED = new Set(['tags', 'allocations', 'service_connectors', 'visualizations', 'run_metadata_keys']);

/** Detail strings that are part of the wire because they come from the framework and clients match them. */
const FIXED_DETAILS = new Set(['Not Found', 'Not authenticated', 'Method Not Allowed']);

/** The key under which the text of an error is normalised. */
export const errorText = 'error text';

export class Normaliser {
  private readonly labels = new Map<string, string>();

  constructor(
    /** What makes names unique in this session; it differs from session to session, not from side to side. */
    private readonly session: string,
    private readonly baseUrl: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** @param isSet the order of a page's items, or of the groups of statistics, is not compared */
  body(value: unknown, isSet = false): unknown {
    if (!isSet || !value || typeof value !== 'object') return this.value(value);
    return this.value(
      Object.fromEntries(
        Object.entries(value).map(([key, part]) => [key, ['items', 'groups'].includes(key) && Array.isArray(part) ? this.sorted(part) : part]),
      ),
    );
  }

  private value(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return this.text(value, key);
    if (Array.isArray(value)) return (UNORDERED.has(key) ? this.sorted(value) : value).map((item) => this.value(item));
    if (value !== null && typeof value === 'object') return this.object(value as Record<string, unknown>);
    if (typeof value === 'number' && (key === 'duration' || key === 'average_duration')) return '<number>';
    return value;
  }

  private object(value: Record<string, unknown>): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    // Key order is no promise of JSON; sorting makes labels independent of it. `id` goes first so that an object's own id is labelled before what it refers to.
    const keys = Object.keys(value).sort((a, b) => (a === 'id' ? -1 : b === 'id' ? 1 : a < b ? -1 : 1));
    for (const key of keys) {
      const inner = value[key];
      // Several versions under one output name come in no particular order.
      const ordered =
        key === 'outputs' && inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? this.sortedLists(inner as Record<string, unknown>) : inner;
      copy[this.text(key, '')] = this.value(ordered, key);
    }
    // A run without a start takes date and time of its substitutions from the clock.
    if (value.date === new Date(this.now()).toISOString().slice(0, 10).replaceAll('-', '_') && typeof value.time === 'string')
      Object.assign(copy, { date: '<date>', time: '<time>' });
    // A tag that was created by naming it gets a random colour; scenarios call such tags `auto-…`.
    if (typeof value.name === 'string' && value.name.includes('auto-')) {
      const body = copy.body as Record<string, unknown> | null;
      if (body && typeof body.color === 'string') body.color = '<color>';
    }
    return copy;
  }

  private sortedLists(value: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, Array.isArray(item) ? this.sorted(item) : item]));
  }

  /** The items in an order that depends on their content and on ids met before only, not on what ids and times happen to be. */
  private sorted(items: unknown[]): unknown[] {
    const scrubbed = items.map((item) => ({ item, text: JSON.stringify(item, this.scrubber).replace(UUID, (id) => this.labels.get(id) ?? '<id>') }));
    return scrubbed.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)).map(({ item }) => item);
  }

  private readonly scrubber = (key: string, value: unknown): unknown => {
    if (key === 'created' || key === 'updated' || key === 'color') return undefined;
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return Object.fromEntries(Object.entries(value as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return typeof value === 'string' ? value.replace(TIME, '<time>').replace(JWT, '<jwt>').replace(API_KEY, '<api key>') : value;
  };

  text(text: string, key: string): string {
    let result = text
      .replaceAll(this.session, '<session>')
      .replaceAll(this.baseUrl, '<server>')
      .replaceAll(this.baseUrl.replace(/^https?:\/\//, ''), '<host>');
    result = result.replace(JWT, '<jwt>').replace(API_KEY, '<api key>');
    result = result.replace(TIME, (found) => this.time(found));
    // Texts of errors are only reported: an id that one side repeats in its text must not move the labels of what follows.
    result = result.replace(UUID, (found) => (key === errorText ? (this.labels.get(found) ?? '<id>') : this.label(found)));
    if (key === 'request_id') return '<request id>';
    // Random material without a shape of its own.
    if (key === 'activation_token' || key === 'csrf_token' || key === 'device_code' || key === 'user_code') return `<${key}>`;
    return result;
  }

  private time(found: string): string {
    const at = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(found) ? found : `${found.replace(' ', 'T')}Z`);
    // Moments far from now were sent by the scenario and must come back as they are.
    if (Math.abs(at - this.now()) > 2 * DAY_MS) return found;
    return NAIVE_TIME.test(found) ? '<time>' : `<time like ${found.replace(/\d/g, '0')}>`;
  }

  label(id: string): string {
    const known = this.labels.get(id);
    if (known) return known;
    const label = `<id ${this.labels.size + 1}>`;
    this.labels.set(id, label);
    return label;
  }
}

/**
 * What is compared of an error: its shape and its class. The text is returned apart, for the report.
 * `{detail: [class, text]}`, a bare `[class, text]`, `{detail: text}`, `{error: text}` (overload, OAuth).
 */
export function errorShape(body: unknown): { shape: unknown; text: string | undefined } {
  if (isClassAndText(body)) return { shape: [body[0], '<text>'], text: body[1] };
  if (body !== null && typeof body === 'object' && !Array.isArray(body)) {
    const { detail, ...rest } = body as Record<string, unknown>;
    if (isClassAndText(detail)) return { shape: { ...rest, detail: [detail[0], '<text>'] }, text: detail[1] };
    if (typeof detail === 'string') return { shape: { ...rest, detail: FIXED_DETAILS.has(detail) ? detail : '<text>' }, text: detail };
    if ('error_description' in rest) return { shape: { ...rest, error_description: '<text>' }, text: String(rest.error_description) };
  }
  return { shape: body, text: undefined };
}

function isClassAndText(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'string';
}
