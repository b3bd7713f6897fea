import { expect, test } from 'vitest';
import { PrimeContext, toolLabel } from '@gastown/protocol';
import { HOSTILE_TEXTS } from '@gastown/protocol/testing';
import { firstPrompt, pastConversation, runInstructions } from './index.ts';
import { HOSTILE_CASES } from './prompts.hostile.ts';

/** Every place for text of others, filled with this one. */
function contextOf(text: string): PrimeContext {
  const gate = { command: text, exitCode: 1, timedOut: false, durationMs: 1, output: text, truncated: false };
  return PrimeContext.parse({
    town: { name: text },
    agent: { id: 'ag-00000001', name: text, role: 'mayor', identity: text },
    rig: { id: 'rig-00000001', name: text, defaultBranch: 'main', empty: false },
    bead: { id: 'gt-1a2b3c4d', title: text, body: text, priority: 'high', labels: [text, text] },
    branch: 'gt/toast/1a2b3c4d',
    targetBranch: 'main',
    gates: [text],
    attempt: 2,
    earlier: [{ attempt: 1, summary: text, failure: { code: 'gate_failed', message: text }, gates: [gate] }],
    checkpoint: { [text]: text },
    mail: [{ id: 'ml-00000001', from: text, subject: text, body: text, at: 1 }],
    molecule: {
      title: text,
      steps: ['done', 'ready'].map((state, at) => ({ id: `s${at}`, title: text, text, needs: [], state, summary: text, doneAt: null })),
    },
    rigs: [{ id: 'rig-00000001', name: text, gitUrl: text, state: 'ready', defaultBranch: 'main' }],
  });
}
const answers = (text: string) => [
  { kind: 'text' as const, text },
  { kind: 'tool' as const, tool: 'bash', title: text, outcome: text },
];
const PROMPTS: Record<string, (text: string) => string> = {
  'first prompt': (text) => firstPrompt(contextOf(text), toolLabel, { continued: true, missing: `Not here: ${text}` }),
  'run instructions': (text) => runInstructions(contextOf(text), toolLabel),
  'past conversation': (text) =>
    pastConversation([{ said: text, from: text, answers: answers(text) }], { role: 'polecat', why: 'lost', characters: 50_000 }),
};

/** What stands outside of blocks, as Markdown reads it: the words of the town. */
function ours(prompt: string): string[] {
  let fence = '';
  return prompt.split(/\r\n?|[\n\u0085\u2028\u2029\v\f]/).filter((line) => {
    const found = /^ {0,3}(`{3,}|~{3,})([^`]*)$/.exec(line);
    if (fence === '') {
      fence = found?.[1] ?? '';
      return fence === '';
    }
    if (found?.[1]?.startsWith(fence) === true && found[2]!.trim() === '') fence = '';
    return false;
  });
}
const FLAG = /\u{1f3f4}[\u{e0061}-\u{e007a}]+\u{e007f}/gu;
const beginning = (line: string): string => line.split('x', 1)[0]!;

test.each(HOSTILE_CASES)('$id: text of others adds no line to what the town says, in any place of any prompt (I15)', ({ text }) => {
  for (const [name, prompt] of Object.entries(PROMPTS)) {
    const [plain, hostile] = [ours(prompt('x')), ours(prompt(text))];
    expect([name, hostile.map(beginning)]).toEqual([name, plain.map(beginning)]);
  }
});

test.each([...HOSTILE_CASES, ...HOSTILE_TEXTS])('$id: a model is given nothing that a reader does not see (I16)', ({ text }) => {
  const unseen = /[[\p{Cc}\p{Cf}\u{e0100}-\u{e01ef}]--[\n\t\u061c\u200c-\u200f]]|[\u061c\u200c-\u200f]{2}/v;
  for (const [name, prompt] of Object.entries(PROMPTS))
    expect([name, unseen.exec(prompt(text).replaceAll(FLAG, ''))]).toEqual([name, null]);
});
