import type { Refusal } from './types.js';

type Reading = { value: string } | Refusal;

const dateTimeText = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt _](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-−])(\d{2}):?(\d{2}))?)?$/;
const epochText = /^[+-]?\d+(?:\.\d+)?$/;

/** Above this, a number counts milliseconds rather than seconds (pydantic's watershed). */
const watershed = 20_000_000_000;
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const typeRefusal: Refusal = { type: 'datetime_type', message: 'Input should be a valid datetime' };
const parseRefusal = (reason: string): Refusal => ({
  type: 'datetime_from_date_parsing',
  message: `Input should be a valid datetime or date, ${reason}`,
});

/** Reads what pydantic reads: ISO text with or without offset, a date, or seconds or milliseconds since 1970. Offsets are converted to UTC. */
export function toDateTime(value: unknown): Reading {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? typeRefusal : format(value.getTime(), 0);
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return typeRefusal;
  const found = dateTimeText.exec(value);
  if (!found) return epochText.test(value) ? fromEpoch(Number(value)) : parseRefusal('expected YYYY-MM-DDTHH:MM:SS');
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', , sign, offsetHours, offsetMinutes] = found;
  if (year === '0000') return { type: 'datetime_parsing', message: 'Input should be a valid datetime, year 0 is out of range' };
  if (+hour > 23 || +minute > 59 || +second > 59 || +(offsetHours ?? 0) > 23 || +(offsetMinutes ?? 0) > 59) {
    return parseRefusal('time value is outside expected range');
  }
  const moment = new Date(0);
  moment.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (moment.getUTCMonth() !== Number(month) - 1 || moment.getUTCDate() !== Number(day)) {
    return parseRefusal('day value is outside expected range');
  }
  moment.setUTCHours(Number(hour), Number(minute), Number(second));
  const micros = Number(fraction.padEnd(6, '0').slice(0, 6));
  const offset = sign ? (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '+' ? 1 : -1) : 0;
  return format(moment.getTime() - offset * 60_000, micros);
}

function fromEpoch(number: number): Reading {
  if (Number.isNaN(number)) return { type: 'datetime_parsing', message: 'Input should be a valid datetime, NaN values not permitted' };
  const inSeconds = Math.abs(number) <= watershed;
  const seconds = Math.floor(inSeconds ? number : number / 1000);
  // The remainder first: multiplying the whole number by a million would leave the range of exact integers.
  const micros = Math.round(inSeconds ? (number - seconds) * 1e6 : (number - seconds * 1000) * 1000);
  return format(seconds * 1000 + (micros === 1_000_000 ? 1000 : 0), micros % 1_000_000);
}

/** `ms` since 1970 and microseconds on top. Answers leave the fraction out when it is zero, as Python's isoformat does. */
function format(ms: number, micros: number): Reading {
  const wholeMs = Math.floor(ms / 1000) * 1000;
  const allMicros = (ms - wholeMs) * 1000 + micros;
  const date = new Date(wholeMs);
  if (wholeMs > lastMs || Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1) {
    return { type: 'datetime_parsing', message: 'Input should be a valid datetime, dates before year 1 or after 9999 are not supported' };
  }
  const text = date.toISOString().slice(0, 19);
  return { value: allMicros === 0 ? text : `${text}.${String(allMicros).padStart(6, '0')}` };
}

const isoDuration = /^([+-])?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d{1,9})?)S)?)?$/i;
const clockDuration = /^([+-])?(?:(\d+)\s*(?:d|days?),?(?:\s+|$))?(?:(\d+):([0-5]\d)(?::([0-5]\d(?:\.\d{1,9})?))?)?$/i;

/** Reads ISO 8601 durations, `1 day, 00:00:01` and seconds; writes ISO 8601, with a year of 365 days as pydantic does. */
export function toDuration(value: unknown): Reading {
  const seconds = durationSeconds(value);
  if (seconds === undefined || !Number.isFinite(seconds)) {
    return typeof value === 'string'
      ? { type: 'time_delta_parsing', message: 'Input should be a valid timedelta' }
      : { type: 'time_delta_type', message: 'Input should be a valid timedelta' };
  }
  return { value: formatDuration(seconds) };
}

/** The length in seconds of a duration in any accepted form, or undefined. */
export function durationSeconds(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value === '') return undefined;
  const iso = isoDuration.exec(value);
  if (iso && /\d/.test(value)) {
    const [, sign, years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = '0'] = iso;
    const wholeDays = Number(years) * 365 + Number(months) * 30 + Number(weeks) * 7 + Number(days);
    const total = ((wholeDays * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds.replace(',', '.'));
    return sign === '-' ? -total : total;
  }
  const clock = clockDuration.exec(value);
  if (!clock || !(clock[2] || clock[3])) return undefined;
  const [, sign, days = 0, hours = 0, minutes = 0, seconds = 0] = clock;
  const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return sign === '-' ? -total : total;
}

function formatDuration(total: number): string {
  const micros = Math.round(Math.abs(total) * 1e6);
  const days = Math.floor(micros / 86_400_000_000);
  let rest = micros % 86_400_000_000;
  const take = (unit: number) => {
    const amount = Math.floor(rest / unit);
    rest %= unit;
    return amount;
  };
  const [years, daysLeft] = [Math.floor(days / 365), days % 365];
  const [hours, minutes] = [take(3_600_000_000), take(60_000_000)];
  const seconds = rest / 1e6;
  const date = `${years ? `${years}Y` : ''}${daysLeft ? `${daysLeft}D` : ''}`;
  const time = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
  if (!date && !time) return 'PT0S';
  return `${total < 0 ? '-' : ''}P${date}${time ? `T${time}` : ''}`;
}
