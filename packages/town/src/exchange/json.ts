/**
 * Where the parts of a JSON text stand, so that one field can be replaced and everything else stays byte for byte as another tool wrote it: its order, its
 * spaces, its way to write numbers and letters. Only for texts that `JSON.parse` has taken; depth costs nothing.
 */
interface Span {
  readonly from: number;
  readonly to: number;
}
export interface Member {
  readonly key: string;
  /** From the key's quote to the end of the value. */
  readonly whole: Span;
  readonly value: Span;
}

const SPACE = /[ \t\r\n]*/y;
const skipSpace = (text: string, at: number): number => {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
};
function endOfString(text: string, from: number): number {
  for (let at = from + 1; ; at += 1) {
    const found = text.indexOf('"', at);
    let slashes = 0;
    while (text[found - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return found + 1;
    at = found;
  }
}
const SCALAR = /[^,\]} \t\r\n]*/y;
function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first !== '{' && first !== '[') {
    SCALAR.lastIndex = from;
    SCALAR.test(text);
    return SCALAR.lastIndex;
  }
  for (let at = from, depth = 0; ; at += 1) {
    const letter = text[at];
    if (letter === '"') at = endOfString(text, at) - 1;
    else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
}

/** What an object or a list holds, in order. `step` reads one part and says where it ends. */
function parts<T>(text: string, from: number, step: (at: number) => { part: T; to: number }): T[] {
  const found: T[] = [];
  let at = skipSpace(text, skipSpace(text, from) + 1);
  while (text[at] !== '}' && text[at] !== ']') {
    const { part, to } = step(at);
    found.push(part);
    at = skipSpace(text, to);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return found;
}
/** The members of the object that begins at `from`. */
export const membersOf = (text: string, from = 0): Member[] =>
  parts(text, from, (at) => {
    const keyEnd = endOfString(text, at);
    const valueFrom = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const to = endOfValue(text, valueFrom);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    return { part: { key, whole: { from: at, to }, value: { from: valueFrom, to } }, to };
  });
/** The elements of the list that begins at `from`. */
export const elementsOf = (text: string, from = 0): string[] =>
  parts(text, from, (at) => {
    const to = endOfValue(text, at);
    return { part: text.slice(at, to), to };
  });

/** The object's text with these members set to these JSON texts, or left out (null); of a key that stands twice the last counts, as for every reader. */
export function withMembers(text: string, changes: ReadonlyMap<string, string | null>): string {
  const members = membersOf(text);
  const last = new Map(members.map((member) => [member.key, member]));
  const kept = members.filter((member) => !(changes.get(member.key) === null));
  const added = [...changes].flatMap(([key, value]) => (value === null || last.has(key) ? [] : [`${JSON.stringify(key)}:${value}`]));
  if (kept.length === members.length) return spliced(text, members, last, changes, added);
  const said = kept.map((member) => text.slice(member.whole.from, member.value.from) + valueAfter(text, member, last, changes));
  return `{${[...said, ...added].join(',')}}`;
}
const valueAfter = (text: string, member: Member, last: ReadonlyMap<string, Member>, changes: ReadonlyMap<string, string | null>): string =>
  (last.get(member.key) === member ? changes.get(member.key) : undefined) ?? text.slice(member.value.from, member.value.to);

function spliced(
  text: string,
  members: readonly Member[],
  last: ReadonlyMap<string, Member>,
  changes: ReadonlyMap<string, string | null>,
  added: readonly string[],
): string {
  let out = '';
  let at = 0;
  for (const member of members) {
    out += text.slice(at, member.value.from) + valueAfter(text, member, last, changes);
    at = member.value.to;
  }
  if (members.length === 0) return `{${added.join(',')}}`;
  return out + added.map((one) => `,${one}`).join('') + text.slice(at);
}
