import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';

const QUIET = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
};
const OBJECTS = { TOWN: 'TownDO', AGENT: 'AgentDO', CONTAINER: 'TownContainerDO', BARE: 'BareDO', CORE: 'CoreDO' };

/** Builds the worker of the benchmarks, runs it on workerd with its stores on disk, and ends it. `ask` gives the JSON of an answer; `base` is where it listens. */
export async function onWorkerd<T>(work: (ask: (path: string) => Promise<unknown>, base: URL) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-bench-'));
  await promisify(execFile)('wrangler', ['deploy', '--dry-run', '--outdir', path.join(folder, 'dist')], {
    cwd: path.join(import.meta.dirname, '..'),
    env: { ...process.env, ...QUIET },
  });
  const runtime = new Miniflare(optionsOf(folder));
  try {
    const base = await runtime.ready;
    return await work(async (asked) => {
      const url = new URL(asked, base);
      /** A kept connection may be closed by the other side just now. Every question makes its own objects, so it may be asked again. */
      const answer = await fetch(url).catch(() => fetch(url));
      if (!answer.ok) throw new Error(`${asked}: ${(await answer.text()).slice(0, 500)}`);
      return answer.json();
    }, base);
  } finally {
    await runtime.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

const optionsOf = (folder: string) =>
  convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: 0,
    log: new Log(LogLevel.ERROR),
    cf: false,
    telemetry: { enabled: false },
    logRequests: false,
    resourcePersistencePath: path.join(folder, 'state'),
    workers: [
      {
        name: 'bench',
        modulesRoot: path.join(folder, 'dist'),
        modules: [{ type: 'ESModule', path: path.join(folder, 'dist/index.js') }],
        compatibilityDate: '2026-08-01',
        compatibilityFlags: ['enable_request_signal'],
        durableObjects: Object.fromEntries(Object.entries(OBJECTS).map(([name, className]) => [name, { className, useSQLite: true }])),
        bindings: {
          SEAL_KEY: Buffer.alloc(32, 7).toString('base64'),
          HOST_KEY: 'bench',
          HOST_URL: 'http://127.0.0.1:9',
          PUBLIC_URL: 'http://127.0.0.1:9',
          ALLOWED_HOSTS: '127.0.0.1',
          ENVIRONMENT: '{}',
        },
      },
    ],
  });
