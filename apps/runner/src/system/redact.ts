import { secretForms } from '@gastown/protocol';

/**
 * Secrets that this process holds in memory. Whatever leaves it as text (logs, failures, outputs) passes through `redact` first,
 * so that a git server that echoes a token, or a stack trace with one in it, shows stars (GT-7).
 */
export interface Redactor {
  add(secret: string): void;
  /** Also a good part of a secret at either end, for a text may be cut anywhere, and its beginning within. */
  redact(text: string): string;
  /** Characters at the end of a text that what follows may make a secret. */
  begun(text: string): number;
}

const STARS = '****';

export function makeRedactor(): Redactor {
  // The longest first: a secret that begins like another does not leave the rest of that one behind.
  let forms: readonly string[] = [];
  return {
    add(secret) {
      forms = [...new Set([...forms, ...secretForms(secret)])].toSorted((a, b) => b.length - a.length);
    },
    redact(text) {
      let clean = withoutUsers(text);
      for (const form of forms) clean = clean.replaceAll(form, STARS);
      for (const form of forms) clean = withoutParts(clean, form);
      return clean;
    },
    begun: (text) => Math.max(0, ...forms.map((form) => begunBy(text, form))),
  };
}

/** With how many characters of its beginning a form stands at the end of a text. */
function begunBy(text: string, form: string): number {
  for (let length = Math.min(text.length, form.length - 1); length > 0; length--) if (text.endsWith(form.slice(0, length))) return length;
  return 0;
}
/** With how many characters of its end it stands at the beginning. */
function endedBy(text: string, form: string): number {
  for (let length = Math.min(text.length, form.length - 1); length > 0; length--) if (text.startsWith(form.slice(-length))) return length;
  return 0;
}

/** A part of less than this says little, and words may begin alike. */
const LEAST_PART = 8;
function withoutParts(text: string, form: string): string {
  const least = Math.min(LEAST_PART, Math.ceil(form.length / 2));
  const [end, start] = [text.slice(-form.length), text.slice(0, form.length)];
  const atEnd = end.includes(form.slice(0, least)) ? begunBy(end, form) : 0;
  const atStart = start.includes(form.slice(-least)) ? endedBy(start, form) : 0;
  const clean = atEnd < least ? text : `${text.slice(0, -atEnd)}${STARS}`;
  return withoutBeginnings(atStart < least ? clean : `${STARS}${clean.slice(atStart)}`, form);
}

/** Who shortens a secret in the middle of a text leaves its beginning; of one that is a word or two, so does everybody. */
const LEAST_WITHIN = 12;
function withoutBeginnings(text: string, form: string): string {
  if (form.length < LEAST_WITHIN + 4) return text;
  const [before, ...after] = text.split(form.slice(0, LEAST_WITHIN));
  const rest = form.slice(LEAST_WITHIN);
  return [before, ...after.map((part) => part.slice(sharedBy(part, rest)))].join(STARS);
}
/** How many characters two texts begin with alike. */
function sharedBy(text: string, other: string): number {
  let length = 0;
  while (length < text.length && text[length] === other[length]) length += 1;
  return length;
}

/** Users and passwords in addresses. A user without a password is a token where the web is meant, and a name (`git`) elsewhere. Quotes end it, or JSON would lose what stands between two of its texts. */
const withoutUsers = (text: string): string =>
  text.replaceAll(/(https?:\/\/)[^\s/?#"'<>\\]*@/gi, '$1').replaceAll(/(:\/\/)[^\s/?#"'<>\\:@]*:[^\s/?#"'<>\\]*@/g, '$1');

/**
 * JSON in which every text went through `redact`: what stands between two texts stays, and it is JSON afterwards. What says which frame it is stays too: a rig's token may be `report`.
 */
export const redactedJson = (redact: (text: string) => string, value: unknown): string =>
  JSON.stringify(value, (key, each: unknown) => (typeof each === 'string' && !(NAMES.has(key) && NAME.test(each)) ? redact(each) : each));
const NAMES = new Set(['t', 'kind', 'state', 'code', 'tool', 'category']);
const NAME = /^[a-z_.]{1,32}$/;
