import { secretForms } from '@gastown/protocol';
import { makeSecretBytes } from './secret-bytes.ts';
import type { SecretBytes } from './secret-bytes.ts';
import { joined, makeSecretParts } from './secret-parts.ts';

/**
 * Secrets that this process holds in memory. Whatever leaves it as text (logs, failures, outputs) passes through `redact` first,
 * so that a git server that echoes a token, or a stack trace with one in it, shows stars (GT-7).
 */
export interface Redactor {
  add(secret: string): void;
  /** One that another takes the place of: of these the last ones are known. */
  addPassing(secret: string): void;
  /** Also a good part of a secret at either end, for a text may be cut anywhere, and its beginning within. `before`: what was told just before this text. */
  redact(text: string, before?: string): string;
  /** Characters at the end of a text that what follows may make a secret. `much`: only where they are a good part of it. */
  begun(text: string, much?: boolean): number;
  /** The same secrets in bytes, as they are known now. */
  inBytes(): SecretBytes;
}

const STARS = '****';
const MOST_PASSING = 64;

export function makeRedactor(): Redactor {
  const lasting = new Set<string>();
  const passing = new Set<string>();
  let parts = makeSecretParts([]);
  let inBytes: SecretBytes | null = null;
  const forms = (): string[] => [...new Set([...lasting, ...passing].flatMap(secretForms))];
  const look = (): void => {
    parts = makeSecretParts(forms());
    inBytes = null;
  };
  return {
    add(secret) {
      if (lasting.has(secret)) return;
      lasting.add(secret);
      look();
    },
    addPassing(secret) {
      // The last one that was given is the last one to be forgotten.
      const isKnown = lasting.has(secret) || passing.delete(secret);
      passing.add(secret);
      if (isKnown) return;
      if (passing.size > MOST_PASSING) passing.delete(passing.values().next().value!);
      look();
    },
    redact(text, before = '') {
      const said = withoutUsers(text, before);
      const all = before + said;
      // By itself too: it may begin with the end of a secret of which nobody was told.
      const alone = before === '' ? [] : parts.spans(said).map(([from, to]) => [from + before.length, to + before.length] as const);
      let clean = '';
      let at = before.length;
      for (const [from, to] of joined([...parts.spans(all), ...alone])) {
        if (to <= at) continue;
        clean += all.slice(at, Math.max(at, from)) + STARS;
        at = to;
      }
      return clean + all.slice(at);
    },
    begun: (text, much) => Math.max(parts.begun(text, much), openAddress(text)),
    inBytes: () => (inBytes ??= makeSecretBytes(forms())),
  };
}

/**
 * Users and passwords in addresses. A user without a password is a token where the web is meant, and a name (`git`) elsewhere. Quotes end it, or JSON would lose what stands between two of its texts; so does
 * what people put around an address and behind it, but in a password, and there too behind a port.
 */
function withoutUsers(text: string, before: string): string {
  if (!text.includes('@')) return text;
  const all = (before + text).replaceAll(WITH_PASSWORD, '$1').replaceAll(OF_THE_WEB, '$1');
  return all.startsWith(before) ? all.slice(before.length) : withoutUsers(text, '');
}
const WITH_PASSWORD = /(:\/\/)[^\s/?#"'<>\\:@()[\]{}|,;`]*:(?!\d{1,5}[()[\]{}|,;`])[^\s/?#"'<>\\]*@/g;
const OF_THE_WEB = /(https?:\/\/)[^\s/?#"'<>\\()[\]{}|,;`]*@/gi;

/** Characters at the end of a text that are an address without its path: a user and a password, until their `@` is there too. */
function openAddress(text: string): number {
  const at = text.lastIndexOf(SCHEME_END);
  const rest = at === -1 ? '' : text.slice(at + SCHEME_END.length);
  return /[\s/?#"'<>\\]/.test(rest) ? 0 : rest.length;
}
const SCHEME_END = '://';

/**
 * JSON in which every text went through `redact`, also what an agent named something: what stands between two texts stays, and it is JSON afterwards. What says which frame it is, and the names of what is in it, stay too: a
 * rig's token may be `report`.
 */
export function redactedJson(redact: (text: string) => string, value: unknown): string {
  const free = new WeakSet<object>();
  return JSON.stringify(value, function (this: object, key, each: unknown) {
    const isFree = free.has(this) || FREE.has(key);
    if (typeof each === 'string') return !isFree && NAMES.has(key) && NAME.test(each) ? each : redact(each);
    if (typeof each !== 'object' || each === null) return each;
    const clean = Array.isArray(each)
      ? [...(each as unknown[])]
      : withCleanKeys(each, (name) => (!isFree && FIELD.test(name) ? name : redact(name)));
    if (isFree) free.add(clean);
    return clean;
  });
}
const NAMES = new Set(['t', 'kind', 'state', 'code', 'tool', 'category']);
const NAME = /^[a-z_.]{1,32}$/;
const FIELD = /^[a-z][a-zA-Z]{0,31}$/;
/** In these an agent, its tools or a server say what is called how. */
const FREE = new Set(['data', 'checkpoint', 'metadata', 'details', 'input']);

/** Two names that are the same afterwards stay two. */
function withCleanKeys(of: object, clean: (name: string) => string): object {
  const names = new Set<string>();
  return Object.fromEntries(
    Object.entries(of).map(([key, value]) => {
      let name = clean(key);
      while (names.has(name)) name += '*';
      names.add(name);
      return [name, value as unknown];
    }),
  );
}
