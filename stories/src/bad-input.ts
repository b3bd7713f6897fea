import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import type { BeadId, DoneEvidence, FailureCode, Generation, RigId, RunId } from '@gastown/protocol';
import WebSocket from 'ws';
import { Client } from './client.ts';
import { openTown } from './errands.ts';
import { FakeRunner } from './fake-runner.ts';
import { badForms } from './bad-forms.ts';
import { badImports } from './bad-imports.ts';
import type { House } from './house.ts';
import { refused, type Refusal } from './refused.ts';
import type { Replica } from './replica.ts';
import type { Telling } from './telling.ts';

const RUNNER = /apps\/runner\/src\/main/;
const TOWN = 'zzzzzzzzzzzz';
const DEEP_CALL = `{"t":"call","callId":"c","runId":"run-000000000000","generation":1,"tool":"checkpoint","evidence":null,"args":{"data":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}}`;

/** Every border refuses bad input with a code of the catalogue and a next step, and nothing changes. */
export async function badInput(telling: Telling, house: House): Promise<void> {
  const { client, town, replica, rigs } = await openTown(house, 'Bad input', ['parser']);
  const rig = rigs[0]!;
  await client.command(town, { kind: 'town.pause' });
  const make = async (title: string): Promise<BeadId> =>
    ((await client.command(town, { kind: 'bead.create', rigId: rig.id, title })) as { beadId: BeadId }).beadId;
  const first = await make('The first');
  const second = await make('The second');
  await client.command(town, { kind: 'bead.add_dependency', beadId: second, dependsOn: first });
  await client.command(town, { kind: 'bead.set_status', beadId: await make('A closed one'), status: 'closed' });
  const key = randomUUID();
  await client.command(town, { kind: 'town.rename', name: 'Bad input' }, key);

  const commands = `/api/towns/${town}/commands`;
  const send = (command: unknown, withKey: unknown = randomUUID()): [string, string, unknown] => [
    'POST',
    commands,
    { key: withKey, command },
  ];
  const cases: [string, FailureCode, [string, string, unknown?]][] = [
    ['a body that is not JSON', 'invalid_json', ['POST', commands, '{"key": ']],
    ['a body that is a list', 'invalid_input', ['POST', commands, []]],
    [
      'a body over the limit',
      'too_large',
      ['POST', commands, JSON.stringify({ key: key, command: { kind: 'mayor.tell', text: 'x'.repeat(300_000) } })],
    ],
    ['a JSON bomb', 'invalid_input', ['POST', commands, '['.repeat(5_000) + ']'.repeat(5_000)]],
    ['no key', 'invalid_input', ['POST', commands, { command: { kind: 'town.pause' } }]],
    ['a key that was used for another command', 'conflicting_key', send({ kind: 'town.pause' }, key)],
    ['an unknown command', 'unknown_command', send({ kind: 'town.explode' })],
    ['a blank title', 'invalid_input', send({ kind: 'bead.create', rigId: rig.id, title: '   ' })],
    ['a title that is too long', 'invalid_input', send({ kind: 'bead.create', rigId: rig.id, title: 'x'.repeat(201) })],
    ['a priority that does not exist', 'invalid_input', send({ kind: 'bead.create', rigId: rig.id, title: 'T', priority: 'urgent' })],
    ['labels that are text', 'invalid_input', send({ kind: 'bead.create', rigId: rig.id, title: 'T', labels: 'a,b' })],
    ['a rig id that is none', 'invalid_input', send({ kind: 'bead.create', rigId: "rig-1' OR 1=1 --", title: 'T' })],
    ['a rig that is not there', 'unknown_rig', send({ kind: 'bead.create', rigId: 'rig-00000000', title: 'T' })],
    [
      'a dependency that is not there',
      'unknown_bead',
      send({ kind: 'bead.create', rigId: rig.id, title: 'T', dependsOn: ['gt-00000000'] }),
    ],
    ['a bead that depends on itself', 'self_dependency', send({ kind: 'bead.add_dependency', beadId: first, dependsOn: first })],
    ['a circle of dependencies', 'dependency_cycle', send({ kind: 'bead.add_dependency', beadId: first, dependsOn: second })],
    ['the same bead twice in a row', 'duplicate_bead', send({ kind: 'bead.create', rigId: rig.id, title: 'The first' })],
    ['a change to a bead that is not there', 'unknown_bead', send({ kind: 'bead.update', beadId: 'gt-00000000', title: 'T' })],
    ['a status that does not exist', 'invalid_input', send({ kind: 'bead.set_status', beadId: first, status: 'done' })],
    ['a nudge to nobody', 'unknown_agent', send({ kind: 'agent.nudge', agentId: 'ag-00000000', text: 'hello' })],
    ['an empty message to the Mayor', 'invalid_input', send({ kind: 'mayor.tell', text: '' })],
    ['a negative budget', 'invalid_input', send({ kind: 'town.configure', budgetMicros: -1 })],
    ['an address that is no e-mail', 'invalid_input', send({ kind: 'town.configure', gitEmail: 'nobody' })],
    ['the same repository again', 'duplicate_rig', send({ kind: 'rig.add', name: 'other', gitUrl: rig.gitUrl })],
    [
      'a repository that would run a program',
      'repository_unsafe',
      send({ kind: 'rig.add', name: 'evil', gitUrl: 'ext::sh -c touch% /tmp/owned' }),
    ],
    [
      'a repository that is an option',
      'repository_unsafe',
      send({ kind: 'rig.add', name: 'evil', gitUrl: '--upload-pack=touch /tmp/owned' }),
    ],
    [
      'a token inside the address',
      'repository_unsafe',
      send({ kind: 'rig.add', name: 'leak', gitUrl: 'https://me:secret@127.0.0.1/x/y.git' }),
    ],
    ['a merge request that is not there', 'unknown_merge', send({ kind: 'merge.retry', mergeId: 'mr-00000000' })],
    ['an escalation that is not there', 'unknown_escalation', send({ kind: 'escalation.acknowledge', escalationId: 'es-00000000' })],
    ['an effect that is not there', 'unknown_effect', send({ kind: 'effect.retry', effectId: 'ef-000000000000' })],
    ['a town that is not there', 'unknown_town', ['POST', `/api/towns/${TOWN}/commands`, { key, command: { kind: 'town.pause' } }]],
    ['a town id that is none', 'unknown_town', ['GET', '/api/towns/..%2f..%2fetc/live']],
    ['an address that is not there', 'unknown_route', ['GET', '/api/secrets']],
    ['deleting a town by the wrong name', 'invalid_input', ['DELETE', `/api/towns/${town}`, { name: 'Another' }]],
    ['a town without a name', 'invalid_input', ['POST', '/api/towns', { key, name: '' }]],
    ['a title with a NUL', 'invalid_input', send({ kind: 'bead.create', rigId: rig.id, title: 'a\u0000b' })],
    ['half a character', 'invalid_input', send({ kind: 'bead.create', rigId: rig.id, title: '\ud800' })],
    ['a name that would write on a terminal', 'invalid_input', send({ kind: 'town.rename', name: '\u001b[2Jx' })],
    ['an author that git would refuse', 'invalid_input', send({ kind: 'town.configure', gitName: '<>' })],
    ['a number beyond all numbers', 'invalid_input', send({ kind: 'town.configure', maxPolecats: 1e308 })],
    ['a command called __proto__', 'unknown_command', send({ kind: '__proto__' })],
    ['an encoded slash', 'unknown_route', ['POST', `/api/towns/${town}%2fcommands`, { key, command: { kind: 'town.pause' } }]],
    ['a method that is not offered', 'unknown_route', ['PUT', commands, { key, command: { kind: 'town.pause' } }]],
  ];
  for (const [what, code, [method, path, body]] of cases) await refused(telling, replica, what, code, () => client.ask(method, path, body));

  await oneKeyAtOnce(telling, client, town, rig.id);
  await badBrowsers(telling, replica, house, town);
  await greedyBrowser(telling, client, town);
  await badModelCalls(telling, replica, house);
  await badImports(telling, house, { client, replica, town, rigId: rig.id });
  await badRunner(telling, replica, client, house, town, first);
  await badForms(telling, house, client, town, replica);
  telling.check(
    'the beads are as they were',
    replica.get('beads', first)?.status !== 'failed' && replica.get('beads', second)?.dependsOn.length === 1,
  );
  replica.close();
}

