import { setTimeout as after } from 'node:timers/promises';

/** Where Node listens after SIGUSR1. */
const FIRST_PORT = 9_229;
const TRIES = 100;

export interface Heap {
  /** MiB, after a full collection. */
  readonly resident: number;
  readonly heapUsed: number;
  readonly external: number;
  /** Of `heapUsed`: what V8 compiled of the program, and lets go and compiles again as it likes. */
  readonly code: number;
}

const LOOK = `{
  const { code_and_metadata_size, bytecode_and_metadata_size } = process.getBuiltinModule('node:v8').getHeapCodeStatistics();
  ({ ...process.memoryUsage(), code: code_and_metadata_size + bytecode_and_metadata_size });
}`;

/** A running Node process looked into through its inspector, which it opens on SIGUSR1: nothing in the program has to know. */
export class Inspected {
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
  }

  /** Moves the inspector to `port`, so that several processes can be looked into. */
  static async open(pid: number, port: number): Promise<Inspected> {
    process.kill(pid, 'SIGUSR1');
    const first = new Inspected(FIRST_PORT);
    const found = await first.#patiently('process.pid');
    if (found !== pid) throw new Error(`port ${FIRST_PORT} is the inspector of process ${String(found)}, not of ${pid}`);
    await first.evaluate(
      `void setTimeout(() => { const i = process.getBuiltinModule('node:inspector'); i.close(); i.open(${port}, '127.0.0.1'); }, 50)`,
    );
    const moved = new Inspected(port);
    if ((await moved.#patiently('process.pid')) !== pid) throw new Error(`port ${port} is of another process`);
    return moved;
  }

  async #patiently(expression: string): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.evaluate(expression);
      } catch (cause) {
        if (tries === TRIES) throw cause;
        await after(50);
      }
    }
  }

  evaluate(expression: string): Promise<unknown> {
    return this.#session(async (call) => {
      const { result, exceptionDetails } = (await call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })) as {
        result: { value?: unknown };
        exceptionDetails?: { text: string; exception?: { description?: string } };
      };
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    });
  }

  /** What is still used after a full collection. */
  heap(): Promise<Heap> {
    return this.#session(async (call) => {
      await call('HeapProfiler.collectGarbage', {});
      const { result } = (await call('Runtime.evaluate', { expression: LOOK, returnByValue: true })) as {
        result: { value: NodeJS.MemoryUsage & { code: number } };
      };
      const mib = (bytes: number): number => Math.round((bytes / 2 ** 20) * 100) / 100;
      const { rss, heapUsed, external, code } = result.value;
      return { resident: mib(rss), heapUsed: mib(heapUsed), external: mib(external), code: mib(code) };
    });
  }

  /** One connection a question: none stays open that the process would have to keep things for. */
  async #session<T>(work: (call: (method: string, params: object) => Promise<unknown>) => Promise<T>): Promise<T> {
    const targets = (await (await fetch(`http://127.0.0.1:${this.#port}/json/list`)).json()) as { webSocketDebuggerUrl: string }[];
    const socket = new WebSocket(targets[0]!.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error('the inspector does not answer')));
    });
    let next = 1;
    const call = (method: string, params: object): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const id = next++;
        const take = ({ data }: MessageEvent<unknown>): void => {
          const answer = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } };
          if (answer.id !== id) return;
          socket.removeEventListener('message', take);
          if (answer.error) reject(new Error(answer.error.message));
          else resolve(answer.result);
        };
        socket.addEventListener('message', take);
        socket.addEventListener('close', () => reject(new Error('the inspector has gone')));
        socket.send(JSON.stringify({ id, method, params }));
      });
    try {
      return await work(call);
    } finally {
      socket.close();
    }
  }
}
