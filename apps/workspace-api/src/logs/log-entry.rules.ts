import { randomUUID } from 'node:crypto';
import { complete } from '#libs/wire/complete.js';
import { LogEntry } from '#libs/wire/models/logs.js';
import { toDateTime } from '#libs/wire/time.js';

const info = 20;

/** A line of a log file: JSON as clients write it, or the plain text of old ones. Null for an empty line. */
export function parseLogLine(text: string): LogEntry | null {
  const line = text.trim();
  if (line === '') return null;
  if (line.startsWith('{') && line.endsWith('}')) {
    const entry = parseEntry(line);
    if (entry) return entry;
  }
  const dated = /^\[(\d{4}-\d\d-\d\d)\s+(\d\d:\d\d:\d\d)\s+UTC\]/.exec(line);
  const time = dated && toDateTime(`${dated[1]}T${dated[2]}`);
  if (!time || !('value' in time)) return finished({ message: line, level: info });
  return finished({ message: line.replaceAll(dated[0], '').trim(), level: info, timestamp: `${time.value}Z` });
}

/** A line that a process printed, at a moment in UTC. */
export function printedLine(message: string, timestamp: string): LogEntry {
  return finished({ message, level: info, timestamp: `${timestamp}Z` });
}

function parseEntry(line: string): LogEntry | null {
  try {
    const given = JSON.parse(line) as { timestamp?: unknown };
    const { data } = LogEntry.safeParse(given);
    if (!data) return null;
    return finished({ ...data, timestamp: data.timestamp && inItsZone(data.timestamp, given.timestamp) });
  } catch {
    return null;
  }
}

/** A moment in UTC as it was given: times of log entries keep their zone, unlike all others. Numbers, which count from 1970, are in UTC. */
function inItsZone(utc: string, given: unknown): string {
  const text = String(given).trim();
  if (/^[+-]?[\d.]+$/.test(text)) return `${utc}Z`;
  const [, zone, sign, hours, minutes] = /(z|([+-])(\d\d):?(\d\d))$/i.exec(text) ?? [];
  if (!zone) return utc;
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;
  if (offset === 0) return `${utc}Z`;
  const local = new Date(Date.parse(`${utc.slice(0, 19)}Z`) + offset * 60_000).toISOString().slice(0, 19);
  return `${local}${utc.slice(19)}${sign}${hours}:${minutes}`;
}

function finished(entry: object): LogEntry {
  const whole = complete(LogEntry, entry as LogEntry);
  return { ...whole, id: whole.id ?? randomUUID() };
}
