import { createBareRepo, seedRepo, storyLibrary, type StoryInput, type StoryLibrary } from '@gastown/rehearsal';

/** Small work that takes a few model calls and two commits, in a repository whose gate knows right from wrong: what a bad day is tried on. */
export const GATE = 'sh check.sh';
const CHECK = `set -e
[ ! -d errands ] || awk 'FNR == 1 && !/^errand [0-9]+$/ { print FILENAME ": " $0; wrong = 1 } END { exit wrong }' errands/*.txt
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
/** `brief`: no trouble, and as few answers and commits as an errand can have. */
export type Trouble = keyof typeof TROUBLES | 'wrong' | 'brief';
export const TROUBLE_NAMES = [...Object.keys(TROUBLES), 'wrong'] as Trouble[];

/** An errand writes over what another one wrote long ago: a repository stays small, however many there are. */
const FILES = 400;
export const titleOf = (number: number, trouble: Trouble): string => `Errand ${number} in ${number % FILES}: ${trouble}`;

type SceneInput = StoryInput['scenes'][number];
const commit = (file: string, message: string): string =>
  `git add ${file} && (git diff --cached --quiet || git commit --quiet -m '${message}') && git log --oneline -1`;

interface SceneWish {
  readonly trouble: Trouble;
  readonly word: string;
  readonly thinkMs: number;
  readonly when?: Partial<SceneInput['when']>;
  readonly more?: object;
}

/** Where a hand-in was refused the town reminds the worker of it, as often as it does: it hands in again. */
const HAND_IN = ['Handed in.', 'Handed in again.', 'Handed in once more.'] as const;

function scene({ trouble, word, thinkMs: delayMs, when = {}, more = {} }: SceneWish): SceneInput {
  const file = 'errands/{{at}}.txt';
  const run = (description: string, command: string): object => ({ tool: 'bash', args: { command, description }, delayMs });
  const write = run('Write it', `mkdir -p errands && echo "${word} {{n}}" > ${file} && ${commit(file, 'Errand {{n}}')}`);
  return {
    id: `${trouble}-${word.replaceAll(' ', '-')}`,
    when: { role: 'polecat', asked: `Errand (?<n>\\d+) in (?<at>\\d+): ${trouble}`, ...when },
    steps: [
      { tool: 'gt_prime', args: {} },
      // A garbled call is made again, as a model does that is told so.
      ...('badJson' in more ? [{ ...write, ...more }, write] : [{ ...write, ...more }]),
      run('Add to it', `echo "and more" >> ${file} && ${commit(file, 'More of errand {{n}}')}`),
      ...HAND_IN.flatMap((said) => [{ tool: 'gt_done', args: { summary: 'Did errand {{n}}.' }, delayMs }, { text: said }]),
    ],
  } as SceneInput;
}

const brief = (thinkMs: number): SceneInput => {
  const { steps, ...rest } = scene({ trouble: 'brief', word: 'errand', thinkMs });
  return { ...rest, steps: [...steps.slice(0, 2), ...steps.slice(3)] };
};

/** `thinkMs`: how long the model thinks before an answer. */
export const errandStories = (thinkMs: number): StoryLibrary =>
  storyLibrary([
    {
      id: 'errands',
      title: 'Errands',
      scenes: [
        ...Object.entries(TROUBLES).map(([trouble, more]) => scene({ trouble: trouble as Trouble, word: 'errand', thinkMs, more })),
        scene({ trouble: 'wrong', word: 'errand', thinkMs, when: { context: ['gate_failed'] } }),
        scene({ trouble: 'wrong', word: 'a wrong', thinkMs }),
        brief(thinkMs),
      ],
    },
  ]);
