import { spawn } from 'node:child_process';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { z } from 'zod';

/** A session's tools: a shell in its folder, and those of the tool servers that the client named. */
export interface ToolBox {
  readonly tools: readonly OfferedTool[];
  /** What the tool servers say of themselves: the role of the agent is in it. */
  readonly instructions: string;
  call(name: string, args: Record<string, unknown>, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  readonly schema: unknown;
}

const SHELL: OfferedTool = {
  name: 'bash',
  description: 'Runs a command in the working folder.',
  schema: { type: 'object', properties: { command: { type: 'string' }, description: { type: 'string' } }, required: ['command'] },
};
/** A tool of the town may wait for a push, or for the town to come back. */
const TOOL_MS = 900_000;
const Text = z.looseObject({ type: z.literal('text'), text: z.string() });

export async function openToolBox(cwd: string, servers: readonly { name: string; url: string }[]): Promise<ToolBox> {
  const opened = await Promise.all(servers.map(openServer));
  return {
    tools: [SHELL, ...opened.flatMap(({ tools }) => tools)],
    instructions: opened.map(({ client }) => client.getInstructions() ?? '').join('\n'),
    async call(name, args, signal) {
      if (name === SHELL.name) return runShell(z.object({ command: z.string() }).parse(args).command, cwd, signal);
      const server = opened.find(({ tools }) => tools.some((tool) => tool.name === name));
      if (server === undefined) return `There is no tool ${name}.`;
      const answer = await server.client.callTool({ name: name.slice(server.prefix.length), arguments: args }, undefined, {
        signal,
        timeout: TOOL_MS,
      });
      return z
        .array(Text)
        .parse(answer.content)
        .map(({ text }) => text)
        .join('\n');
    },
    async close() {
      await Promise.all(opened.map(({ client }) => client.close()));
    },
  };
}

async function openServer({ name, url }: { name: string; url: string }): Promise<{ client: Client; prefix: string; tools: OfferedTool[] }> {
  const client = new Client({ name: 'rehearsal-agent', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const prefix = `${name}_`;
  const { tools } = await client.listTools();
  return {
    client,
    prefix,
    tools: tools.map((tool) => ({ name: prefix + tool.name, description: tool.description ?? '', schema: tool.inputSchema })),
  };
}

/** Standard output and error as they come, cut; the shell's whole group ends with the call. */
const OUTPUT_CHARACTERS = 30_000;

/** The key of the model door is the agent's, not its shells'. */
const shellEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('REHEARSAL_')));

function runShell(command: string, cwd: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', command], { cwd, env: shellEnvironment(), detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const take = (chunk: Buffer): void => {
      if (said.length < OUTPUT_CHARACTERS) said += chunk.toString();
    };
    const kill = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
      }
    };
    signal.addEventListener('abort', kill, { once: true });
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => {
      signal.removeEventListener('abort', kill);
      resolve(`${said.slice(0, OUTPUT_CHARACTERS)}${code === 0 ? '' : `\n[exit code ${code ?? 'none'}]`}`);
    });
  });
}
