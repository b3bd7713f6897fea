import type { Case } from './case.ts';

export interface Judgement {
  readonly secrets: readonly string[];
  /** Looked at from outside, by who may see everything. */
  readonly isThere: (path: string) => boolean;
}

/** Null: it held. An attempt that was not made, or whose every target is missing, proves nothing. */
export function judge({ id, made }: Pick<Case, 'id' | 'made'>, output: string | undefined, { secrets, isThere }: Judgement): string | null {
  if (output === undefined || !output.includes(`END ${id}`) || made?.test(output) === false)
    return `${id}: was not tried to its end: ${(output ?? 'no output').slice(-300)}`;
  const lines = output.split('\n');
  const got = lines.find((line) => line.startsWith('ESCAPED'));
  if (got !== undefined) return `${id}: ${got}`;
  const tried = lines.flatMap((line) => /^tried (.*)$/.exec(line)?.[1] ?? []);
  if (tried.length > 0 && !tried.some(isThere)) return `${id}: nothing of what it tried is there: ${tried.slice(0, 3).join(', ')}`;
  const leaked = secrets.find((secret) => output.includes(secret));
  return leaked === undefined ? null : `${id}: the output holds a secret (${leaked.slice(0, 8)}…)`;
}

/** The output of one case, each time that it ran. */
const timesOf = (text: string, id: string): string[] =>
  [...text.matchAll(new RegExp(`BEGIN ${id}\\n[\\s\\S]*?END ${id}(?=\\n|$)`, 'g'))].map(([part]) => part);

/** Each merge that was tested ran every case of its gates, and each run of them is judged. */
export function judgeGates(merges: readonly string[], one: Pick<Case, 'id' | 'made'>, judgement: Judgement): string | null {
  if (merges.length === 0) return `${one.id}: no merge was tested`;
  for (const output of merges) {
    const times = timesOf(output, one.id);
    const wrong = times.length === 0 ? judge(one, undefined, judgement) : times.map((each) => judge(one, each, judgement)).find(Boolean);
    if (wrong) return wrong;
  }
  return null;
}

/** Main holds what was there before and each landing, and nothing else. Both lists are whole ids of commits. */
export function foreignToMain(main: readonly string[], expected: readonly string[]): string[] {
  return [
    ...main.filter((commit) => !expected.includes(commit)).map((commit) => `forge: ${commit} on main is no landing`),
    ...expected.filter((commit) => !main.includes(commit)).map((commit) => `forge: the landing ${commit} is not on main`),
  ];
}
