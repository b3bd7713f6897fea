import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Result, Role, ToolAnswer } from '@gastown/protocol';
import { until } from '../testing/until.ts';
import { openToolServer } from './server.ts';
import type { CheckedCall } from './tools.ts';

/** Another process with the stolen address, below this one. */
async function stranger(url: string): Promise<{ status: number; pid: number }> {
  const script = `
    const answer = await fetch(process.argv[1], { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' } });
    console.log(JSON.stringify({ status: answer.status, pid: process.pid }));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script, url]);
  return JSON.parse(stdout) as { status: number; pid: number };
}

const MADE = ok({ summary: 'Made gt-1.', data: { id: 'gt-1' }, links: [] });
async function setUp(role: Role, answer: Result<ToolAnswer> = MADE, doorUrl = 'http://127.0.0.1:9') {
  const logged: Record<string, unknown>[] = [];
  const server = await openToolServer((event, fields = {}) => void logged.push({ event, ...fields }), doorUrl);
  onTestFinished(() => server.close());
  const calls: CheckedCall[] = [];
  const guest = server.admit({
    role,
    instructions: 'You are Toast.',
    call: (call) => {
      calls.push(call);
      return Promise.resolve(answer);
    },
    doorToken: () => Promise.resolve('gtd.token'),
  });
  const post = async (body: unknown, url = guest.url) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text.startsWith('{') ? (JSON.parse(text) as { result?: Record<string, unknown>; error?: { code: number } }) : {},
    };
  };
  const ask = async (method: string, params: object = {}) => (await post({ jsonrpc: '2.0', id: 1, method, params })).body;
  const use = (name: string, args: unknown) => ask('tools/call', { name, arguments: args });
  return { guest, post, ask, use, calls, logged };
}

test('the instructions of the run come with the greeting', async () => {
  const { ask } = await setUp('polecat');
  const greeted = await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } });
  expect(greeted.result).toMatchObject({ serverInfo: { name: 'gt' }, instructions: 'You are Toast.' });
});

test.each([
  ['polecat', ['summary'], ['bead_status', 'prime', 'done', 'checkpoint', 'escalate', 'mail_send', 'mol_advance'], ['sling', 'bead_fail']],
  ['mayor', undefined, ['list_rigs', 'list_beads', 'bead_status', 'sling', 'prime', 'triage_resolve', 'mail_send'], ['done', 'bead_close']],
] as const)('a %s sees its own tools only, with their schema (TL-1)', async (role, required, has, lacks) => {
  const { ask } = await setUp(role);
  const listed = (await ask('tools/list')).result?.['tools'] as { name: string; inputSchema: { type: string; required?: string[] } }[];
  const names = listed.map((tool) => tool.name);
  expect(names).toEqual(expect.arrayContaining([...has]));
  expect(names.filter((name) => (lacks as readonly string[]).includes(name))).toEqual([]);
  expect(listed.every((tool) => tool.inputSchema.type === 'object')).toBe(true);
  expect(listed.find((tool) => tool.name === 'done')?.inputSchema.required).toEqual(required);
});

test('a call reaches the town with clean arguments, and its answer begins with the summary', async () => {
  const { use, calls } = await setUp('polecat');
  expect((await use('done', { summary: '  all done ', made_up: 1 })).result).toEqual({
    content: [
      { type: 'text', text: 'Made gt-1.' },
      { type: 'text', text: '{\n  "id": "gt-1"\n}' },
    ],
  });
  expect(calls).toEqual([{ tool: 'done', args: { summary: 'all done' } }]);
});

test.each([
  ['sling', { rig_id: 'rig-00000001', title: 'x' }, /wrong_role.*gt_sling is for the role mayor.*polecat/s],
  ['done', { summary: 7 }, /invalid_input.*summary/s],
  ['done', {}, /invalid_input.*summary/s],
  ['escalate', { severity: 'huge', category: 'help', message: 'x' }, /invalid_input.*severity/s],
  ['drop_everything', {}, /unknown_tool.*gt_done/s],
])('%s with %j is a tool error that says what to do, and reaches nobody (TL-1, TL-4)', async (name, args, says) => {
  const { use, calls } = await setUp('polecat');
  const { result } = await use(name, args);
  expect(result).toMatchObject({ isError: true });
  expect(JSON.stringify(result)).toMatch(says);
  expect(JSON.stringify(result)).toContain('Next: ');
  expect(calls).toEqual([]);
});

test('a refusal of the town is a tool error with its code and the next step', async () => {
  const { use } = await setUp('polecat', refuse(failure('stale_generation')));
  expect((await use('done', { summary: 'x' })).result).toEqual({
    isError: true,
    content: [
      {
        type: 'text',
        text: 'Refused (stale_generation): This run was replaced by a newer one.\nNext: Stop; nothing you do here counts any more.',
      },
    ],
  });
});

test('an unknown method is answered as such and does not hang', async () => {
  const { ask } = await setUp('polecat');
  expect((await ask('server/discover')).error).toMatchObject({ code: -32601 });
});

test('after the end of its run a secret opens nothing; neither does a made-up one', async () => {
  const { guest, post } = await setUp('polecat');
  expect((await post({}, guest.url.replace(/[^/]+$/, 'A'.repeat(32)))).status).toBe(404);
  guest.dismiss();
  expect((await post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })).status).toBe(404);
});

test('what is not JSON, or not POST, is refused', async () => {
  const { guest, post } = await setUp('polecat');
  expect((await post('{"broken')).status).toBe(400);
  expect((await fetch(guest.url)).status).toBe(405);
});

test("a stolen address opens nothing for another process: the agent's own goes on, and the log names the stranger without the secret (design/runner.md §1)", async () => {
  const { guest, ask, logged, calls } = await setUp('polecat');
  guest.from(process.pid);
  expect((await ask('tools/list')).result).toBeDefined();
  const { status, pid } = await stranger(guest.url);
  expect(status).toBe(403);
  expect(logged).toEqual([{ event: 'tools.stranger', pid, command: expect.stringContaining('/mcp/****'), role: 'polecat' }]);
  expect((await ask('tools/list')).result).toBeDefined();
  expect(calls).toEqual([]);
});

test("an address of one's own with the port of the agent's connection does not make one the agent", async () => {
  const { guest, post, logged, calls } = await setUp('polecat');
  guest.from(process.pid);
  const { hostname, port: toolPort } = new URL(guest.url);
  const agents = connect({ host: hostname, port: Number(toolPort) });
  onTestFinished(() => void agents.destroy());
  await once(agents, 'connect');
  expect((await post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })).status).toBe(200);
  const thief = `import { request } from 'node:http';
    const [url, localAddress, port] = process.argv.slice(1);
    const sent = request(url, { method: 'POST', localAddress, localPort: Number(port), headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' } },
      (answer) => { console.log(answer.statusCode); process.exit(); });
    sent.end('{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}');`;
  const steal = async (address: string) =>
    (await execa(process.execPath, ['--input-type=module', '-e', thief, guest.url, address, String(agents.localPort)])).stdout;
  expect([await steal('127.0.0.2'), await steal('127.0.0.3')]).toEqual(['403', '403']);
  expect(logged).toMatchObject([{ event: 'tools.stranger', command: expect.stringContaining('127.0.0.2') }, { event: 'tools.stranger' }]);
  expect(calls).toEqual([]);
});

test('of connections that say nothing the oldest are closed, never one of the agent', async () => {
  const { guest, ask } = await setUp('polecat');
  guest.from(process.pid);
  const { hostname, port } = new URL(guest.url);
  const agents = connect({ host: hostname, port: Number(port) });
  const silent: Socket[] = [];
  onTestFinished(() => [agents, ...silent].forEach((socket) => socket.destroy()));
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}';
  const call = async () => {
    agents.write(
      `POST ${new URL(guest.url).pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\naccept: application/json, text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    return String((await once(agents, 'data'))[0]).split('\r\n')[0];
  };
  expect(await call()).toBe('HTTP/1.1 200 OK');
  for (let at = 0; at < 300; at++) {
    const socket = connect({ host: hostname, port: Number(port) });
    silent.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
  }
  await until('the oldest are closed', () => silent[0]!.destroyed);
  expect(silent.at(-1)!.destroyed).toBe(false);
  expect(await call()).toBe('HTTP/1.1 200 OK');
  expect((await ask('tools/list')).result).toBeDefined();
});

