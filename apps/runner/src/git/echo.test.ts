import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { gitSurroundings, RIG, tempFolder } from '../testing/fixtures.ts';
import { HOSTILE_CASES } from './echo.hostile.ts';
import { gitFailure } from './failures.ts';

const TOKEN = 'ghx_Zq7+Lw9/Tr2=Xk5';

/** Any six characters of the token, as they are or as somebody reads them out of base64 or hex. */
function holdsToken(text: string): boolean {
  const words = text.split(/[^A-Za-z0-9+/_-]+/);
  const read = words.flatMap((word) =>
    [...[0, 1, 2, 3].map((at) => Buffer.from(word.slice(at), 'base64')), Buffer.from(word, 'hex')].map((bytes) => bytes.toString('latin1')),
  );
  return Array.from({ length: TOKEN.length - 5 }, (_, at) => TOKEN.slice(at, at + 6)).some((part) =>
    [text, decodeURIComponent(text.replaceAll(/%(?![0-9A-F]{2})/g, '%25')), ...read].some((each) => each.includes(part)),
  );
}

async function serverThatSays(says: (authorization: string) => { status: number; text: string }): Promise<string> {
  const server = createServer((request, response) => {
    const { status, text } = says(request.headers.authorization ?? '');
    response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test(`${HOSTILE_CASES.length} servers that repeat what they were sent: git's words have nothing of the token in them (I16, GT-7)`, async () => {
  const folder = tempFolder();
  const { remotes } = await gitSurroundings(folder, () => TOKEN);
  for (const { id, status, says } of HOSTILE_CASES) {
    const seen: string[] = [];
    const url = await serverThatSays(
      (authorization) => (seen.push(authorization), { status, text: says({ authorization, token: TOKEN }) }),
    );
    const output = await remotes.run(RIG, `${url}/acme/web.git`, { cwd: folder }, (address) => ['ls-remote', '--', address]);
    if (!output.ok) throw new Error(id);
    const { error, out } = output.value;
    expect([id, seen[0]]).toEqual([id, `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`]);
    // What it said is there, and not the secret in it.
    expect([id, error]).toEqual([id, expect.stringMatching(/(?:^remote: | error)[^]*fatal: /)]);
    expect([id, holdsToken(`${error}\n${out}`), holdsToken(JSON.stringify(gitFailure(output.value, 'x')))]).toEqual([id, false, false]);
  }
});
