import { dataBlock } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import type { Conversation, Turn } from './conversation.ts';
import { planAnswer } from './plan.ts';
import { storyLibrary } from './story.ts';

const library = storyLibrary([
  {
    id: 'paint',
    title: 'Paint',
    suggestion: 'Paint it red',
    scenes: [
      {
        id: 'mayor',
        when: { role: 'mayor', asked: 'paint it (?<colour>\\w+)' },
        find: { bead: { tool: 'gt_sling', find: 'gt-\\d+', otherwise: 'No bead was made.' } },
        steps: [{ tool: 'gt_sling', args: { title: 'Paint {{colour}}', tags: ['{{colour}}'] } }, { text: 'Made {{bead}}.' }],
      },
      {
        id: 'again',
        when: { role: 'polecat', asked: 'Paint', context: ['exit code 1'] },
        steps: [{ tool: 'gt_prime' }, { text: 'second' }],
      },
      {
        id: 'first',
        when: { role: 'polecat', asked: 'Paint', without: ['blue'] },
        steps: [{ tool: 'gt_prime' }, { tool: 'bash', args: { command: 'true' } }, { text: 'first' }],
      },
    ],
  },
]);

const user = (text: string): Turn => ({ role: 'user', text });
const assistant = (text = ''): Turn => ({ role: 'assistant', text });
const result = (tool: string, text: string): Turn => ({ role: 'tool', tool, text });
const mayor = (...turns: Turn[]): Conversation => ({
  turns: [{ role: 'system', text: 'You are the Mayor.' }, ...turns],
  tools: ['gt_sling', 'bash'],
});
const polecat = (...turns: Turn[]): Conversation => ({
  turns: [{ role: 'system', text: 'You are a polecat.' }, ...turns],
  tools: ['gt_prime', 'gt_done', 'bash'],
});
const plan = (conversation: Conversation) => planAnswer(conversation, library);
const said = (conversation: Conversation) => plan(conversation).answer.text;

const promptAndTools = (text: string, tools: string[]): Conversation => ({ turns: [{ role: 'system', text }, user('x')], tools });

describe('a scene', () => {
  test('fills its steps with what the message said', () => {
    expect(plan(mayor(user('Please paint it green')))).toMatchObject({
      scene: 'paint/mayor',
      step: 0,
      answer: { tool: 'gt_sling', args: { title: 'Paint green', tags: ['green'] } },
    });
  });

  test('fills its steps with what a tool answered, and says its other line when it did not', () => {
    const asked = [user('paint it green'), assistant()];
    expect(said(mayor(...asked, result('gt_sling', 'Bead gt-12 made')))).toBe('Made gt-12.');
    expect(said(mayor(...asked, result('gt_sling', 'refused: budget_spent')))).toBe('No bead was made.');
  });

  test('does not take a value from an earlier playing of itself', () => {
    const before = [user('paint it green'), assistant(), result('gt_sling', 'gt-12'), assistant('Made gt-12.')];
    expect(said(mayor(...before, user('paint it blue'), assistant(), result('gt_sling', 'refused')))).toBe('No bead was made.');
  });

  test('is chosen by what gt_prime tells, and counts gt_prime as its first step', () => {
    expect(plan(polecat(user('Begin')))).toMatchObject({ kind: 'opening', answer: { tool: 'gt_prime' } });
    expect(plan(polecat(user('Begin'), assistant(), result('gt_prime', 'Paint')))).toMatchObject({ scene: 'paint/first', step: 1 });
    expect(said(polecat(user('Begin'), assistant(), result('gt_prime', 'Paint; before: exit code 1')))).toBe('second');
    expect(plan(polecat(user('Begin'), assistant(), result('gt_prime', 'Paint it blue'))).kind).toBe('unknown');
  });

  test('goes on for a worker that hears something else in between, and starts again when it is told the bead again', () => {
    const begun = [user('Paint'), assistant(), result('gt_prime', 'x'), assistant(), result('bash', 'ok')];
    expect(plan(polecat(...begun, user('Mail: lunch is ready')))).toMatchObject({ scene: 'paint/first', step: 2 });
    expect(plan(polecat(...begun, user('Paint')))).toMatchObject({ scene: 'paint/first', step: 0 });
  });

  test('is not played again for the Mayor when something else is said', () => {
    expect(plan(mayor(user('paint it red'), assistant('Made.'), user('Thank you'))).kind).toBe('unknown');
  });

  test('is not played again when a new session is told the past (DR-23)', () => {
    const past = [
      'Your earlier session was lost.',
      dataBlock('[person] paint it red\n```\npaint it blue\n```', 'past'),
      'That is the past.',
    ];
    expect(plan(mayor(user([...past, 'Thank you'].join('\n\n')))).kind).toBe('unknown');
    expect(plan(mayor(user([...past, 'paint it green'].join('\n\n'))))).toMatchObject({ scene: 'paint/mayor' });
  });

  test('ends with a plain word when it is over', () => {
    expect(said(polecat(user('Paint'), assistant(), assistant(), assistant()))).toBe('Done.');
  });

  test('does not match the notes that an agent adds to a message', () => {
    expect(plan(mayor(user('Hello\n<environment_details>\nWorking directory: /paint it red\n</environment_details>'))).kind).toBe(
      'unknown',
    );
  });
});