/** Fifty requests with the same key at the same moment are one command (I18); with different commands, one is taken. */
async function oneKeyAtOnce(telling: Telling, client: Client, town: string, rigId: RigId): Promise<void> {
  const create = (title: string, key: string): Promise<unknown> => client.command(town, { kind: 'bead.create', rigId, title }, key);
  const key = randomUUID();
  const same = await Promise.all(Array.from({ length: 50 }, () => create('Once', key)));
  telling.check(
    'the same command with the same key, fifty times at once, acts once',
    new Set(same.map((value) => JSON.stringify(value))).size === 1,
  );
  const other = randomUUID();
  const mixed = await Promise.allSettled(Array.from({ length: 20 }, (_, at) => create(`Number ${at}`, other)));
  telling.check('of twenty commands with one key one is taken', mixed.filter(({ status }) => status === 'fulfilled').length === 1);
  telling.counts['cases'] = (telling.counts['cases'] ?? 0) + 2;
}

/** A page that greets again and again is sent away: each greeting may cost a whole snapshot. */
async function greedyBrowser(telling: Telling, client: Client, town: string): Promise<void> {
  const socket = new WebSocket(`${client.base.replace('http', 'ws')}/api/towns/${town}/live`, { headers: client.headers() });
  const hello = JSON.stringify({ t: 'hello', rev: null, epoch: null });
  socket.on('open', () => socket.send(hello));
  socket.once('message', () => socket.send(hello));
  const reason = await new Promise<string>((resolve) => socket.on('close', (code, why) => resolve(`${code} ${String(why)}`)));
  telling.check(`a second hello on a socket closes it (${reason})`, reason.startsWith('1008 invalid_input'));
}

