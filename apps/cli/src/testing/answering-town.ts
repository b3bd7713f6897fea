import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { openStateFolder } from '../state/folder.ts';
import { openKeys } from '../state/keys.ts';
import { takeLock } from '../state/lock.ts';

export interface Asked {
  readonly url: string;
  readonly key: string | undefined;
  readonly body: string;
}
export interface Answer {
  readonly status?: number;
  readonly body: string;
  readonly breaksOff?: boolean;
}
export const value = (it: unknown): Answer => ({ body: JSON.stringify({ ok: true, value: it }) });

/** A running town that says what a test lets it say, and remembers what it was asked. */
export async function answeringTown(answers: (url: string) => Answer): Promise<{ state: string; asked: Asked[]; close(): void }> {
  const state = mkdtempSync(path.join(os.tmpdir(), 'gastown-beads-'));
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      asked.push({ url: request.url ?? '', key: request.headers['x-host-key']?.toString(), body });
      const answer = answers(request.url ?? '');
      if (answer.breaksOff)
        response.writeHead(200, { 'content-length': answer.body.length + 1 }).write(answer.body, () => response.destroy());
      else response.writeHead(answer.status ?? 200).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const folder = openStateFolder(state, '0.1.0');
  if (!folder.ok) throw new Error(folder.failure.message);
  openKeys(folder.value);
  const lock = takeLock(folder.value.lock, { version: '0.1.0', demo: false, startedAt: 1, port: 1 });
  if (!lock.ok) throw new Error(lock.failure.message);
  lock.value.update({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const close = (): void => {
    server.close();
    rmSync(state, { recursive: true, force: true });
  };
  return { state, asked, close };
}
