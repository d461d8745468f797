/** Bounds on paths, since each is followed through every event. */
const maxLength = 512;
const maxSegments = 8;

const start = /^(?:[A-Za-z_][A-Za-z0-9_-]*|\["(?:[^"\\]|\\.)*"\])/;
const next = /^(?:\.[A-Za-z_][A-Za-z0-9_-]*|\[(?:\d+|\*|"(?:[^"\\]|\\.)*")\])/;

/**
 * What is wrong with a path into the body of an event, or null. Paths are written like `a.b[0]["any key"][*]`: keys, places in lists, and at
 * most once every place of a list.
 */
export function faultOfPayloadPath(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.length > maxLength) return `is longer than ${maxLength} characters`;
  let rest = path;
  let segments = 0;
  let wildcards = 0;
  while (rest !== '' || segments === 0) {
    const segment = (segments === 0 ? start : next).exec(rest)?.[0];
    if (!segment) return segments === 0 ? 'does not start with a key' : `cannot be read at '${rest.slice(0, 20)}'`;
    if (segment.startsWith('["') && !isText(segment.slice(1, -1))) return `cannot be read at '${rest.slice(0, 20)}'`;
    if (segment === '[*]') wildcards += 1;
    segments += 1;
    rest = rest.slice(segment.length);
  }
  if (segments > maxSegments) return `has more than ${maxSegments} parts`;
  return wildcards > 1 ? 'has more than one [*]' : null;
}

function isText(json: string): boolean {
  try {
    return typeof JSON.parse(json) === 'string';
  } catch {
    return false;
  }
}

/** Every value that a path leads to; a checked path that leads nowhere leads to none. */
export function valuesAt(payload: unknown, path: string): unknown[] {
  let values = [payload];
  for (const segment of segmentsOf(path)) {
    values = values.flatMap((value) => {
      if (segment === everyPlace) return Array.isArray(value) ? value : [];
      if (typeof segment === 'number') return Array.isArray(value) && segment < value.length ? [value[segment]] : [];
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      return isObject && Object.hasOwn(value, segment) ? [(value as Record<string, unknown>)[segment]] : [];
    });
  }
  return values;
}

const everyPlace = Symbol('every place of a list');

function segmentsOf(path: string): (string | number | typeof everyPlace)[] {
  const segments: (string | number | typeof everyPlace)[] = [];
  for (let rest = path; rest !== ''; ) {
    const [segment] = (segments.length === 0 ? start : next).exec(rest) as RegExpExecArray;
    const key = segment.startsWith('.') ? segment.slice(1) : segment;
    if (key === '[*]') segments.push(everyPlace);
    else if (key.startsWith('["')) segments.push(JSON.parse(key.slice(1, -1)) as string);
    else segments.push(key.startsWith('[') ? Number(key.slice(1, -1)) : key);
    rest = rest.slice(segment.length);
  }
  return segments;
}
