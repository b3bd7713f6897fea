import { spawn } from 'node:child_process';
import path from 'node:path';

const SERVER = path.join(import.meta.dirname, '../../../apps/web/dev/fixture-server.mjs');

/** The built page and a made-up town behind it, in a process of its own: each walker spoils its own. */
export interface Fixture {
  readonly base: string;
  /** From now on everything under /api answers so, sockets too. */
  be(mode: 'ok' | '503'): Promise<void>;
  stop(): Promise<void>;
}

export async function startFixture(): Promise<Fixture> {
  const server = spawn(process.execPath, [SERVER, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = (): void => void server.kill();
  process.once('exit', kill);
  const base = await new Promise<string>((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`the fixture server ended with ${code}`)));
    server.stdout.on('data', (chunk: Buffer) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(chunk.toString())?.[0];
      if (found) resolve(found);
    });
  });
  return {
    base,
    be: async (mode) => {
      const { ok } = await fetch(`${base}/fixture/mode`, { method: 'POST', body: JSON.stringify({ mode }) });
      if (!ok) throw new Error(`the fixture server did not become ${mode}`);
    },
    stop: () =>
      new Promise((resolve) => {
        process.off('exit', kill);
        server.once('exit', () => resolve());
        server.kill();
      }),
  };
}
