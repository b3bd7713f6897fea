// Development only. Serves dist/ under the product's content policy and plays a made-up town at /api; nothing here is part of the product.
// `node dev/fixture-server.mjs [port]`. Query of the town id decides nothing; POST /fixture/mode {"mode": "503"|"401"|"403"|"ok"} makes bad days.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import {
  TOWN,
  audit,
  bare,
  beadAnswer,
  beadEvents,
  beadsPage,
  full,
  judge,
  old,
  session,
  spendSeries,
  towns,
  transcript,
  writing,
} from './fixture-town.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
const EPOCH = 'fixture';

export function startFixture(port = 0) {
  let mode = 'ok';
  let rev = 100;
  const live = new Set();
  const data = structuredClone({ [TOWN]: full, p0p0p0p0p0p0: bare });
  const known = structuredClone(towns);

  const push = (town, put) => {
    rev += 1;
    for (const [table, rows] of Object.entries(put))
      for (const row of rows) {
        const all = data[town][table];
        const at = all.findIndex((old) => old.id === row.id);
        if (at < 0) all.push(row);
        else all[at] = row;
      }
    for (const socket of live) if (socket.town === town) socket.send(JSON.stringify({ t: 'delta', rev, epoch: EPOCH, put, drop: {} }));
  };
  const drop = (town, table, id) => {
    rev += 1;
    data[town][table] = data[town][table].filter((row) => row.id !== id);
    for (const socket of live)
      if (socket.town === town) socket.send(JSON.stringify({ t: 'delta', rev, epoch: EPOCH, put: {}, drop: { [table]: [id] } }));
  };
  const change = (town, id, over) => push(town, { beads: [{ ...[...data[town].beads, ...old].find((bead) => bead.id === id), ...over }] });
  /** As the town has it: first what holds it is let go, then its date. */
  const startOne = (town, { id, hold, deferUntil }) =>
    deferUntil !== null && hold !== null && hold !== 'deferred'
      ? change(town, id, { hold: null, wait: { code: 'deferred', ref: null, until: deferUntil } })
      : change(town, id, { hold: null, deferUntil: null, wait: { code: 'no_slot', ref: null, until: null } });
  const refuse = (response, status, code, message, next = 'Try again.') =>
    json(response, { ok: false, failure: { code, message }, next }, status);
  const commands = {
    'town.pause': (town) => push(town, { town: [{ ...data[town].town[0], paused: true }] }),
    'town.resume': (town) => push(town, { town: [{ ...data[town].town[0], paused: false, stopped: false }] }),
    'town.stop': (town) => push(town, { town: [{ ...data[town].town[0], paused: true, stopped: true }] }),
    'spend.limit': (town, { level, id = data[town].town[0].id, ...wish }) => {
      const old = data[town].limits.find((row) => row.id === `${level}:${id}`) ?? { softMicros: null, hardMicros: null };
      const { softMicros = old.softMicros, hardMicros = old.hardMicros } = wish;
      push(town, { limits: [{ id: `${level}:${id}`, level, of: id, softMicros, hardMicros }] });
    },
    'mayor.tell': (town, command) =>
      push(town, {
        nudges: [
          {
            id: `nu-${String(rev).padStart(12, '0')}`,
            agentId: 'ag-00000001',
            text: command.text,
            mode: 'wait-idle',
            source: 'person',
            createdAt: Date.now(),
            state: 'pending',
            deliveredAt: null,
          },
        ],
      }),
    'bead.set_status': (town, command) =>
      push(town, { beads: [{ ...data[town].beads.find((bead) => bead.id === command.beadId), status: command.status }] }),
    'bead.start': (town, command) =>
      command.rigId
        ? data[town].beads
            .filter((bead) => bead.rigId === command.rigId && bead.hold === 'staged')
            .forEach(({ id }) => change(town, id, { hold: null, wait: { code: 'no_slot', ref: null, until: null } }))
        : command.convoyId
          ? data[town].beads
              .filter((bead) => bead.convoyId === command.convoyId && bead.hold === 'staged')
              .forEach(({ id }) => change(town, id, { hold: null, wait: { code: 'no_slot', ref: null, until: null } }))
          : startOne(
              town,
              data[town].beads.find((bead) => bead.id === command.beadId),
            ),
    'bead.unpin': (town, command) => change(town, command.beadId, { hold: 'staged', wait: { code: 'staged', ref: null, until: null } }),
    'bead.pin': (town, command) => change(town, command.beadId, { hold: 'pinned', wait: { code: 'held', ref: null, until: null } }),
    'bead.defer': (town, command) =>
      change(town, command.beadId, {
        hold: command.until === null ? 'deferred' : null,
        deferUntil: command.until,
        wait: { code: 'deferred', ref: null, until: command.until },
      }),
    'bead.archive': (town, command) => command.beadIds.forEach((id) => change(town, id, { archivedAt: Date.now() })),
    'bead.unarchive': (town, command) => command.beadIds.forEach((id) => change(town, id, { archivedAt: null })),
    'bead.update': (town, command) => {
      const { kind: _, beadId, ...change } = command;
      push(town, { beads: [{ ...data[town].beads.find((bead) => bead.id === beadId), ...change }] });
    },
    'escalation.acknowledge': (town, command) =>
      push(town, {
        escalations: [
          { ...data[town].escalations.find((row) => row.id === command.escalationId), acknowledgedAt: Date.now(), acknowledgedBy: 'You' },
        ],
      }),
    'permission.answer': (town, command) =>
      push(town, {
        permissions: [
          {
            ...data[town].permissions.find((row) => row.id === command.permissionId),
            answeredAt: Date.now(),
            answeredBy: 'You',
            decision: command.decision,
          },
        ],
      }),
    'runner.remove': (town, { runnerId }) => drop(town, 'runners', runnerId),
    'rig.add': (town, command) =>
      push(town, {
        rigs: [
          {
            ...full.rigs[0],
            id: 'rig-0000000f',
            name: command.name,
            gitUrl: command.gitUrl,
            gates: command.gates ?? [],
            state: 'connecting',
            busyPolecats: 0,
          },
        ],
      }),
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://fixture');
    if (url.pathname === '/fixture/mode') {
      mode = (await body(request)).mode;
      if (mode !== 'ok') for (const socket of live) socket.terminate();
      return json(response, { ok: true });
    }
    if (!url.pathname.startsWith('/api/')) return serve(url.pathname, response);
    if (mode === '503')
      return refuse(response, 503, 'overloaded', 'The town has too much to do at this moment.', 'Try again in a few seconds.');
    if (mode === '401')
      return refuse(response, 401, 'not_signed_in', 'You are not signed in.', 'Open a new sign-in link: run ./gastown link.');
    if (mode === '403') return refuse(response, 403, 'forbidden', 'You may not do this here.', 'Ask the owner of the town.');
    if (url.pathname === '/api/session') return json(response, { ok: true, value: session });
    if (url.pathname === '/api/towns' && request.method === 'POST') {
      const { name } = await body(request);
      const made = { id: 'n0n0n0n0n0n0', name, createdAt: Date.now() };
      known.push(made);
      data[made.id] = { ...structuredClone(bare), town: [{ ...bare.town[0], ...made, scripted: true }] };
      return json(response, { ok: true, value: made });
    }
    if (url.pathname === '/api/towns') return json(response, { ok: true, value: known });
    const command = /^\/api\/towns\/(\w+)\/commands$/.exec(url.pathname);
    if (command) {
      const { command: wish } = await body(request);
      if (wish.kind === 'bead.retry')
        return refuse(
          response,
          409,
          'illegal_transition',
          'A bead that is in progress cannot be retried.',
          'Wait until its run has ended.',
        );
      commands[wish.kind]?.(command[1], wish);
      return json(response, { ok: true, value: {} });
    }
    if (/\/runners\/[^/]+\/token$/.test(url.pathname))
      return json(response, { ok: true, value: { token: `gtm.${TOWN}.rn-000000000004.2.${'Ab3-'.repeat(10)}xyz` } });
    if (url.pathname.endsWith('/spend')) return json(response, { ok: true, value: spendSeries(Object.fromEntries(url.searchParams)) });
    if (url.pathname.endsWith('/audit')) return json(response, { ok: true, value: audit() });
    const list = /\/towns\/(\w+)\/beads$/.exec(url.pathname);
    if (list) {
      const rows = new Map([...(list[1] === TOWN ? old : []), ...data[list[1]].beads].map((row) => [row.id, row]));
      return json(response, { ok: true, value: beadsPage([...rows.values()], Object.fromEntries(url.searchParams)) });
    }
    const [, asked, ledger] = /\/beads\/([^/]+)(\/events)?$/.exec(url.pathname) ?? [];
    if (asked && ledger) return json(response, { ok: true, value: beadEvents(asked, Number(url.searchParams.get('before') ?? Infinity)) });
    if (asked) {
      const found = beadAnswer(asked);
      if (!found) return refuse(response, 404, 'unknown_bead', `There is no bead "${asked}" in this town.`);
      return json(response, { ok: true, value: found });
    }
    if (url.pathname.endsWith('/import')) {
      const { rig, dry_run: dry, start, after, only } = Object.fromEntries(url.searchParams);
      return json(response, {
        ok: true,
        value: judge(await text(request), { rig, dryRun: dry === '1', start: start === '1', after: Number(after ?? 0), only }),
      });
    }
    if (url.pathname.endsWith('/export'))
      return response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end('{"id":"gt-1a2b3c4d"}\n');
    if (url.pathname.endsWith('/items')) return json(response, { ok: true, value: [] });
    return refuse(response, 404, 'unknown_route', 'There is nothing at this address.');
  });

  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (mode === '503') return socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    if (mode !== 'ok') return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (client) => {
      const found = /^\/api\/towns\/(\w+)\/(?:agents\/([\w-]+)\/)?live$/.exec(request.url);
      if (!found || !data[found[1]]) return client.close();
      client.town = found[1];
      if (!found[2]) {
        live.add(client);
        client.on('close', () => live.delete(client));
      }
      client.on('message', (raw) => {
        const text = String(raw);
        if (text === 'ping') return client.send('pong');
        if (!found[2])
          return client.send(
            JSON.stringify({
              t: 'snapshot',
              rev,
              epoch: EPOCH,
              put: data[client.town],
              leftOut: { closed: client.town === TOWN, archived: false },
            }),
          );
        client.send(
          JSON.stringify({
            t: 'items',
            rev: 50,
            more: false,
            items: transcript.map((item, index) => ({ pos: index + 1, rev: index + 1, item })),
          }),
        );
        client.send(
          JSON.stringify({
            t: 'live',
            id: 'live-1',
            runId: 'run-000000000001',
            kind: 'assistant',
            offset: 0,
            text: writing,
            at: Date.now(),
          }),
        );
      });
    });
  });
  return new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () =>
      resolve({
        port: server.address().port,
        push: (put) => push(TOWN, put),
        stop: () => {
          for (const client of sockets.clients) client.terminate();
          server.close();
        },
      }),
    ),
  );
}

async function serve(path, response) {
  const wanted = normalize(path).replace(/^(\.\.[/\\])+/, '');
  for (const file of [wanted, '/index.html']) {
    if (extname(file) === '') continue;
    try {
      const content = await readFile(join(DIST, file));
      return response
        .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY })
        .end(content);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  response.writeHead(404).end();
}
const json = (response, value, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const text = async (request) => {
  let all = '';
  for await (const part of request) all += part;
  return all;
};
const body = async (request) => JSON.parse(await text(request));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { port } = await startFixture(Number(process.argv[2] ?? 7400));
  console.log(`development fixture on http://127.0.0.1:${port}/t/${TOWN}`);
}
