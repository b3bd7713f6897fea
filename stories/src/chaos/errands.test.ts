import { startModel } from '@gastown/rehearsal';
import { expect, test } from 'vitest';
import { errandStories, titleOf } from './errands.ts';

test.each(['plain', 'brief', 'wrong'] as const)(
  '%s: a worker whose hand-in was refused hands in again when it is reminded (RC-31)',
  async (trouble) => {
    const model = await startModel({ stories: errandStories(0) });
    const messages: object[] = [{ role: 'user', content: 'Begin.' }];
    const called: string[] = [];
    const turn = async (): Promise<void> => {
      for (;;) {
        const tools = ['bash', 'gt_prime', 'gt_done'].map((name) => ({ type: 'function', function: { name } }));
        const body = JSON.stringify({ model: 'scripted', messages, tools });
        const answer = await fetch(`${model.url}/chat/completions`, { method: 'POST', body });
        const { choices } = (await answer.json()) as {
          choices: [{ message: { tool_calls?: [{ id: string; function: { name: string } }] } }];
        };
        const { message } = choices[0];
        messages.push(message);
        const call = message.tool_calls?.[0];
        if (call === undefined) return;
        const { name } = call.function;
        called.push(name);
        const content = name === 'gt_prime' ? titleOf(7, trouble) : name === 'gt_done' ? 'Refused (not_pushed): not now.' : 'done';
        messages.push({ role: 'tool', tool_call_id: call.id, content });
      }
    };
    try {
      await turn();
      const handIns = (): number => called.filter((name) => name === 'gt_done').length;
      expect(handIns()).toBe(1);
      messages.push({ role: 'user', content: 'Your turn ended, but your bead is still on your hook.' });
      await turn();
      expect(handIns()).toBe(2);
      expect(called.filter((name) => name === 'gt_prime')).toHaveLength(1);
    } finally {
      await model.close();
    }
  },
);
