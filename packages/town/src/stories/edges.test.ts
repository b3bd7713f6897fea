import { failure, LIMITS, Sha, type PersonCommand, type ToolName } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { evidence, PERSON, silentPolecat, story, type Story } from '../testing.ts';

const code = (result: { ok: true } | { ok: false; failure: { code: string } }): string => (result.ok ? 'ok' : result.failure.code);

/** A story in which the Mayor has a session and one polecat is in its first turn. */
function busy(): Story & { mayor: Story['runner']['starts'][number]; polecat: Story['runner']['starts'][number] } {
  const one = story({ polecat: silentPolecat });
  one.town.must({ kind: 'mayor.tell', text: 'hello' });
  one.wish('busy');
  one.runner.work();
  const of = (role: string) => one.runner.starts.find((start) => start.context.agent.role === role)!;
  return { ...one, mayor: of('mayor'), polecat: of('polecat') };
}

describe('idempotency (TL-3, I18)', () => {
  test('the same key gives the same answer and does nothing twice; for another command it is refused', () => {
    const { town, rigId } = story();
    town.must({ kind: 'town.pause' });
    const create = (title: string) =>
      town.send({ kind: 'person', secret: null, command: { kind: 'bead.create', rigId, title } }, 'key-00000001', PERSON);
    const first = create('Add X');
    expect(create('Add X')).toEqual(first);
    expect(code(create('Add Y'))).toBe('conflicting_key');
    expect(town.rows().beads).toHaveLength(1);
  });

  test('a secret that is sealed anew for the same request is the same command', () => {
    const { town } = story();
    const add = (sealed: string) =>
      town.send(
        { kind: 'person', secret: { sealed, hint: 'abcd' }, command: { kind: 'rig.add', name: 'two', gitUrl: '/srv/two.git' } },
        'key-00000002',
        PERSON,
      );
    expect(add('one')).toEqual(add('two'));
  });

  test('old keys are forgotten a few at a time', () => {
    const { town, rigId } = story();
    town.must({ kind: 'town.pause' });
    const create = (n: number) =>
      town.send({ kind: 'person', secret: null, command: { kind: 'bead.create', rigId, title: `bead ${n}` } }, `key-${n}`, PERSON);
    for (let n = 0; n < 10; n += 1) create(n);
    town.now += 2 * 86_400_000;
    for (let n = 10; n < 20; n += 1) create(n);
    expect(town.sql.all('SELECT count(*) AS n FROM keys')).toEqual([{ n: 10 }]);
  });

  test('a tool that only reads writes nothing', () => {
    const { runner, mayor, town } = busy();
    expect(town.sql.measure(() => runner.tool(mayor, 'list_beads', {})).rowsWritten).toBe(0);
    expect(town.sql.measure(() => runner.tool(mayor, 'prime', {})).rowsWritten).toBe(0);
  });

  test('a session that is lost after gt_done was done all the same', () => {
    const { runner, polecat, town } = busy();
    runner.done(polecat);
    runner.report({ kind: 'run.lost', runId: polecat.runId, generation: polecat.generation, failure: failure('agent_crashed') });
    expect(town.rows().runs.find((run) => run.id === polecat.runId)).toMatchObject({ endReason: 'done', failure: null });
  });

  test('gt_done called twice hands in once', () => {
    const { runner, polecat, town } = busy();
    const first = runner.done(polecat);
    expect(runner.done(polecat)).toEqual(first);
    expect(town.rows().merges).toHaveLength(1);
  });
});

