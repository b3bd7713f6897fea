/** Real Kilo CLI over ACP, as far as a test needs it: one process, sessions with the town's tools on a small MCP server beside it. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { startTools } from './mcp-tools.ts';
import type { ToolAnswers } from './mcp-tools.ts';

export interface KiloOptions {
  /** Base URL of the model server, and the wire format to speak to it. */
  readonly model: string;
  readonly shape: 'openai' | 'anthropic';
  /** Folder for Kilo's own data. */
  readonly home: string;
  /** Working directory of the session. */
  readonly directory: string;
  /** Name and text of the role. */
  readonly role: { readonly name: string; readonly prompt: string };
  /** Tools of the server `gt`, and who answers them. */
  readonly tools: ToolAnswers;
}

export interface KiloSession {
  prompt(text: string): Promise<{ stopReason: string; updates: readonly string[] }>;
  close(): Promise<void>;
}

const kiloBinary = (): string => createRequire(import.meta.url).resolve('@kilocode/cli-linux-x64/bin/kilo');

const Frame = z.looseObject({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.looseObject({ update: z.looseObject({ sessionUpdate: z.string() }).optional() }).optional(),
  result: z.looseObject({ sessionId: z.string().optional(), stopReason: z.string().optional() }).optional(),
  error: z.looseObject({ message: z.string() }).optional(),
});
type Frame = z.infer<typeof Frame>;

export async function kiloSession(options: KiloOptions): Promise<KiloSession> {
  const { directory, role, tools } = options;
  const mcp = await startTools(tools);
  const child = spawn(kiloBinary(), ['acp', '--cwd', directory], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    env: environment(options),
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const waiting = new Map<number, (frame: Frame) => void>();
  const updates: string[] = [];
  let buffered = '';
  let ids = 0;
  child.stdout.on('data', (data: Buffer) => {
    const lines = (buffered + data.toString('utf8')).split('\n');
    buffered = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.startsWith('{'))) {
      const frame = Frame.parse(JSON.parse(line));
      if (frame.method === undefined) waiting.get(frame.id ?? -1)?.(frame);
      else updates.push(frame.params?.update?.sessionUpdate ?? frame.method);
    }
  });
  const call = (method: string, params: object) =>
    new Promise<NonNullable<Frame['result']>>((resolve, reject) => {
      const id = ++ids;
      waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`)),
      );
      void exited.then(() => reject(new Error(`kilo ended before it answered ${method}`)));
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  await call('initialize', { protocolVersion: 1, clientCapabilities: {} });
  const { sessionId } = await call('session/new', {
    cwd: directory,
    mcpServers: [{ type: 'http', name: 'gt', url: mcp.url, headers: [] }],
  });
  await call('session/set_config_option', { sessionId, configId: 'mode', value: role.name });
  return {
    prompt: async (text) => {
      const { stopReason } = await call('session/prompt', { sessionId, prompt: [{ type: 'text', text }] });
      return { stopReason: stopReason ?? '', updates: [...updates] };
    },
    close: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL'); // its group: what its shell started, too
      await exited;
      await mcp.close();
    },
  };
}

function environment({ home, model, shape, role }: KiloOptions): Record<string, string> {
  const folders = Object.fromEntries(
    ['DATA', 'CONFIG', 'STATE', 'CACHE'].map((name) => [`XDG_${name}_HOME`, join(home, name.toLowerCase())]),
  );
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const provider = {
    npm: shape === 'openai' ? '@ai-sdk/openai-compatible' : '@ai-sdk/anthropic',
    options: { baseURL: model, apiKey: 'rehearsal' },
    models: { scripted: { tool_call: true, cost: { input: 1, output: 2 }, limit: { context: 200_000, output: 8_192 } } },
  };
  const config = {
    provider: { rehearsal: provider },
    model: 'rehearsal/scripted',
    small_model: 'rehearsal/scripted',
    enabled_providers: ['rehearsal'],
    permission: 'allow',
    snapshot: false,
    share: 'disabled',
    autoupdate: false,
    agent: { [role.name]: { mode: 'primary', description: role.name, prompt: role.prompt } },
  };
  const quiet = [
    'MODELS_FETCH',
    'AUTOUPDATE',
    'SHARE',
    'SESSION_INGEST',
    'LSP_DOWNLOAD',
    'DEFAULT_PLUGINS',
    'CLAUDE_CODE',
    'CODEBASE_INDEXING',
    'PRESENCE',
    'EXTERNAL_SKILLS',
    'PROJECT_CONFIG',
  ];
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    ...folders,
    KILO_CONFIG_CONTENT: JSON.stringify(config),
    ...Object.fromEntries(quiet.map((name) => [`KILO_DISABLE_${name}`, '1'])),
    KILO_TELEMETRY_LEVEL: 'off',
    KILO_NO_DAEMON: '1',
    KILO_EXPERIMENTAL_DISABLE_FILEWATCHER: '1',
  };
}
