/**
 * A real git server over smart HTTP with tokens, on loopback: `git http-backend` behind Node, with Git LFS beside it (`lfs.ts`).
 *
 * It owns the listener, the tokens and the record of requests; the repositories under `root` belong to the caller.
 *  1. Nothing outside the root is ever served: names are checked before the file system is asked, links are resolved after.
 *  2. A push is reported after git has ended and before the answer ends, so whoever pushed finds it reported.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { closeServer, listenOnLoopback } from '../loopback.ts';
import { accessOf } from './access.ts';
import type { Tokens } from './access.ts';
import { parseGitRequest, repositoryPath } from './git-path.ts';
import { callBackend } from './http-backend.ts';
import { makeLfsForge, parseLfsRequest } from './lfs.ts';
import type { LfsForge } from './lfs.ts';
import { pushReports } from './push-report.ts';
import type { PushReports, RefUpdate } from './push-report.ts';

export interface Push {
  readonly repo: string;
  readonly user: string;
  readonly updates: readonly RefUpdate[];
}

export interface GitServerOptions {
  /** Folder of bare repositories: `root/owner/name.git`. */
  readonly root: string;
  readonly tokens: Tokens;
  readonly port?: number;
  readonly onPush?: (push: Push) => void;
  /** Without Git LFS (false) its addresses are not found, as at a plain git server. */
  readonly lfs?: boolean;
}

/** Trouble to make: the next `failNext` requests are answered with `status`, every request is held for `delayMs`. */
export interface GitTrouble {
  readonly failNext?: number;
  readonly status?: number;
  readonly delayMs?: number;
}

export interface GitServerRequest {
  readonly method: string;
  readonly path: string;
  readonly repo: string | null;
  readonly service: 'git-upload-pack' | 'git-receive-pack' | null;
  readonly user: string | null;
  readonly status: number;
}

export interface GitServer {
  readonly url: string;
  readonly port: number;
  /** The URL to clone `owner/name` from, without a token. */
  repoUrl(name: string): string;
  setTokens(tokens: Tokens): void;
  inject(trouble: GitTrouble): void;
  /** Every request answered since the start, oldest first. */
  requests(): readonly GitServerRequest[];
  /** Refuses connections, and cuts those that are open, until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

interface State {
  tokens: Tokens;
  failNext: number;
  failStatus: number;
  delayMs: number;
  readonly requests: GitServerRequest[];
}

export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const state: State = { tokens: options.tokens, failNext: 0, failStatus: 503, delayMs: 0, requests: [] };
  const reports = await pushReports();
  const lfs = options.lfs === false ? null : makeLfsForge({ root: options.root, url: () => url, tokens: () => state.tokens });
  const listen = () =>
    createServer((request, response) => {
      answer(request, response, { ...options, forge: lfs }, state, reports).catch(() => response.destroy()); // the client sees a broken connection, as from a broken forge
    });
  let server: Server | null = listen();
  const port = await listenOnLoopback(server, options.port ?? 0);
  const url = `http://127.0.0.1:${port}`;
  const down = async () => {
    const open = server;
    server = null;
    if (open !== null) await closeServer(open);
  };
  return {
    url,
    port,
    repoUrl: (name) => `${url}/${name}.git`,
    setTokens: (tokens) => {
      state.tokens = tokens;
    },
    inject: ({ failNext = 0, status = 503, delayMs = 0 }) => Object.assign(state, { failNext, failStatus: status, delayMs }),
    requests: () => [...state.requests],
    down,
    up: async () => {
      if (server !== null) return;
      server = listen();
      await listenOnLoopback(server, port);
    },
    close: async () => {
      await down();
      await reports.close();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: GitServerOptions & { readonly forge: LfsForge | null },
  state: State,
  reports: PushReports,
): Promise<void> {
  const method = request.method ?? 'GET';
  const path = request.url ?? '/';
  const git = parseGitRequest(method, path);
  const log = (status: number, user: string | null = null) =>
    state.requests.push({ method, path, repo: git?.repo ?? null, service: git?.service ?? null, user, status });
  const refuse = (status: number, message: string, user: string | null = null) => {
    log(status, user);
    request.resume();
    response
      .writeHead(status, { 'content-type': 'text/plain', ...(status === 401 && { 'www-authenticate': 'Basic realm="rehearsal forge"' }) })
      .end(`${message}\n`);
  };
  if (state.delayMs > 0) await delay(state.delayMs);
  if (state.failNext > 0) {
    state.failNext -= 1;
    return refuse(state.failStatus, `scripted failure ${state.failStatus}`);
  }
  const lfs = options.forge === null ? null : parseLfsRequest(method, path);
  if (options.forge !== null && lfs !== null) {
    const { status, user } = await options.forge.answer(request, response, lfs);
    return void state.requests.push({ method, path, repo: lfs.repo, service: null, user, status });
  }
  if (git === null) return refuse(404, 'Not found.');
  const push = git.service === 'git-receive-pack';
  const access = accessOf(request, state.tokens, git.repo, push);
  if (!access.ok) return refuse(access.status, access.message);
  if ((await repositoryPath(options.root, git.repo)) === null) return refuse(404, 'Repository not found.', access.user);
  const report = reports.open();
  const status = await callBackend({ request, response, git, root: options.root, user: access.user, environment: report.environment });
  log(status, access.user);
  const updates = git.endpoint === 'git-receive-pack' ? await report.collect() : [];
  if (updates.length > 0) options.onPush?.({ repo: git.repo, user: access.user, updates });
  response.end();
}
