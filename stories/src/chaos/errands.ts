import { createBareRepo, seedRepo, storyLibrary, type StoryInput, type StoryLibrary } from '@gastown/rehearsal';

/** Small work that takes a few model calls and two commits, in a repository whose gate knows right from wrong: what a bad day is tried on. */
export const GATE = 'sh check.sh';
const CHECK = `set -e
for file in errands/*.txt; do
  [ -e "$file" ] || continue
  head -n 1 "$file" | grep -qx "errand $(basename "$file" .txt)"
done
echo "every errand is right"
`;

export async function createErrandRepo(bare: string): Promise<void> {
  await createBareRepo(bare);
  await seedRepo(
    bare,
    [
      { path: 'check.sh', content: CHECK },
      { path: 'README.md', content: '# Errands\n' },
    ],
    'Begin',
  );
}

/** What a provider does to an errand's second question, by the word in its title. */
const TROUBLES = {
  plain: {},
  limited: { error: { status: 429, retryAfterSeconds: 1 } },
  overloaded: { error: 529 },
  broken: { error: 500 },
  garbled: { badJson: true },
  slow: { delayMs: 4_000 },
} as const;
export type Trouble = keyof typeof TROUBLES | 'wrong';
export const TROUBLE_NAMES = [...Object.keys(TROUBLES), 'wrong'] as Trouble[];

export const titleOf = (number: number, trouble: Trouble): string => `Errand ${number}: ${trouble}`;

type SceneInput = StoryInput['scenes'][number];
const commit = (file: string, message: string): string =>
  `git add ${file} && (git diff --cached --quiet || git commit --quiet -m '${message}') && git log --oneline -1`;

function scene(trouble: Trouble, word: string, when: Partial<SceneInput['when']>, more: object): SceneInput {
  const file = 'errands/{{n}}.txt';
  const run = (description: string, command: string): object => ({ tool: 'bash', args: { command, description }, delayMs: 300 });
  const write = run('Write it', `mkdir -p errands && echo "${word} {{n}}" > ${file} && ${commit(file, 'Errand {{n}}')}`);
  return {
    id: `${trouble}-${word.replaceAll(' ', '-')}`,
    when: { role: 'polecat', asked: `Errand (?<n>\\d+): ${trouble}`, ...when },
    steps: [
      { tool: 'gt_prime', args: {} },
      // A garbled call is made again, as a model does that is told so.
      ...('badJson' in more ? [{ ...write, ...more }, write] : [{ ...write, ...more }]),
      run('Add to it', `echo "and more" >> ${file} && ${commit(file, 'More of errand {{n}}')}`),
      { tool: 'gt_done', args: { summary: 'Did errand {{n}}.' }, delayMs: 300 },
      { text: 'Handed in.' },
    ],
  } as SceneInput;
}

export const errandStories: StoryLibrary = storyLibrary([
  {
    id: 'errands',
    title: 'Errands',
    scenes: [
      ...Object.entries(TROUBLES).map(([trouble, more]) => scene(trouble as Trouble, 'errand', {}, more)),
      scene('wrong', 'errand', { context: ['gate_failed'] }, {}),
      scene('wrong', 'a wrong', {}, {}),
    ],
  },
]);