describe('tools', () => {
  test('a tool outside the role is refused and names the right role (TL-1)', () => {
    const { runner, mayor, polecat, rigId } = busy();
    expect(runner.tool(polecat, 'sling', { rig_id: rigId, title: 'x' })).toMatchObject({
      ok: false,
      failure: { code: 'wrong_role', details: { roles: ['mayor'], role: 'polecat' } },
    });
    expect(code(runner.tool(mayor, 'done', { summary: 'x' }))).toBe('wrong_role');
    expect(code(runner.tool(mayor, 'nonsense' as ToolName, {}))).toBe('unknown_tool');
  });

  test.each([
    ['sling', { rig_id: 'rig-00000000' }, 'title'],
    ['sling', { rig_id: 7, title: 'x' }, 'rig_id'],
    ['sling', { rig_id: 'rig-00000000', title: 'x', depends_on: ['ok', 7] }, 'depends_on[1]'],
    ['sling', { rig_id: 'rig-00000000', title: 'x', metadata: '{"json":"in a string"}' }, 'metadata'],
    ['sling', { rig_id: 'rig-00000000', title: 'x', priority: 'soon' }, 'priority'],
    ['bead_status', {}, 'bead_id'],
    ['escalate', { severity: 'huge', category: 'help', message: 'x' }, 'severity'],
    ['sling', 'not an object', 'arguments'],
  ] as const)('%s with a wrong field is answered with that field (TL-4): %j', (tool, args, field) => {
    const { runner, mayor } = busy();
    expect(runner.tool(mayor, tool, args)).toMatchObject({ ok: false, failure: { code: 'invalid_input', details: { field } } });
  });

  test('unknown fields are ignored; metadata is an object (TL-4, MY-6)', () => {
    const { runner, mayor, rigId } = busy();
    expect(runner.tool(mayor, 'sling', { rig_id: rigId, title: 'x', metadata: { a: [1] }, colour: 'red' }).ok).toBe(true);
  });

  test('sling answers with the place in line, links the bead, and refuses the same wish unless forced (MY-13)', () => {
    const { runner, mayor, rigId, town } = busy();
    town.must({ kind: 'rig.update', rigId, maxPolecats: 1 });
    const sling = (more = {}) => runner.tool(mayor, 'sling', { rig_id: rigId, title: 'Add X', ...more });
    const first = sling();
    expect(first).toMatchObject({ ok: true, value: { data: { place: 1, blocked: false }, links: [{ kind: 'bead' }] } });
    expect(code(sling())).toBe('duplicate_bead');
    expect(sling({ force: true })).toMatchObject({ ok: true, value: { data: { place: 1 } } });
    town.now += LIMITS.duplicateSlingMs.value;
    expect(sling()).toMatchObject({ ok: true, value: { data: { place: 3 } } });
    expect(town.rows().beads.find((bead) => bead.title === 'Add X')?.createdBy).toBe('mayor');
  });

  test('the lists and the status of a bead say why nothing moves (MY-4, MY-17)', () => {
    const { runner, mayor, rigId, town, wish } = busy();
    town.must({ kind: 'rig.update', rigId, maxPolecats: 1 });
    const id = wish('waits');
    expect(runner.tool(mayor, 'list_rigs', {})).toMatchObject({ ok: true, value: { data: [{ rig_id: rigId, polecats: '1 of 1 busy' }] } });
    const beads = runner.tool(mayor, 'list_beads', { status: 'open' });
    expect(beads).toMatchObject({ ok: true, value: { data: [{ bead_id: id, why: 'Waits for a free polecat: 1 of 1 busy in app.' }] } });
    expect(runner.tool(mayor, 'list_agents', {})).toMatchObject({ ok: true, value: { summary: '2 agents.' } });
    expect(runner.tool(mayor, 'bead_status', { bead_id: id })).toMatchObject({ ok: true, value: { data: { status: 'open' } } });
    expect(code(runner.tool(mayor, 'bead_status', { bead_id: 'gt-none' }))).toBe('unknown_bead');
  });

  test('who wants to look into a rig is told which it is, by id or name; a rig of another town, one that was removed or never connected is not (MY-9, MY-11)', () => {
    const { runner, mayor, polecat, rigId, town } = busy();
    const browse = (rig: string, more = {}) => runner.tool(mayor, 'rig_browse', { rig_id: rig, ...more });
    const web = { ok: true, value: { data: { rig_id: rigId, name: 'app', default_branch: 'main', empty: false } } };
    expect(browse(rigId)).toMatchObject(web);
    expect(browse('App', { path: 'src', ref: 'main' })).toMatchObject(web);
    expect(code(browse('rig-ffffffff'))).toBe('unknown_rig');
    expect(code(runner.tool(polecat, 'rig_browse', { rig_id: rigId }))).toBe('wrong_role');
    town.must({ kind: 'rig.add', name: 'new', gitUrl: 'https://forge.invalid/new.git' });
    expect(code(browse('new'))).toBe('repository_unreachable');
    town.must({ kind: 'rig.remove', rigId, force: true });
    expect(code(browse('app'))).toBe('unknown_rig');
  });

  test('commits that seem to be made for something else are kept with the run and told in the ledger (GT-17)', () => {
    const { runner, polecat, town } = busy();
    const seen = evidence(polecat);
    const commits = [
      ...seen.commits,
      { sha: Sha.parse('e'.repeat(40)), subject: 'Not mine', author: 'Bob', at: 1, foreign: 'another_person' as const },
    ];
    expect(runner.tool(polecat, 'done', { summary: 'x' }, { ...seen, ahead: commits.length, commits })).toMatchObject({ ok: true });
    expect(
      town
        .rows()
        .runs.find((run) => run.id === polecat.runId)
        ?.commits.at(-1),
    ).toMatchObject({ subject: 'Not mine', foreign: 'another_person' });
    const handedIn = town.rows().events.filter((event) => 'mergeId' in event.data);
    expect(handedIn.map((event) => event.data)).toContainEqual(expect.objectContaining({ commits: 2, foreign: 1 }));
  });

  test('a checkpoint is told to the next run of the bead (AG-9, DR-12, DR-24)', () => {
    const { runner, polecat, town } = busy();
    runner.tool(polecat, 'checkpoint', { data: { found: 'the bug' } });
    town.must({ kind: 'agent.reset', agentId: polecat.agentId });
    runner.work();
    expect(runner.starts.at(-1)?.context.checkpoint).toEqual({ found: 'the bug' });
    expect(runner.tool(runner.starts.at(-1)!, 'prime', {})).toMatchObject({
      ok: true,
      value: { data: { checkpoint: { found: 'the bug' } } },
    });
  });

  test('an escalation about the same thing is one while it is open; acknowledging closes it (ES-4, ES-5); a landed bead closes its own (ES-6)', () => {
    const { runner, polecat, town } = busy();
    const ask = () => runner.tool(polecat, 'escalate', { severity: 'high', category: 'help', message: 'Which database?' });
    const first = ask();
    expect(ask()).toEqual(first);
    const open = () => town.rows().escalations.filter((one) => one.acknowledgedAt === null);
    expect(open()).toHaveLength(1);
    town.must({ kind: 'escalation.acknowledge', escalationId: open()[0]!.id });
    expect(open()).toHaveLength(0);
    ask();
    runner.done(polecat);
    runner.work();
    expect(town.rows().beads.find((bead) => bead.title === 'busy')?.status).toBe('closed');
    expect(
      town
        .rows()
        .escalations.map((one) => one.acknowledgedBy)
        .toSorted(),
    ).toEqual(['Ada', 'town']);
  });

  test('gt_done believes the branch, not the agent', () => {
    const { runner, polecat, bead } = busy();
    const id = polecat.context.bead!.id;
    const done = (seen: ReturnType<typeof evidence> | null, more = {}) =>
      code(runner.tool(polecat, 'done', { summary: 'x', ...more }, seen));
    expect(done(null)).toBe('not_pushed');
    expect(done(evidence(polecat, 0))).toBe('nothing_done');
    expect(done({ ...evidence(polecat), branch: 'gt/other/12345678' })).toBe('not_pushed');
    expect(bead(id).status).toBe('in_progress');
    expect(done(null, { no_changes: true })).toBe('ok');
    expect(bead(id)).toMatchObject({ status: 'closed', landedCommit: null });
    expect(done(evidence(polecat))).toBe('run_over');
  });
});