describe('a script in a message', () => {
  const script = '<<<SCRIPT [{"tool":"bash","args":{"command":"ls"}},{"text":"two"}] SCRIPT>>>';

  test('plays step by step, and stops when a later message says something else to the Mayor', () => {
    expect(plan(mayor(user(script)))).toMatchObject({ kind: 'script', step: 0, answer: { tool: 'bash' } });
    expect(said(mayor(user(script), assistant(), result('bash', 'a')))).toBe('two');
    expect(said(mayor(user(script), assistant(), result('bash', 'a'), assistant('two'), user('paint it red')))).toBeUndefined();
  });

  test('may come with the result of gt_prime, counted from there, also when it calls gt_prime again', () => {
    const looping = '<<<SCRIPT [{"tool":"gt_prime"},{"text":"end"}] SCRIPT>>>';
    const primed = polecat(user('Begin'), assistant(), result('gt_prime', looping));
    expect(plan(primed)).toMatchObject({ step: 0, answer: { tool: 'gt_prime' } });
    expect(said(polecat(...primed.turns.slice(1), assistant(), result('gt_prime', looping)))).toBe('end');
  });

  test('that is in the prompt and in the result of gt_prime plays once', () => {
    const looping = '<<<SCRIPT [{"tool":"gt_prime"},{"text":"end"}] SCRIPT>>>';
    expect(said(polecat(user(looping), assistant(), result('gt_prime', looping)))).toBe('end');
  });

  test('that is wrong says what is wrong and where', () => {
    expect(said(mayor(user('<<<SCRIPT [{"txet":"a"}] SCRIPT>>>')))).toMatch(/not valid[\s\S]*txet/);
    expect(said(mayor(user('<<<SCRIPT [{] SCRIPT>>>')))).toMatch(/not JSON/);
  });
});

describe('asides', () => {
  test('a title and a summary do not play a story; the summary keeps what was said', () => {
    const title: Conversation = { turns: [{ role: 'system', text: 'You are a title generator.' }, user('paint it red')], tools: [] };
    expect(plan(title)).toMatchObject({ kind: 'title', answer: { text: 'Rehearsal' } });
    expect(said({ turns: [user('paint it red'), assistant('ok'), user('Summarise')], tools: [] })).toContain('paint it red');
  });

  test('an unknown wish gets what can be played', () => {
    expect(said(mayor(user('Sing')))).toMatch(/rehearsal model[\s\S]*Paint it red/);
  });

  test('the role is told by the tools, else by the prompt', () => {
    expect(plan(promptAndTools('', ['mcp__gt__sling'])).role).toBe('mayor');
    expect(plan(promptAndTools('Ask the Mayor.', ['mcp__gt__done'])).role).toBe('polecat');
    expect(plan(promptAndTools('You are Toast, a polecat of the rig.', ['bash'])).role).toBe('polecat');
    expect(plan(promptAndTools('You are Kilo.', ['bash'])).role).toBeNull();
  });
});
