import { goodPart, joined, LEAST_BEGUN, LEAST_CUT, LEAST_PART, LEAST_WITHIN } from './secret-parts.ts';
import type { Span } from './secret-parts.ts';

/** Where secrets stand in bytes that come in pieces of any size. One pass, for a flood of output goes through it. */
export interface SecretBytes {
  look(bytes: Uint8Array, patience: Patience): SecretsFound;
}

/** `all`: what may begin a secret waits for the rest. `much`: only a good part of one. `none`: nothing comes any more. */
export type Patience = 'all' | 'much' | 'none';

interface SecretsFound {
  /** In order, and none over another. */
  readonly spans: readonly Span[];
  /** From here on to the end it waits for what follows. */
  readonly waits: number;
  /** From here on to the end it may be the beginning of a secret, however little of it. */
  readonly begins: number;
}

/** Bytes; no form is shorter. */
const HEAD = 4;

/** `forms`: the ways in which the secrets are written. */
export function makeSecretBytes(forms: readonly string[]): SecretBytes {
  const secrets = forms.map((form) => Buffer.from(form));
  const byFirst = Map.groupBy(secrets, (form) => form[0]!);
  const byHead = Map.groupBy(secrets, (form) => form.readInt32BE());
  /** Few places of an output get past this. */
  const heads = new Uint8Array(65_536);
  for (const head of byHead.keys()) heads[placeOf(head)] = 1;
  return {
    look(bytes, patience) {
      const spans: Span[] = [];
      const end = bytes.length;
      let waits = end;
      let begins = end;
      let head = (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!;
      for (let at = 0; at < end; at += 1) {
        const isWhole = at + HEAD <= end;
        head = (head << 8) | bytes[at + HEAD - 1]!;
        if (isWhole && heads[placeOf(head)] === 0) continue;
        let most = 0;
        for (const form of (isWhole ? byHead.get(head) : byFirst.get(bytes[at]!)) ?? []) {
          const shared = sharedAt(bytes, at, form);
          const isOpen = at + shared === end && shared < form.length;
          if (isOpen) begins = Math.min(begins, at);
          if (isOpen && shared >= leastThatWaits(form, patience)) waits = Math.min(waits, at);
          if (shared === form.length) most = Math.max(most, shared);
          else if (shared >= leastOfPart(form, isOpen)) most = Math.max(most, wholeCharacters(form, shared));
        }
        if (most > 0) spans.push([at, at + most]);
      }
      return { spans: joined(spans), waits, begins };
    },
  };
}

/** Spreads heads over 65,536 places. */
const placeOf = (head: number): number => Math.imul(head, 0x9e3779b1) >>> 16;

function sharedAt(bytes: Uint8Array, at: number, form: Uint8Array): number {
  let length = 0;
  while (length < form.length && bytes[at + length] === form[length]) length += 1;
  return length;
}

function leastThatWaits(form: Uint8Array, patience: Patience): number {
  if (patience === 'none') return Infinity;
  return patience === 'all' ? LEAST_BEGUN : goodPart(form);
}

/** Of how many bytes the beginning of a secret is told apart from what begins like it by chance. */
function leastOfPart(form: Uint8Array, isOpen: boolean): number {
  if (form.length < LEAST_CUT) return Infinity;
  return isOpen ? LEAST_PART : LEAST_WITHIN;
}

/** What differs within a character has none of it. */
function wholeCharacters(form: Uint8Array, shared: number): number {
  let length = shared;
  while ((form[length]! & 0xc0) === 0x80) length -= 1;
  return length;
}
