/**
 * The Worker in the real workerd, embedded. The only file that knows Miniflare. It runs the built bundle with the settings of its
 * deployment; what differs from Cloudflare is said here: secrets and variables come from the launcher, the state lies on this disk.
 */
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { portTaken } from '../machine/port.ts';
import { LAUNCHER_MARK } from '../machine/marks.ts';
import { logLine } from '../state/log-file.ts';
import type { LogFile } from '../state/log-file.ts';
import { applyMigrations, readMigrations } from './migrations.ts';
import type { Database } from './migrations.ts';
import { readWranglerConfig } from './wrangler-config.ts';
import type { WranglerConfig } from './wrangler-config.ts';

export interface WorkersOptions {
  /** Folder of the Worker's package: `wrangler.jsonc`, `dist/`, its migrations. */
  readonly worker: string;
  readonly port: number;
  readonly bindings: Readonly<Record<string, string>>;
  /** The state folder (for the mark of its processes) and the part of it where workerd keeps its databases. */
  readonly state: string;
  readonly persist: string;
  /** Where the built page is copied to: a later build in the same checkout must not pull it from under a running town. */
  readonly page: string;
  readonly log: LogFile;
  /** workerd crashed and was started again. */
  readonly onRestart: () => void;
}

export interface Workers {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startWorkers(options: WorkersOptions): Promise<Result<Workers>> {
  const config = readWranglerConfig(path.join(options.worker, 'wrangler.jsonc'));
  process.env['MINIFLARE_WORKERD_PATH'] = OWN_GROUP; // the only way to say it
  const miniflare = keepingOurSignals(() => new Miniflare(miniflareOptions(options, config)));
  try {
    await miniflare.ready;
    await migrate(miniflare, options, config);
  } catch (cause) {
    await miniflare.dispose().catch(() => undefined); // waits for the same start, and fails as it did
    if (/address already in use/i.test(String(cause))) return refuse(portTaken(options.port));
    logLine(options.log, String(cause));
    return refuse(
      failure(
        'internal',
        `The Workers runtime does not start (${cause instanceof Error ? cause.message : String(cause)}). See ${options.log.file}.`,
      ),
    );
  }
  return ok({ url: `http://127.0.0.1:${options.port}`, stop: () => miniflare.dispose() });
}

/** Miniflare ends the process at the first signal; here the launcher decides what a signal means. */
function keepingOurSignals<T>(make: () => T): T {
  const names = ['SIGINT', 'SIGTERM'] as const;
  const ours = names.map((name) => new Set(process.listeners(name)));
  const made = make();
  names.forEach((name, at) => {
    for (const listener of process.listeners(name)) if (!ours[at]?.has(listener)) process.off(name, listener);
  });
  return made;
}

/** The shared settings are the quiet ones: nothing asks or tells anyone outside. */
function miniflareOptions(options: WorkersOptions, config: WranglerConfig) {
  const dist = path.join(options.worker, 'dist');
  return convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: options.port,
    cf: false,
    telemetry: { enabled: false },
    logRequests: false,
    unsafeLocalExplorer: false,
    unsafeObservability: false,
    unsafeTriggerHandlers: false,
    resourcePersistencePath: options.persist,
    unsafeRuntimeEnv: { [LAUNCHER_MARK]: options.state, GASTOWN_WORKERD: workerdPath() },
    unsafeHandleRuntimeRestart: options.onRestart,
    log: logTo(options.log),
    handleStructuredLogs: ({ level, message }) => logLine(options.log, `${level} ${message}`),
    workers: [
      {
        name: config.name,
        rootPath: options.worker,
        modulesRoot: dist,
        modules: modulesOf(dist, config),
        compatibilityDate: config.compatibility_date,
        compatibilityFlags: config.compatibility_flags,
        unsafeRegisterWorker: false,
        durableObjects: durableObjects(config),
        d1Databases: Object.fromEntries(config.d1_databases.map(({ binding, database_id: id }) => [binding, id])),
        bindings: { ...config.vars, ...options.bindings },
        ...(config.assets && { assets: assetsOf(options, config.assets) }),
      },
    ],
  });
}

/** A class has SQLite storage when a migration says so, as in the deployment. */
function durableObjects(config: WranglerConfig) {
  const sqlite = new Set(config.migrations.flatMap(({ new_sqlite_classes: classes }) => classes));
  return Object.fromEntries(
    config.durable_objects.bindings.map(({ name, class_name: className }) => [name, { className, useSQLite: sqlite.has(className) }]),
  );
}

function assetsOf({ worker, page }: WorkersOptions, assets: NonNullable<WranglerConfig['assets']>) {
  const built = path.resolve(worker, assets.directory);
  rmSync(page, { recursive: true, force: true });
  if (existsSync(built)) cpSync(built, page, { recursive: true });
  return {
    directory: page,
    binding: assets.binding,
    run_worker_first: assets.run_worker_first,
    routerConfig: { has_user_worker: true },
    assetConfig: { not_found_handling: assets.not_found_handling, ...(assets.html_handling && { html_handling: assets.html_handling }) },
  };
}

/** The bundle as `wrangler deploy` writes it: the entry first, then the files that the rules name. */
function modulesOf(dist: string, config: WranglerConfig) {
  const entry = path.basename(config.main).replace(/\.tsx?$/, '.js');
  const others = config.rules.flatMap(({ type, globs }) =>
    readdirSync(dist)
      .filter((name) => globs.some((glob) => path.matchesGlob(name, glob)))
      .map((name) => ({ type, path: path.join(dist, name) })),
  );
  return [{ type: 'ESModule' as const, path: path.join(dist, entry) }, ...others];
}

async function migrate(miniflare: Miniflare, { worker, log }: WorkersOptions, config: WranglerConfig): Promise<void> {
  for (const { binding, migrations_dir: folder } of config.d1_databases) {
    const database = await miniflare.getD1Database(binding);
    const applied = await applyMigrations(database as unknown as Database, readMigrations(path.join(worker, folder))); // Miniflare's proxy of a D1 database
    if (applied.length > 0) logLine(log, `migrations applied to ${binding}: ${applied.join(', ')}`);
  }
}

/** workerd in a process group of its own: Ctrl-C in the terminal is for the launcher, which stops things in their order. */
const OWN_GROUP = path.join(import.meta.dirname, 'workerd-in-own-group.sh');

/** The one workerd that this Miniflare was made for. */
function workerdPath(): string {
  const asMiniflare = createRequire(import.meta.resolve('miniflare'));
  return (asMiniflare('workerd') as { default: string }).default;
}

function logTo(log: LogFile): Log {
  class FileLog extends Log {
    protected override log(message: string): void {
      logLine(log, stripVTControlCharacters(message));
    }
  }
  return new FileLog(LogLevel.WARN);
}