test('a call whose connection was closed meanwhile is nobody’s: the log names no stranger', async () => {
  const { guest, ask, logged } = await setUp('polecat');
  guest.from(process.pid);
  await ask('tools/list');
  const { hostname, port, pathname } = new URL(guest.url);
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}';
  const head = `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\naccept: application/json, text/event-stream\r\ncontent-type: application/json`;
  let most = 0;
  const watch = setInterval(
    () => (most = Math.max(most, process.getActiveResourcesInfo().filter((each) => each === 'FSReqPromise').length)),
    1,
  );
  onTestFinished(() => clearInterval(watch));
  const left = Array.from({ length: 400 }, () => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    return new Promise<void>((resolve) => {
      socket.once('data', () => socket.destroy());
      socket.once('close', () => resolve());
    });
  });
  await Promise.all(left);
  expect((await ask('tools/list')).result).toBeDefined();
  expect(logged).toEqual([]);
  // Who called is looked up one after the other.
  expect(most).toBeLessThan(20);
});

test('an agent that is an adapter around a program calls from that program: whoever comes first below it, and then nobody else', async () => {
  const { guest, logged } = await setUp('polecat');
  guest.from(process.pid);
  const program = `import { spawnSync } from 'node:child_process';
    const call = () => fetch(process.argv[1], { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' } });
    const first = (await call()).status;
    const shell = spawnSync(process.execPath, ['--input-type=module', '-e', 'console.log((await fetch(process.argv[1], { method: "POST", body: "{}" })).status)', process.argv[1]], { encoding: 'utf8' });
    console.log(JSON.stringify([first, Number(shell.stdout), (await call()).status]));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', program, guest.url]);
  expect(JSON.parse(stdout)).toEqual([200, 403, 200]);
  expect(logged).toMatchObject([{ event: 'tools.stranger' }]);
});

test('a process that is not below the agent is a stranger, also when it comes first', async () => {
  const { guest, post } = await setUp('polecat');
  const other = execa('sleep', ['300']);
  guest.from(other.pid!);
  expect((await post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })).status).toBe(403);
  other.kill();
  await other.catch(() => undefined);
});

test.each([
  ['another name for this address', { host: 'evil.example:80' }],
  ['a page in a browser', { origin: 'http://evil.example' }],
])('%s is refused', async (_what, headers) => {
  const { guest } = await setUp('polecat');
  const status = await new Promise((resolve, reject) => {
    const sent = request(guest.url, { method: 'POST', headers }, (answer) => resolve(answer.statusCode));
    sent.on('error', reject);
    sent.end('{}');
  });
  expect(status).toBe(403);
});

test('a call that is too large is read to its end and refused with what to do, and the next one is answered on the same connection', async () => {
  const { guest } = await setUp('polecat');
  const { hostname, port, pathname } = new URL(guest.url);
  const socket = connect({ host: hostname, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  let heard = '';
  socket.on('data', (data: Buffer) => (heard += data.toString()));
  const send = (body: string): void => {
    socket.write(`POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\naccept: application/json, text/event-stream\r\n`);
    socket.write(`content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  };
  send('x'.repeat(LIMITS.frameBytes.value * 8));
  await until('it is refused', () => heard.includes('Next:'));
  expect(heard).toMatch(/^HTTP\/1\.1 413 [^]*Refused \(too_large\): A call takes at most 1048576 bytes\.\nNext: Send less at once\./);
  heard = '';
  send('{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}');
  await until('the next is answered', () => heard.includes('"tools"'));
});

test('a body without end is cut off', async () => {
  const { guest } = await setUp('polecat');
  const { hostname, port, pathname } = new URL(guest.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  const piece = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
  let sent = 0;
  const pour = (): void => {
    while (!socket.destroyed && sent++ < 200 && socket.write(piece));
    if (!socket.destroyed && sent < 200) socket.once('drain', pour);
  };
  pour();
  await closed;
  expect(sent).toBeLessThan(100);
});
