import type { FromRunner } from '@gastown/protocol';
import { env } from 'cloudflare:workers';
import { randomHex } from '../src/secrets/bytes.ts';
import { runnerToken } from '../src/secrets/tokens.ts';
import { ask } from './client.ts';
import { clientOf, type Client } from './sockets.ts';

/** The token of the container's runner, of its first start if nothing else is said. */
export const homeToken = (townId: string, start = 1): Promise<string> => runnerToken(env.SEAL_KEY, townId, start);

/** A runner's side of the link, as far as the Worker can tell; the container's, unless another token is given. */
export async function dial(townId: string, given?: string): Promise<Client> {
  const token = given ?? (await homeToken(townId));
  return clientOf(await ask('/runner/link', { headers: { upgrade: 'websocket', authorization: `Bearer ${token}` } }));
}
export const helloOf = (instance: string): FromRunner => ({ t: 'hello', protocol: 1, instance, agentKinds: ['kilo'], runs: [] });

export async function runnerOf(
  townId: string,
  instance = `runner-${randomHex(4)}`,
  token?: string,
): Promise<Client & { instance: string }> {
  const client = await dial(townId, token);
  client.send(helloOf(instance));
  await client.until(({ t }) => t === 'welcome');
  return { ...client, instance };
}

export async function watch(
  townId: string,
  cookie: string,
  from: { rev: number | null; epoch: string | null } = { rev: null, epoch: null },
): Promise<Client> {
  const client = clientOf(
    await ask(`/api/towns/${townId}/live`, { cookie, headers: { upgrade: 'websocket', origin: 'http://town.test' } }),
  );
  client.send({ t: 'hello', ...from });
  await client.until(({ t }) => t === 'snapshot' || t === 'delta');
  return client;
}
