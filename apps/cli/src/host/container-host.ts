/**
 * The launcher's half of TownContainerDO: starts, stops and watches town containers, asked over loopback HTTP with the host key
 * (design/contracts.md). It owns the children; what a town is or wants it does not know.
 *
 *   PUT    /containers/:town {env}  starts; a running one stays as it is
 *   DELETE /containers/:town        asks it to end
 *   GET    /containers/:town        → { state: 'running' | 'stopped', pid }
 */
import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { failure, httpStatus, nextStep, TownId, wrongFields } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';
import { z } from 'zod';
import { exitReports } from './exit-reports.ts';
import type { Send } from './exit-reports.ts';
import { DRAIN_MS, startTownProcess } from './town-process.ts';
import type { TownProcess } from './town-process.ts';
import type { LogFile } from '../state/log-file.ts';

export interface ContainerHostOptions {
  readonly hostKey: string;
  readonly command: readonly [string, ...string[]];
  /** What every runner gets besides what the Worker gives it. */
  readonly env: Readonly<Record<'PATH' | 'HOME' | 'LANG', string>>;
  readonly townFolder: (town: string) => string;
  readonly openLog: (town: string) => LogFile;
  readonly sendExit: Send;
  /** The set of children changed. */
  readonly onChange: () => void;
  readonly graceMs?: number;
}

export interface ContainerHost {
  readonly url: string;
  containers(): ReadonlyMap<string, TownProcess>;
  /** Refuses new starts, ends every container and waits for their end. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

/** What the Worker may give a runner (design/contracts.md): no key of a model or a repository is among it. */
const StartBody = z.object({
  env: z.strictObject({ GASTOWN_URL: z.url(), GASTOWN_TOWN: TownId, GASTOWN_RUNNER_TOKEN: z.string().min(1) }),
});
const BODY_BYTES = 64 * 1024;

export async function startContainerHost(options: ContainerHostOptions): Promise<ContainerHost> {
  const containers = new Map<string, TownProcess>();
  const reports = exitReports(options.sendExit);
  let stopping = false;

  const start = async (town: string, env: z.infer<typeof StartBody>['env']): Promise<TownProcess> => {
    const present = containers.get(town);
    if (present !== undefined && !present.stopping) return present;
    await present?.gone;
    await reports.withdraw(town);
    if (stopping) throw new Error('The launcher is stopping.');
    // Whoever asked at the same time may have been first.
    return containers.get(town) ?? launch(town, env);
  };
  const launch = (town: string, env: z.infer<typeof StartBody>['env']): TownProcess => {
    const folder = options.townFolder(town);
    const launched = startTownProcess({
      command: options.command,
      env: { ...options.env, ...env, GASTOWN_STATE: folder, GASTOWN_DRAIN_MS: String(DRAIN_MS) },
      folder,
      log: options.openLog(town),
      graceMs: options.graceMs,
    });
    containers.set(town, launched);
    void noteEnd(town, launched);
    options.onChange();
    return launched;
  };

  const noteEnd = async (town: string, launched: TownProcess): Promise<void> => {
    const exit = await launched.gone;
    containers.delete(town);
    options.onChange();
    if (!stopping) reports.report(town, exit);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isKey(request.headers['x-host-key'], options.hostKey))
      return refuse(response, failure('not_signed_in', 'The host key is missing or wrong.'));
    const town = TownId.safeParse(/^\/containers\/([^/]+)$/.exec(request.url ?? '')?.[1]);
    if (!town.success) return refuse(response, failure('unknown_route'));
    if (request.method === 'PUT') {
      const body = StartBody.safeParse(await jsonOf(request));
      if (!body.success) return refuse(response, failure('invalid_input', wrongFields(body.error, 'body')));
      if (body.data.env.GASTOWN_TOWN !== town.data)
        return refuse(response, failure('invalid_input', 'GASTOWN_TOWN is not the town of the address.'));
      if (stopping) return refuse(response, failure('container_failed', 'The launcher is stopping.'));
      await start(town.data, body.data.env);
    } else if (request.method === 'DELETE') containers.get(town.data)?.stop();
    else if (request.method !== 'GET') return refuse(response, failure('unknown_route'));
    const present = containers.get(town.data);
    send(response, 200, { state: present === undefined ? 'stopped' : 'running', pid: present?.identity.pid ?? null });
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((cause: unknown) =>
      refuse(response, failure('container_failed', cause instanceof Error ? cause.message : String(cause))),
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP listener's address is always of this kind

  return {
    url: `http://127.0.0.1:${port}`,
    containers: () => containers,
    stop: async () => {
      stopping = true;
      const all = [...containers.values()];
      for (const each of all) each.stop();
      await Promise.all(all.map(({ gone }) => gone));
      await reports.close();
      server.close();
      server.closeAllConnections();
    },
    kill: () => {
      stopping = true;
      for (const each of containers.values()) each.kill();
    },
  };
}

function isKey(given: string | string[] | undefined, wanted: string): boolean {
  const [a, b] = [Buffer.from(String(given ?? '')), Buffer.from(wanted)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

/** Undefined, which no schema takes, when it is too long or no JSON. */
async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    if (bytes > BODY_BYTES) return undefined;
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return undefined;
  }
}

const refuse = (response: ServerResponse, failed: Failure): void =>
  send(response, httpStatus(failed.code), { ok: false, failure: failed, next: nextStep(failed) });

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