const rig = (gitUrl: string, name = 'other'): PersonCommand => ({ kind: 'rig.add', name, gitUrl });

describe('bad input changes nothing and says what is wrong', () => {
  test.each([
    [rig('-oProxyCommand=x'), 'repository_unsafe'],
    [rig('--upload-pack=x'), 'repository_unsafe'],
    [rig('ext::sh -c id'), 'repository_unsafe'],
    [rig('fd::17'), 'repository_unsafe'],
    [rig('https://user:secret@example.test/x.git'), 'repository_unsafe'],
    [rig('https://token@example.test/x.git'), 'repository_unsafe'],
    [rig('ssh://git:pw@example.test/x.git'), 'repository_unsafe'],
    [rig('https://example.test/x\u0007.git'), 'repository_unsafe'],
    [rig('relative/path'), 'repository_unsafe'],
    [rig('/srv/../etc'), 'repository_unsafe'],
    [rig('git@host:-oProxy'), 'repository_unsafe'],
    [rig('ssh://-oProxyCommand=x/y'), 'repository_unsafe'],
    [rig('javascript:alert(1)'), 'repository_unsafe'],
    [rig('https://example.test/x.git', 'APP'), 'duplicate_rig'],
    [rig('HTTPS://Example.test/app'.replace('HTTPS', 'https')), 'duplicate_rig'],
    [{ kind: 'bead.retry', beadId: 'gt-none' }, 'unknown_bead'],
    [{ kind: 'bead.set_status', beadId: 'gt-none', status: 'open' }, 'unknown_bead'],
    [{ kind: 'rig.reconnect', rigId: 'rig-00000000' }, 'unknown_rig'],
    [{ kind: 'rig.set_token', rigId: 'rig-00000000', token: 'x' }, 'unknown_rig'],
    [{ kind: 'bead.create', rigId: 'rig-00000000', title: 'x' }, 'unknown_rig'],
    [{ kind: 'agent.nudge', agentId: 'ag-00000000', text: 'x' }, 'unknown_agent'],
    [{ kind: 'merge.retry', mergeId: 'mr-00000000' }, 'unknown_merge'],
    [{ kind: 'escalation.acknowledge', escalationId: 'es-00000000' }, 'unknown_escalation'],
    [{ kind: 'effect.retry', effectId: 'ef-000000000000' }, 'unknown_effect'],
    [{ kind: 'no.such' }, 'unknown_command'],
  ] as [PersonCommand, string][])('%j → %s', (command, expected) => {
    const { town } = story();
    const before = JSON.stringify(town.rows());
    expect(code(town.person(command))).toBe(expected);
    expect(JSON.stringify(town.rows())).toBe(before);
  });

  test.each([
    'https://example.test/a/b.git',
    'http://127.0.0.1:8080/x',
    'ssh://git@example.test:22/x.git',
    'git@example.test:me/x.git',
    'file:///srv/x',
    '/srv/git/x.git',
  ])('%s is an address that git may be given', (gitUrl) => {
    const { town } = story();
    expect(code(town.person(rig(gitUrl)))).toBe('ok');
  });

  test('a rig with open beads is removed only by force, which closes them with the reason (DL-8)', () => {
    const { town, rigId, wish, bead, runner } = story({ polecat: silentPolecat });
    const id = wish('x');
    runner.work();
    expect(code(town.person({ kind: 'rig.remove', rigId }))).toBe('rig_in_use');
    town.must({ kind: 'rig.remove', rigId, force: true });
    expect(bead(id).status).toBe('closed');
    expect(town.rows().runs[0]).toMatchObject({ state: 'ended', endReason: 'stopped' });
    expect(code(town.person(rig('https://example.test/app.git', 'app')))).toBe('ok');
  });

  test('a person may move a bead anywhere, the event names them, and the consequences follow (ST-14)', () => {
    const { town, wish, bead, runner, runsOf } = story({ polecat: silentPolecat });
    const first = wish('first');
    const second = wish('second', { dependsOn: [first] });
    runner.work();
    town.must({ kind: 'bead.set_status', beadId: first, status: 'closed', reason: 'done by hand' });
    expect(runsOf(first)[0]).toMatchObject({ state: 'ended', endReason: 'stopped' });
    expect(bead(second).status).toBe('in_progress');
    expect(town.rows().events.find((event) => event.beadId === first && event.after === 'closed')).toMatchObject({
      actor: 'Ada',
      data: { reason: 'done by hand' },
    });
    town.must({ kind: 'bead.set_status', beadId: first, status: 'open' });
    expect(bead(first).status).toBe('in_progress');
    expect(code(town.person({ kind: 'bead.set_status', beadId: first, status: 'in_progress' }))).toBe('illegal_transition');
  });
});
