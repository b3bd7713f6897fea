import { assistantTurnsAfter, lastUserIndex, saidNow, spokenText, systemText } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { embeddedScript } from './embedded-script.ts';
import { roleOf } from './role.ts';
import { variableNames } from './story.ts';
import type { RoleName, Scene, Step, StoryLibrary } from './story.ts';
import { isTool, offeredName } from './tool-names.ts';
import { fillStep, findCapture } from './variables.ts';
import type { Variables } from './variables.ts';

/** What the model will answer, and why: recorded with each request so that a test or a person can see which line of which story played. */
export interface Plan {
  readonly kind: 'title' | 'summary' | 'script' | 'scene' | 'opening' | 'unknown';
  readonly role: RoleName | null;
  /** `story/scene`, null for anything that is not a scene. */
  readonly scene: string | null;
  /** Index of the step, from 0; -1 when no script plays. */
  readonly step: number;
  readonly answer: Step;
}

/** Decides the next answer from the conversation alone: the same request always gives the same plan. */
export function planAnswer(conversation: Conversation, library: StoryLibrary): Plan {
  const role = roleOf(conversation);
  const aside = { role, scene: null, step: -1 };
  if (/title generator|generate a (?:brief |short |concise )?title/i.test(systemText(conversation)))
    return { ...aside, kind: 'title', answer: { text: 'Rehearsal' } };
  if (conversation.tools.length === 0) return { ...aside, kind: 'summary', answer: { text: summaryOf(conversation) } };
  return planScript(conversation, library, role) ?? planUnknown(conversation, library, role);
}

/** A summary that keeps what people said, so that a compacted conversation still knows it. */
function summaryOf(conversation: Conversation): string {
  const said = conversation.turns.filter((turn) => turn.role === 'user').map((turn) => `- ${spokenText(turn).slice(0, 400)}`);
  return ['Rehearsal summary. The user said:', ...said].join('\n').slice(0, 8_000);
}

/**
 * Looks for something to play, from the last user message back: a script in it, a scene that matches it, or a script in a tool's result after it.
 * The Mayor answers the last message only (an old wish is not played again when something new is said); a worker that hears an unknown
 * message, a nudge say, goes on with what it was doing.
 */
function planScript(conversation: Conversation, library: StoryLibrary, role: RoleName | null): Plan | null {
  const { turns } = conversation;
  const last = lastUserIndex(conversation);
  for (let index = last; index >= 0; index--) {
    if (turns[index]?.role !== 'user') continue;
    const plan = planFrom(conversation, library, role, index);
    if (plan !== null) return plan;
    if (role === 'mayor') break;
  }
  const script = embeddedScript(systemText(conversation));
  return script === null
    ? null
    : scriptPlan(
        conversation,
        role,
        script,
        turns.findIndex((turn) => turn.role === 'user'),
      );
}

function planFrom(conversation: Conversation, library: StoryLibrary, role: RoleName | null, index: number): Plan | null {
  const { turns } = conversation;
  const said = turns[index] === undefined ? '' : saidNow(turns[index]);
  const own = embeddedScript(said);
  if (own !== null) return scriptPlan(conversation, role, own, index);
  const until = turns.findIndex((turn, at) => at > index && turn.role === 'user');
  const segment = turns.slice(index + 1, until < 0 ? undefined : until);
  for (const [offset, turn] of segment.entries()) {
    const told = turn.role === 'tool' ? embeddedScript(turn.text) : null;
    if (told !== null) return scriptPlan(conversation, role, told, index + 1 + offset);
  }
  const primed = segment.filter((turn) => turn.role === 'tool' && isTool('gt_prime', turn.tool ?? '')).map((turn) => turn.text);
  const matched = role === null ? null : matchScene(library, role, [said, ...primed].join('\n'));
  return matched === null || role === null ? null : scenePlan(conversation, role, matched, index);
}

function scriptPlan(conversation: Conversation, role: RoleName | null, script: readonly Step[], since: number): Plan {
  const step = assistantTurnsAfter(conversation, since);
  return { kind: 'script', role, scene: null, step, answer: script[step] ?? { text: 'Done.' } };
}

interface Matched {
  readonly name: string;
  readonly scene: Scene;
  readonly groups: Variables;
}

function matchScene(library: StoryLibrary, role: RoleName, matter: string): Matched | null {
  for (const story of library.stories) {
    for (const scene of story.scenes) {
      const { when } = scene;
      if (when.role !== role) continue;
      const asked = new RegExp(when.asked, 'i').exec(matter);
      if (asked === null) continue;
      if (!when.context.every((source) => new RegExp(source, 'i').test(matter))) continue;
      if (when.without.some((source) => new RegExp(source, 'i').test(matter))) continue;
      return { name: `${story.id}/${scene.id}`, scene, groups: { ...asked.groups } };
    }
  }
  return null;
}

function scenePlan(conversation: Conversation, role: RoleName, { name, scene, groups }: Matched, since: number): Plan {
  const step = assistantTurnsAfter(conversation, since);
  const line = scene.steps[step] ?? { text: 'Done.' };
  const variables: Record<string, string> = { ...groups };
  for (const wanted of variableNames(line)) {
    const capture = scene.find[wanted];
    if (capture === undefined) continue;
    const value = findCapture(capture, conversation, since);
    if (value === null) return { kind: 'scene', role, scene: name, step, answer: { text: capture.otherwise } };
    variables[wanted] = value;
  }
  return { kind: 'scene', role, scene: name, step, answer: fillStep(line, variables) };
}

function planUnknown(conversation: Conversation, library: StoryLibrary, role: RoleName | null): Plan {
  const base = { role, scene: null, step: -1 };
  const askedBefore = assistantTurnsAfter(conversation, lastUserIndex(conversation));
  if (role !== null && role !== 'mayor' && askedBefore === 0 && offeredName('gt_prime', conversation.tools) !== null) {
    return { ...base, kind: 'opening', answer: { tool: 'gt_prime', args: {} } };
  }
  return { ...base, kind: 'unknown', answer: { text: whatICanPlay(library) } };
}

function whatICanPlay(library: StoryLibrary): string {
  const wishes = library.stories.flatMap((story) => (story.suggestion === undefined ? [] : [`- “${story.suggestion}”`]));
  return [
    'I am the rehearsal model: my answers are scripted, so I have nothing for this one. The town around me is real: the beads, the agents, git and the tests.',
    ...(wishes.length === 0 ? [] : ['', 'You can ask me for one of these:', '', ...wishes]),
    '',
    'To talk to a real model, add a provider key in the settings.',
  ].join('\n');
}
