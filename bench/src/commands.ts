import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { figures } from './figures.ts';
import type { Measured } from './measured.ts';

const ROUNDS = 5;
const QUIET = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
};

/** P5: mixed commands a second in one TownDO on workerd, beside an object that inserts one row a call; in turns, so that a slow minute hits both. */
export async function commands(n: number): Promise<Measured> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-bench-'));
  await promisify(execFile)('wrangler', ['deploy', '--dry-run', '--outdir', path.join(folder, 'dist')], {
    cwd: path.join(import.meta.dirname, '..'),
    env: { ...process.env, ...QUIET },
  });
  const object = (className: string) => ({ className, useSQLite: true });
  const runtime = new Miniflare(
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
          durableObjects: {
            TOWN: object('TownDO'),
            AGENT: object('AgentDO'),
            CONTAINER: object('TownContainerDO'),
            BARE: object('BareDO'),
          },
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
    }),
  );
  try {
    const base = await runtime.ready;
    const round = async (what: string): Promise<{ perSecond: number; each: number[] }> => {
      const answer = await fetch(new URL(`${what}?n=${n}`, base));
      if (!answer.ok) throw new Error(`${what}: ${(await answer.text()).slice(0, 500)}`);
      const { ms, each } = (await answer.json()) as { ms: number; each: number[] };
      return { perSecond: Math.round((n / ms) * 1_000), each };
    };
    await round('/town');
    await round('/bare');
    const town: Awaited<ReturnType<typeof round>>[] = [];
    const bare: Awaited<ReturnType<typeof round>>[] = [];
    for (let index = 0; index < ROUNDS; index += 1) {
      town.push(await round('/town'));
      bare.push(await round('/bare'));
    }
    const rate = (rounds: typeof town) => figures(rounds.map((one) => one.perSecond));
    return {
      ok: true,
      why: [],
      figures: {
        commandsPerRound: n,
        townPerSecond: rate(town),
        barePerSecond: rate(bare),
        shareOfBare: Math.round((rate(town).median / rate(bare).median) * 1_000) / 1_000,
        townLatencyMs: figures(town.flatMap((one) => one.each)),
        bareLatencyMs: figures(bare.flatMap((one) => one.each)),
      },
    };
  } finally {
    await runtime.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}
