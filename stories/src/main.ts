/** Runs one story against a real town: `npm run story -- A [--json] [--keep]`. With --json it ends with one line of JSON. */
import { agentsFolder } from '@gastown/runner';
import { badInput } from './bad-input.ts';
import { House } from './house.ts';
import { storyA } from './story-a.ts';
import { storyB } from './story-b.ts';
import { storyC } from './story-c.ts';
import { storyD } from './story-d.ts';
import { storyAgents } from './story-agents.ts';
import { storyAsks } from './story-asks.ts';
import { storyDoctor } from './story-doctor.ts';
import { storyE } from './story-e.ts';
import { storyF } from './story-f.ts';
import { storyKill } from './story-kill.ts';
import { storyRunners } from './story-runners.ts';
import { storyTerminal } from './story-terminal.ts';
import { Telling } from './telling.ts';

interface Story {
  readonly says: string;
  readonly repos: readonly string[];
  /** More for the launcher's environment. */
  readonly environment?: () => Readonly<Record<string, string>>;
  readonly tell: (telling: Telling, house: House) => Promise<void>;
}

const STORIES: Record<string, Story> = {
  A: { says: 'from sign-in to a landed bead, in a browser', repos: ['parser'], tell: storyA },
  B: { says: 'a gate fails, the next run mends it', repos: ['parser'], tell: storyB },
  C: { says: 'kill -9 of the runner, the agent, everything', repos: ['runner', 'agent', 'everything'], tell: storyC },
  D: { says: 'two rigs, three beads, dependencies, slots', repos: ['alpha', 'beta'], tell: storyD },
  E: { says: 'another agent program, another model shape, an empty repository', repos: ['parser'], tell: storyE },
  agents: {
    says: 'each agent program that is installed, through the model door: its work, its spend, a full conversation, a limit, a refused key',
    repos: ['parser'],
    environment: () => ({ GASTOWN_AGENTS_FOLDER: agentsFolder() }),
    tell: storyAgents,
  },
  asks: { says: 'an agent asks a person before each command; setup commands', repos: ['parser'], tell: storyAsks },
  doctor: { says: 'the doctor over a town that is well, and over one that was damaged', repos: ['parser'], tell: storyDoctor },
  F: { says: 'import, dry run, start; a limit and a stop, in a browser', repos: ['parser'], tell: storyF },
  kill: { says: 'kill -9 of the whole server while it is written to', repos: ['parser'], tell: storyKill },
  runners: { says: 'a machine of one’s own as a runner: added, pinned to, killed, drained, removed', repos: ['here'], tell: storyRunners },
  terminal: { says: 'the terminal of an agent, in a browser: typed, cut, flooded, pasted, ended', repos: ['parser'], tell: storyTerminal },
  'bad-input': { says: 'hostile and broken input at every border', repos: ['parser'], tell: badInput },
};

const name = process.argv[2] ?? '';
const json = process.argv.includes('--json');
const story = Object.hasOwn(STORIES, name) ? STORIES[name] : undefined;
if (!story) {
  console.error(`Which story? One of: ${Object.keys(STORIES).join(', ')}`);
  process.exit(2);
}

const telling = new Telling(json);
const began = Date.now();
let failure: string | null = null;
let house: House | null = null;
try {
  if (!json) console.log(`Story ${name}: ${story.says}`);
  house = await House.open({ repos: story.repos, empty: ['empty'], ...(story.environment && { environment: story.environment }) });
  telling.mark('up');
  await story.tell(telling, house);
} catch (cause) {
  failure = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  console.error(failure);
  if (house) console.error(house.logs());
} finally {
  await house?.close();
}
const result = {
  story: name,
  ok: failure === null,
  ms: Date.now() - began,
  facts: telling.facts.length,
  timesMs: telling.timesMs,
  counts: telling.counts,
  ...(telling.skipped.length > 0 && { left: telling.skipped }),
  ...(failure && { failure: failure.split('\n')[0] }),
};
console.log(
  json
    ? JSON.stringify(result)
    : failure
      ? `Story ${name} failed: ${result.failure}`
      : `Story ${name} holds: ${result.facts} facts in ${(result.ms / 1000).toFixed(1)} s`,
);
process.exit(failure ? 1 : 0);
