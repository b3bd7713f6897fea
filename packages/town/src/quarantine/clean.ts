import { LIMITS } from '@gastown/protocol';

/**
 * What is kept for a person to look at has no credentials in it (I16) and a bounded length (DM-17). Patterns know the shapes of credentials; the
 * runner has blanked the ones that it holds before anything comes here.
 */
const STARS = '****';
/** Where a word begins, also behind an escape of JSON (`\n`), of which the last sign is a letter. */
const EDGE = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\(?:[bfnrt]|u[0-9a-fA-F]{4})))`;
const at = (shape: RegExp): RegExp => new RegExp(EDGE + shape.source, shape.flags);
/** They look at a text in time that grows with its length only: none begins anew within what it has looked at. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/(https?:\/\/)(?:[^\s/@"]|"(?![,:}\]]))+@/gi, '$1'],
  [at(/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@:"]*:(?:[^\s/@"]|"(?![,:}\]]))+@/gi), '$1'],
  [at(/(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi), `$1 ${STARS}`],
  [
    at(/(?:gh[pousr]_\w{10,}|github_pat_\w{10,}|glpat-[\w-]{10,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{12,}|npm_\w{20,}|gt[dmr]\.[\w.-]{12,})/g),
    STARS,
  ],
  [at(/(?:(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])|AIza[\w-]{30,})/g), STARS],
  [at(/eyJ[\w-]{8,}(?:\.[\w-]+)*/g), STARS],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, STARS],
  [at(/(pass(?:word|wd)?|secret|token|api[_-]?key)(\\*["']?\s*[:=]\s*\\*["']?)(?:[^\s"',;\\]|\\(?!["'])){4,}/gi), `$1$2${STARS}`],
];
const NAMES = /^(pass(word|wd)?|secret|token|api[_-]?key|authorization|cookie|credential)$/i;

export const cleanText = (said: string): string => SHAPES.reduce((text, [shape, instead]) => text.replaceAll(shape, instead), said);

function cleaned(value: unknown, name: string | null, longest: number): unknown {
  if (typeof value === 'string') return name !== null && NAMES.test(name) ? STARS : cut(cleanText(value), longest);
  if (Array.isArray(value)) return value.map((each) => cleaned(each, null, longest));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cleaned(each, key, longest)]));
}
const cut = (said: string, longest: number): string => (said.length <= longest ? said : `${said.slice(0, longest)}… (cut)`);

export interface Kept {
  readonly text: string;
  /** `cut`: long texts in it are shortened. `head`: it is too long even so, and only its beginning is kept: nobody can apply it again. */
  readonly kept: 'whole' | 'cut' | 'head';
}
/** As JSON, shortened only as much as it must be. */
export function keep(value: unknown): Kept {
  const most = LIMITS.quarantineCharacters.value;
  const whole = JSON.stringify(cleaned(value, null, most));
  if (whole.length <= most) return { text: whole, kept: 'whole' };
  const short = JSON.stringify(cleaned(value, null, LONGEST_TEXT));
  return short.length <= most ? { text: short, kept: 'cut' } : { text: short.slice(0, most), kept: 'head' };
}
const LONGEST_TEXT = 2_000;
