/** A coding agent reduced to its loop, for tests: asks the model, runs `bash` for real, lets the test answer the town's tools. */
import { spawnSync } from 'node:child_process';
import { z } from 'zod';

interface ToolUse {
  readonly tool: string;
  readonly args: Record<string, unknown>;
  readonly result: string;
}

type Message = Record<string, unknown>;

const Reply = z.looseObject({
  choices: z.tuple([
    z.looseObject({
      message: z.looseObject({
        content: z.string().nullable(),
        tool_calls: z
          .array(z.looseObject({ id: z.string(), function: z.looseObject({ name: z.string(), arguments: z.string() }) }))
          .optional(),
      }),
    }),
  ]),
});

export interface TestAgent {
  readonly uses: readonly ToolUse[];
  /** Says something and works until the model answers without a tool call; resolves to that answer. */
  say(text: string): Promise<string>;
}

export interface TestAgentOptions {
  readonly model: string;
  readonly role: string;
  readonly tools: readonly string[];
  readonly directory?: string;
  readonly town: (tool: string, args: Record<string, unknown>) => string;
}

const MAX_TURNS = 30;

export function testAgent({ model, role, tools, directory, town }: TestAgentOptions): TestAgent {
  const messages: Message[] = [{ role: 'system', content: `You are ${role}.` }];
  const uses: ToolUse[] = [];
  const ask = async () => {
    const response = await fetch(`${model}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'scripted',
        messages,
        tools: tools.map((name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } })),
      }),
    });
    return Reply.parse(await response.json()).choices[0].message;
  };
  const perform = (tool: string, args: Record<string, unknown>) =>
    tool === 'bash' ? runShell(String(args['command']), directory ?? '.') : town(tool, args);
  return {
    uses,
    async say(text) {
      messages.push({ role: 'user', content: text });
      for (let turn = 0; turn < MAX_TURNS; turn++) {
        const message = await ask();
        messages.push(message);
        if (message.tool_calls === undefined) return message.content ?? '';
        for (const call of message.tool_calls) {
          const args = z.record(z.string(), z.unknown()).parse(JSON.parse(call.function.arguments));
          const result = perform(call.function.name, args);
          uses.push({ tool: call.function.name, args, result });
          messages.push({ role: 'tool', tool_call_id: call.id, content: result });
        }
      }
      throw new Error(`the model still called tools after ${MAX_TURNS} turns`);
    },
  };
}

export function runShell(command: string, directory: string): string {
  // The environment of a test runner would change what `node --test` prints.
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory };
  const { stdout, stderr, status } = spawnSync('bash', ['-c', command], { cwd: directory, env, encoding: 'utf8' });
  return `${stdout}${stderr}${status === 0 ? '' : `\n[exit code ${status}]`}`;
}
