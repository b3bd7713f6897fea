import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createRequire } from 'node:module';
import { MODEL_KEY } from '@gastown/stories';

type Message = {
  id?: number;
  method?: string;
  result?: unknown;
  error?: unknown;
  params?: { sessionId?: string; update?: { sessionUpdate?: string } };
};
const QUIET =
  'DISABLE_MODELS_FETCH DISABLE_AUTOUPDATE DISABLE_SHARE DISABLE_SESSION_INGEST DISABLE_LSP_DOWNLOAD DISABLE_DEFAULT_PLUGINS DISABLE_CLAUDE_CODE DISABLE_CODEBASE_INDEXING DISABLE_PRESENCE DISABLE_EXTERNAL_SKILLS DISABLE_PROJECT_CONFIG NO_DAEMON EXPERIMENTAL_DISABLE_FILEWATCHER';

/** Kilo CLI over ACP with nothing of ours around it: the baseline of `start` and `memory`. */
export class BareAgent {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, (message: Message) => void>();
  readonly #events = new Map<string, () => void>();
  #next = 1;
  #text = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout!.on('data', (chunk: Buffer) => this.#take(chunk.toString()));
  }

  static async open(folder: string, modelUrl: string): Promise<BareAgent> {
    const bin = path.join(path.dirname(createRequire(import.meta.url).resolve('@kilocode/cli-linux-x64/package.json')), 'bin/kilo');
    const config = {
      provider: {
        bench: {
          npm: '@ai-sdk/openai-compatible',
          options: { baseURL: modelUrl, apiKey: MODEL_KEY },
          models: { scripted: { tool_call: true, limit: { context: 200_000, output: 8_192 } } },
        },
      },
      model: 'bench/scripted',
      small_model: 'bench/scripted',
      enabled_providers: ['bench'],
      permission: 'allow',
      snapshot: false,
      share: 'disabled',
      autoupdate: false,
    };
    const quiet = Object.fromEntries(QUIET.split(' ').map((name) => [`KILO_${name}`, '1']));
    const folders = Object.fromEntries(
      ['DATA', 'CONFIG', 'STATE', 'CACHE'].map((name) => [`XDG_${name}_HOME`, path.join(folder, name.toLowerCase())]),
    );
    const child = spawn(bin, ['acp', '--cwd', folder], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        KILO_TELEMETRY_LEVEL: 'off',
        ...quiet,
        ...folders,
        KILO_CONFIG_CONTENT: JSON.stringify(config),
      },
    });
    const agent = new BareAgent(child);
    await agent.#call('initialize', { protocolVersion: 1, clientCapabilities: {} });
    return agent;
  }

  /** A new session in `cwd`, one prompt, until its first piece of text arrives; the turn is then let end. */
  async firstEvent(cwd: string, text: string): Promise<void> {
    const { sessionId } = (await this.#call('session/new', { cwd, mcpServers: [] })) as { sessionId: string };
    const first = new Promise<void>((resolve) => this.#events.set(sessionId, resolve));
    const turn = this.#call('session/prompt', { sessionId, prompt: [{ type: 'text', text }] });
    await first;
    await turn;
  }

  /** A new session in `cwd` and a prompt whose turn goes on after its first piece of text. */
  async begin(cwd: string, text: string): Promise<void> {
    const { sessionId } = (await this.#call('session/new', { cwd, mcpServers: [] })) as { sessionId: string };
    const first = new Promise<void>((resolve) => this.#events.set(sessionId, resolve));
    // Its end is not waited for: the process is ended in the middle of it.
    this.#call('session/prompt', { sessionId, prompt: [{ type: 'text', text }] }).catch(() => undefined);
    await first;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  #call(method: string, params: unknown): Promise<unknown> {
    const id = this.#next++;
    this.#child.stdin!.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, (message) => (message.error ? reject(new Error(JSON.stringify(message.error))) : resolve(message.result)));
    });
  }

  #take(chunk: string): void {
    this.#text += chunk;
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      const message = JSON.parse(this.#text.slice(0, end)) as Message;
      this.#text = this.#text.slice(end + 1);
      if (message.method === 'session/update' && message.params?.update?.sessionUpdate === 'agent_message_chunk')
        this.#events.get(message.params.sessionId!)?.();
      else if (message.id !== undefined && !message.method) this.#pending.get(message.id)?.(message);
    }
  }
}
