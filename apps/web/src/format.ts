import type { Usage } from '@gastown/protocol';

export { money } from '@gastown/protocol';

export function count(value: number): string {
  if (value < 1_000) return String(value);
  if (value < 1_000_000) return `${(value / 1_000).toFixed(value < 10_000 ? 1 : 0)}k`;
  return `${(value / 1_000_000).toFixed(1)}M`;
}

export const tokensOf = (usage: Usage): number => usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
export const tokens = (usage: Usage): string => `${count(tokensOf(usage))} tokens`;

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${String(seconds % 60).padStart(2, '0')} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${String(minutes % 60).padStart(2, '0')} m` : `${Math.floor(hours / 24)} d`;
}

const pad = (value: number) => String(value).padStart(2, '0');
export const clock = (at: number): string => {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
};
const sameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString();
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `3 Nov`, of another year `3 Nov 2030`. */
const dated = (date: Date, today: Date): string =>
  `${date.getDate()} ${MONTHS[date.getMonth()]}${date.getFullYear() === today.getFullYear() ? '' : ` ${date.getFullYear()}`}`;

/** A fixed point, so that nothing on the page has to tick: `12:31` today, else `3 Nov 12:31`, of another year `3 Nov 2030 12:31`. */
export function when(at: number, now: number = Date.now()): string {
  const date = new Date(at);
  const today = new Date(now);
  return sameDay(date, today) ? clock(at) : `${dated(date, today)} ${clock(at)}`;
}

/** `12:31` today, else `3 Nov`: for narrow places. */
export function day(at: number, now: number = Date.now()): string {
  const date = new Date(at);
  const today = new Date(now);
  return sameDay(date, today) ? clock(at) : dated(date, today);
}

export const exactly = (at: number): string => new Date(at).toLocaleString();
export const shortSha = (sha: string): string => sha.slice(0, 8);

const TOLD = 120;
/** The beginning of a text that stands for it in a line or a name. */
export const inShort = (text: string): string => (text.length > TOLD ? `${text.slice(0, TOLD).trimEnd()}…` : text);

/** Two letters that stand for a name where there is room for no more: of its first words, else its first two. */
export function initials(name: string): string {
  const [first = '', second] = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return `${[...first][0] ?? ''}${(second ? [...second][0] : [...first][1]) ?? ''}`.toUpperCase();
}
