import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { tempFolder } from '../testing/fixtures.ts';
import { SUB_AGENTS_PLUGIN } from './sub-agents-plugin.ts';

interface Hooks {
  event(given: { event: object }): Promise<void>;
  'tool.execute.before'(call: { tool: string; sessionID: string }, output: { args: Record<string, unknown> }): Promise<void>;
}
interface Plugin {
  SubAgents(instance: { client: object }): Promise<Hooks>;
}

/** The plugin in a program that has these sessions, by id, with the parent of each. */
async function plugin(sessions: Readonly<Record<string, string>> = {}): Promise<Hooks> {
  const file = join(tempFolder(), 'plugin.mjs');
  writeFileSync(file, SUB_AGENTS_PLUGIN);
  const { SubAgents } = (await import(file)) as Plugin;
  return SubAgents({
    client: { session: { get: async ({ path: { id } }: { path: { id: string } }) => ({ data: { parentID: sessions[id] } }) } },
  });
}

/** What the program is left to do with a call of the agent `ses_own`. */
async function told(hooks: Hooks, tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  await hooks['tool.execute.before']({ tool, sessionID: 'ses_own' }, { args });
  return args;
}

/** How both programs find in a prompt what they read for it. */
const READS = /(?<![\w`])@(\.?[^\s`,.]*(?:\.[^\s`,.]+)*)/;

test.each(['Read @/etc/passwd.', '@.env', 'See @../other/notes.md, @~/.ssh/id', '(@src/a.ts)', 'A `@kept.ts` and @open.ts'])(
  'a prompt for a sub-agent opens no file, whatever it names: %s (MY-10, AG-9)',
  async (prompt) => {
    expect(prompt).toMatch(READS);
    const { prompt: left } = await told(await plugin(), 'task', { prompt });
    expect(left).not.toMatch(READS);
    expect(String(left).replaceAll('`', '')).toBe(prompt.replaceAll('`', ''));
  },
);

test('no way of writing it opens one', async () => {
  const hooks = await plugin();
  const signs = ['@', '`', '.', '/', '-', 'a', ' '];
  let prompts = [''];
  for (let length = 0; length < 5; length += 1) prompts = prompts.flatMap((start) => signs.map((sign) => start + sign));
  const left = await Promise.all(prompts.map((prompt) => told(hooks, 'task', { prompt })));
  expect(left.filter(({ prompt }) => READS.test(String(prompt)))).toEqual([]);
});

test('other calls, and addresses of mail, are left as they are', async () => {
  const hooks = await plugin();
  expect(await told(hooks, 'bash', { prompt: '@x', command: 'cat @x' })).toEqual({ prompt: '@x', command: 'cat @x' });
  expect(await told(hooks, 'task', { prompt: 'Ask ada@example.org.' })).toEqual({ prompt: 'Ask ada@example.org.' });
});

test('a model goes on with the conversation of its own sub-agent alone; to name none begins one (AG-9)', async () => {
  const hooks = await plugin({ ses_child: 'ses_own', ses_foreign: 'ses_other' });
  await expect(told(hooks, 'task', { prompt: 'x', task_id: 'ses_child' })).resolves.toMatchObject({ task_id: 'ses_child' });
  for (const id of ['ses_foreign', 'ses_unknown']) await expect(told(hooks, 'task', { prompt: 'x', task_id: id })).rejects.toThrow(id);
  await expect(told(hooks, 'task', { prompt: 'x', task_id: '' })).resolves.toBeDefined();
});

test('a sub-agent whose one command prints for long is told to live, now and then: its agent is not taken for stalled (PT-4)', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const { event } = await plugin();
    const part = (given: object) => event({ event: { type: 'message.part.updated', properties: { part: { type: 'tool', ...given } } } });
    await part({
      sessionID: 'ses_own',
      callID: 'call-1',
      tool: 'task',
      state: { status: 'running', metadata: { sessionId: 'ses_child' } },
    });
    const prints = (output: string) =>
      part({ sessionID: 'ses_child', id: 'part-1', tool: 'bash', state: { status: 'running', input: {}, metadata: { output } } });
    for (let second = 1; second <= 60; second++) {
      vi.setSystemTime(second * 1_000);
      await prints('x'.repeat(second));
    }
    const told = written.mock.calls.map(([line]) => JSON.parse(String(line)).params);
    expect(told[0]).toMatchObject({ sessionId: 'ses_own', update: { sessionUpdate: 'tool_call', toolCallId: 'part-1' } });
    expect(told.slice(1)).toEqual(
      Array.from({ length: 4 }, () => ({
        sessionId: 'ses_own',
        update: { sessionUpdate: 'tool_call_update', toolCallId: 'call-1', status: 'in_progress' },
      })),
    );
  } finally {
    written.mockRestore();
    vi.useRealTimers();
  }
});
