import { randomUUID } from 'node:crypto';
import { complete } from '#libs/wire/complete.js';
import { LogEntry } from '#libs/wire/models/logs.js';

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
  const message = dated ? line.slice(dated[0].length).trim() : line;
  return finished({ message, level: info, timestamp: dated ? `${dated[1]}T${dated[2]}` : null });
}

/** A line that a process printed. */
export function printedLine(message: string, timestamp: string): LogEntry {
  return finished({ message, level: info, timestamp });
}

function parseEntry(line: string): LogEntry | null {
  try {
    const parsed = LogEntry.safeParse(JSON.parse(line));
    return parsed.success ? finished(parsed.data) : null;
  } catch {
    return null;
  }
}

function finished(entry: object): LogEntry {
  const whole = complete(LogEntry, entry as LogEntry);
  return { ...whole, id: whole.id ?? randomUUID() };
}
