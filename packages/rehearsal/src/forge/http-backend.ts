import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GitRequest } from './git-path.ts';

export interface BackendCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly git: GitRequest;
  readonly root: string;
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Cut off in the middle of what it is sent it reads the end again and again for ever; then these seconds of a processor are its last. */
const BACKEND = 'ulimit -t 10; exec git http-backend';

/** Lets `git http-backend` answer the request (CGI). Resolves to the status that was sent, after git has ended. */
export function callBackend(call: BackendCall): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', BACKEND], { env: cgiEnvironment(call), stdio: ['pipe', 'pipe', 'ignore'] });
    const { request, response } = call;
    const head: Buffer[] = [];
    let status: number | null = null;
    request.pipe(child.stdin);
    child.stdin.on('error', () => undefined); // git left before it had read everything: its answer tells why
    child.stdout.on('data', (data: Buffer) => {
      if (status !== null) return forward(data);
      head.push(data);
      const all = Buffer.concat(head);
      const end = all.indexOf('\r\n\r\n');
      if (end < 0) return;
      const headers = cgiHeaders(all.subarray(0, end).toString('latin1'));
      status = headers.status;
      response.writeHead(status, headers.fields);
      forward(all.subarray(end + 4));
    });
    const forward = (data: Buffer) => {
      if (response.write(data)) return;
      child.stdout.pause();
      response.once('drain', () => child.stdout.resume());
    };
    response.once('close', () => {
      if (child.exitCode === null && !response.writableFinished) child.kill();
    });
    child.on('error', reject);
    child.on('close', () => {
      if (status === null) response.writeHead(500);
      resolve(status ?? 500);
    });
  });
}

function cgiEnvironment({ request, git, root, user, environment }: BackendCall): Record<string, string> {
  const { headers } = request;
  return {
    PATH: process.env['PATH'] ?? '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${git.repo}.git/${git.endpoint}`,
    QUERY_STRING: git.endpoint === 'info/refs' ? `service=${git.service}` : '',
    REQUEST_METHOD: request.method ?? 'GET',
    CONTENT_TYPE: headers['content-type'] ?? '',
    ...(headers['content-length'] !== undefined && { CONTENT_LENGTH: headers['content-length'] }),
    ...(headers['content-encoding'] !== undefined && { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    REMOTE_USER: user,
    REMOTE_ADDR: '127.0.0.1',
    ...environment,
  };
}

function cgiHeaders(text: string): { status: number; fields: Record<string, string> } {
  const fields: Record<string, string> = {};
  let status = 200;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else fields[name] = value;
  }
  return { status, fields };
}
