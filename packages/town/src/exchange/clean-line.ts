import { LIMITS, plainLine, plainText } from '@gastown/protocol';
import { cleanText } from '../quarantine/clean.ts';

/**
 * What is kept and told of a bad line has no credentials in it (I16). A pattern sees no credential through the escapes of JSON, so each text of the line is
 * looked at as it reads, also in a line that is no JSON; one that is well stays as it came. Always the whole is cleaned, and what is clean is cut: half a
 * credential has no shape any more. Every step is linear: a line may be a megabyte.
 */
export const cleanName = (id: string): string => cutName(cleanText(plainLine(id)));
export const cleanReason = (why: string): string => cleanText(plainLine(why));

const NAME = 100;
const cutName = (name: string): string => name.slice(0, NAME).toWellFormed();

/** `cut`: the line has more. */
export function keptText(line: string): { text: string; cut: boolean } {
  const most = LIMITS.badLineCharacters.value;
  const clean = cleanText(cleanTexts(plainText(line)));
  return { text: clean.slice(0, most).toWellFormed(), cut: clean.length > most };
}

const NAMED = /(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|authorization|cookie|credential)s?$/i;
const STARS = '****';
/** No credential that is known by its shape is shorter. */
const SHORTEST = 8;
const COLON = /\s*:/y;
/** Each text in quotes by itself. A name before a colon says what the texts behind it are. */
function cleanTexts(line: string): string {
  const parts: string[] = [];
  let told = 0;
  let name = '';
  for (const [from, to] of quoted(line)) {
    const said = line.slice(from, to);
    const reads = said.includes('\\') ? plainText(unescaped(said)) : said;
    COLON.lastIndex = to + 1;
    const isName = COLON.test(line);
    const clean = !isName && NAMED.test(name) ? STARS : reads.length < SHORTEST ? reads : cleanText(reads);
    parts.push(line.slice(told, from), clean === reads ? said : JSON.stringify(clean).slice(1, -1));
    told = to;
    if (isName) name = reads;
  }
  return parts.join('') + line.slice(told);
}

/** Where texts in quotes begin and end; the last one may have no end. */
function* quoted(line: string): Generator<readonly [from: number, to: number]> {
  let from: number | null = null;
  for (const { 0: sign, index } of line.matchAll(/\\[\s\S]|"/g)) {
    if (sign !== '"') continue;
    if (from !== null) yield [from, index];
    from = from === null ? index + 1 : null;
  }
  if (from !== null) yield [from, line.length];
}

const BLANKS = 'bfnrt';
const unescaped = (said: string): string =>
  said.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_all, code: string | undefined, sign: string) =>
    code !== undefined ? String.fromCharCode(Number.parseInt(code, 16)) : BLANKS.includes(sign) ? '\n' : sign,
  );