/** Strangers: no cookie, another site, another host, a link that was used, a deleted session. */
async function badBrowsers(telling: Telling, replica: Replica, house: House, town: string): Promise<void> {
  const body = JSON.stringify({ key: randomUUID(), command: { kind: 'town.pause' } });
  const path = `/api/towns/${town}/commands`;
  const cookie = (await house.freshClient()).headers()['cookie']!;
  const ask = (headers: Record<string, string>, method = 'POST', at = path): Promise<Refusal> =>
    new Promise((resolve, reject) => {
      const asking = request(house.base + at, { method, headers: { 'content-type': 'application/json', ...headers } }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve(JSON.parse(text) as Refusal));
      });
      asking.on('error', reject);
      asking.end(method === 'POST' ? body : undefined);
    });
  const host = new URL(house.base).host;
  await refused(telling, replica, 'no cookie', 'not_signed_in', () => ask({ host, origin: house.base }));
  await refused(telling, replica, 'a cookie that was made up', 'not_signed_in', () =>
    ask({ host, origin: house.base, cookie: 'gastown_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }),
  );
  await refused(telling, replica, 'a request from another site', 'wrong_origin', () =>
    ask({ host, origin: 'http://evil.example', cookie }),
  );
  await refused(telling, replica, 'another name for this machine (DNS rebinding)', 'wrong_host', () =>
    ask({ host: 'evil.example', origin: 'http://evil.example', cookie }),
  );
  await refused(telling, replica, 'the launcher’s own routes', 'wrong_origin', () =>
    ask({ host, origin: house.base, cookie }, 'POST', '/host/sign-in-link'),
  );
  const link = await house.freshLink();
  await Client.signIn(link);
  const again = await fetch(link, { redirect: 'manual' });
  telling.check('a sign-in link works once', again.status === 410 && again.headers.getSetCookie().length === 0);
}

const modelCall = async (house: House, headers: Record<string, string>): Promise<Refusal> => {
  const answer = await fetch(`${house.base}/llm/openai/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"model":"scripted","messages":[]}',
  });
  const { error } = (await answer.json()) as { error?: { code?: string; message?: string } };
  return { ok: answer.ok, failure: { code: String(error?.code), message: String(error?.message) } };
};

async function badModelCalls(telling: Telling, replica: Replica, house: House): Promise<void> {
  await refused(telling, replica, 'a model call without a token', 'model_token_invalid', () => modelCall(house, {}));
  await refused(telling, replica, 'a model call with a forged token', 'model_token_invalid', () =>
    modelCall(house, { authorization: `Bearer gtd.${TOWN}.instance1.pool.00`, 'x-session-id': 'ses_1' }),
  );
}

async function badRunner(telling: Telling, replica: Replica, client: Client, house: House, town: string, beadId: BeadId): Promise<void> {
  for (const [what, token] of [
    ['no token', ''],
    ['a forged token', `gtr.${town}.1.${'0'.repeat(43)}`],
    ['a token of another town', house.runnerToken().replace(town, TOWN)],
  ] as const) {
    const stranger = new FakeRunner(house.base, token);
    telling.check(
      `a runner with ${what} is not let in`,
      await stranger.opened().then(
        () => false,
        () => true,
      ),
    );
  }
  const runner = new FakeRunner(house.base, house.runnerToken());
  house.freeze(RUNNER, 'SIGSTOP'); // or it would dial again
  await runner.opened();
  runner.hello();
  await runner.until('welcome', (heard) => heard.t === 'welcome');
  runner.send({ t: 'door', askId: 'ask-1', pool: 'pool' });
  const door = await runner.until('a door token', (heard) => heard.t === 'door' && heard.token);
  await refused(telling, replica, 'a model call of no run', 'unknown_run', () =>
    modelCall(house, { authorization: `Bearer ${door}`, 'x-session-id': 'ses_unknown' }),
  );
  telling.check('no bad call reached the model', house.model.requests().length === 0);
  await client.command(town, { kind: 'town.resume' });
  const started = await runner.until(
    'a run to start',
    (heard) =>
      heard.t === 'effect' &&
      heard.effect.kind === 'run.start' &&
      heard.effect.context.bead?.id === beadId && { ...heard.effect, effectId: heard.effectId },
  );
  runner.report({
    kind: 'outcome',
    effectId: started.effectId,
    outcome: { state: 'succeeded', value: { kind: 'session', sessionId: 'ses_fake', resumed: false, model: 'scripted' } },
  });
  runner.report({ kind: 'turn.started', runId: started.runId, generation: started.generation, nudgeId: null });
  await replica.until('the run is at work', () => replica.get('runs', started.runId)?.state === 'working');

  const here = { runId: started.runId, generation: started.generation };
  const evidence = (branch: string, ahead: number): DoneEvidence => ({ branch, headCommit: 'a'.repeat(40), ahead, commits: [] });
  const calls: [
    string,
    FailureCode,
    {
      runId: RunId;
      generation: Generation;
      tool: 'sling' | 'done' | 'bead_status' | 'escalate' | 'checkpoint';
      args: unknown;
      evidence?: DoneEvidence;
    },
  ][] = [
    ['a polecat that slings', 'wrong_role', { ...here, tool: 'sling', args: { rig_id: 'rig-00000000', title: 'T' } }],
    [
      'an escalation with a severity that does not exist',
      'invalid_input',
      { ...here, tool: 'escalate', args: { severity: 'terrible', category: 'help', message: 'x' } },
    ],
    ['arguments as text', 'invalid_input', { ...here, tool: 'bead_status', args: '{"bead_id":"gt-1"}' }],
    ['a bead that is not there', 'unknown_bead', { ...here, tool: 'bead_status', args: { bead_id: 'gt-00000000' } }],
    ['a checkpoint that is no object', 'invalid_input', { ...here, tool: 'checkpoint', args: { data: 'text' } }],
    ['a hand-in that nobody saw', 'not_pushed', { ...here, tool: 'done', args: { summary: 'done, believe me' } }],
    [
      'a hand-in of the target branch itself',
      'not_pushed',
      { ...here, tool: 'done', args: { summary: 'x' }, evidence: evidence('main', 1) },
    ],
    [
      'a hand-in of another’s branch',
      'not_pushed',
      { ...here, tool: 'done', args: { summary: 'x' }, evidence: evidence('gt/other/00000000', 1) },
    ],
    [
      'a hand-in with fewer than no commits',
      'nothing_done',
      { ...here, tool: 'done', args: { summary: 'x' }, evidence: evidence(started.context.branch ?? '', -5) },
    ],
    ['a hand-in without a summary', 'invalid_input', { ...here, tool: 'done', args: {} }],
    [
      'a run that is not there',
      'unknown_run',
      { ...here, runId: 'run-000000000000' as RunId, tool: 'bead_status', args: { bead_id: beadId } },
    ],
    [
      'a generation of the future',
      'stale_generation',
      { ...here, generation: 99 as Generation, tool: 'bead_status', args: { bead_id: beadId } },
    ],
  ];
  for (const [what, code, call] of calls) {
    await refused(telling, replica, what, code, async () =>
      runner.call({ ...call, args: call.args as never, evidence: call.evidence ?? null }),
    );
  }
  for (const [what, frame] of [
    ['a frame that is no JSON', 'hello?'],
    ['a frame of an unknown kind', '{"t":"rule_the_world"}'],
    ['a report without a number', '{"t":"report","report":{"kind":"status"}}'],
    ['a call with a note of thousands of levels', DEEP_CALL],
  ] as const) {
    const before = await replica.serverRows();
    const bad = new FakeRunner(house.base, house.runnerToken());
    await bad.opened();
    bad.raw(frame);
    const { code, reason } = await bad.closed;
    telling.check(
      `${what} closes the link with its code (${reason})`,
      code === 1008 && /^invalid_(input|json)/.test(reason) && (await replica.serverRows()) === before,
    );
    telling.counts['cases'] = (telling.counts['cases'] ?? 0) + 1;
  }
  await outOfOrder(telling, replica, house, runner);
  runner.close();
  house.freeze(RUNNER, 'SIGCONT');
}

/** Reports before the greeting, of a run that is not there, and with a number left out: nothing of it is taken. */
async function outOfOrder(telling: Telling, replica: Replica, house: House, runner: FakeRunner): Promise<void> {
  const before = await replica.serverRows();
  const early = new FakeRunner(house.base, house.runnerToken());
  await early.opened();
  early.send({ t: 'report', seq: 1, report: { kind: 'renew', runs: [] } });
  telling.check('a report before hello is sent away', (await early.closed).reason.startsWith('stale_generation'));
  const acknowledged = runner.report({
    kind: 'turn.ended',
    runId: 'run-000000000000' as RunId,
    generation: 1 as Generation,
    stopReason: 'x',
    failure: null,
  });
  await runner.until('the report about no run is acknowledged', (heard) => heard.t === 'ack' && heard.seq === acknowledged);
  telling.check('and changes nothing', (await replica.serverRows()) === before);
  runner.send({ t: 'report', seq: acknowledged + 2, report: { kind: 'renew', runs: [] } });
  telling.check('a report with a number left out closes the link', (await runner.closed).reason.startsWith('invalid_input'));
  telling.counts['cases'] = (telling.counts['cases'] ?? 0) + 3;
}
