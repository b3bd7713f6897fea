/** The files of a commit: path to content. */
export type Tree = ReadonlyMap<string, string>;

const LINES = 6;
const definitions = (tree: Tree): string[] => [...tree.keys()].filter((path) => path.startsWith('defs/')).map((path) => path.slice(5));

/**
 * The gate of these repositories. A call of something that is not defined is the conflict that git does not see: one branch renames a definition, another calls it by
 * its old name, and both merge without a word.
 */
const CHECK = `set -e
for call in calls/*; do
  [ -e "$call" ] || continue
  read -r name < "$call"
  [ -e "defs/$name" ] || { echo "$call calls $name, which is not defined"; exit 1; }
done
for part in parts/*; do
  if grep -n wrong "$part"; then exit 1; fi
done
`;

export const FIRST: Tree = new Map([
  ['check.sh', CHECK],
  ['defs/sum', 'adds\n'],
  ['defs/mean', 'divides\n'],
  ['parts/shared', Array.from({ length: LINES }, (_, at) => `line ${at}\n`).join('')],
]);

/** What one bead is to do; the same wish again is done on whatever the target is by then. `mark` is on the target when it has landed. */
export interface Wish {
  readonly number: number;
  readonly kind: (typeof WISHES)[number];
  /** Which definition, which line. */
  readonly at: number;
}
export const WISHES = ['adds', 'edits', 'renames', 'calls'] as const;
export const markOf = ({ number }: Wish): string => `marks/${number}`;

export function done(tree: Tree, wish: Wish, wrong: boolean): Tree {
  const next = new Map(tree).set(markOf(wish), `${wish.kind}\n`);
  const known = definitions(tree);
  const name = known[wish.at % known.length] ?? '';
  switch (wish.kind) {
    case 'adds':
      next.set(`parts/${wish.number}`, 'new\n');
      break;
    case 'edits':
      next.set('parts/shared', withLine(tree.get('parts/shared') ?? '', wish));
      break;
    case 'calls':
      next.set(`calls/${wish.number}`, `${name}\n`);
      break;
    case 'renames':
      rename(next, name, `fn${wish.number}`);
  }
  if (wrong) next.set(`parts/${wish.number}`, 'wrong\n');
  return next;
}

function withLine(text: string, { at, number }: Wish): string {
  return text
    .split('\n')
    .map((line, index) => (index === at % LINES ? `line of ${number}` : line))
    .join('\n');
}

function rename(tree: Map<string, string>, name: string, to: string): void {
  tree.set(`defs/${to}`, tree.get(`defs/${name}`) ?? '');
  tree.delete(`defs/${name}`);
  for (const [path, content] of tree) if (path.startsWith('calls/') && content === `${name}\n`) tree.set(path, `${to}\n`);
}
