/** Wall clocks of time zones, in milliseconds. A wall time is written as the instant at which a clock in UTC shows it. */

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const maxFormats = 200;

/** @throws RangeError for a zone that is none */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formats.size >= maxFormats) formats.clear();
  formats.set(zone, format);
  return format;
}

export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** What clocks of the zone show at an instant. */
export function wallTime(instantMs: number, zone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instantMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((instantMs % 1000) + 1000) % 1000);
}

const offset = (instantMs: number, zone: string) => wallTime(instantMs, zone) - instantMs;

/** When clocks of the zone show a time: the first time when they do so twice, and when they skip it, the moment at which they do. */
export function instantOf(wallMs: number, zone: string): number {
  const [before, after] = [offset(wallMs - dayMs, zone), offset(wallMs + dayMs, zone)];
  for (const one of before > after ? [before, after] : [after, before]) if (offset(wallMs - one, zone) === one) return wallMs - one;
  // Skipped: somewhere in these two days the offset changes.
  let [low, high] = [wallMs - dayMs, wallMs + dayMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
}
