import { HOME_RUNNER, LIMITS, failure } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { setupOf } from '../runs/setup.ts';
import { good, sha, story } from '../testing.ts';

const MINUTE = 60_000;

describe('setup commands (AG-22)', () => {
  const command = (name: string, timeoutMs = MINUTE) => ({ command: name, required: true, timeoutMs });
  test('of the town, or the rig’s own, travel with each start of a polecat, shared ones first; the Mayor gets none', () => {
    const { town, runner, wish, rigId } = story();
    const setup = { shared: [command('npm ci')], polecat: [command('make tools')], refinery: [command('never')] };
    town.must({ kind: 'town.configure', setup });
    wish('one');
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    const of = (title: string | null) =>
      town.handed.flatMap(({ effect }) =>
        effect.kind === 'run.start' && (effect.context.bead?.title ?? null) === title ? [effect.setup] : [],
      );
    expect(of('one')[0]?.map((one) => one.command)).toEqual(['npm ci', 'make tools']);
    expect(of(null)[0]).toEqual([]);
    town.must({ kind: 'rig.update', rigId, setup: { shared: [], polecat: [command('pip install')], refinery: [] } });
    wish('two');
    runner.work();
    expect(of('two')[0]?.map((one) => one.command)).toEqual(['pip install']);
    town.must({ kind: 'rig.update', rigId, setup: null });
    wish('three');
    runner.work();
    expect(of('three')[0]?.map((one) => one.command)).toEqual(['npm ci', 'make tools']);
  });

  test('are for who has a worktree: polecats, and no other', () => {
    const { town, runner, wish, runsOf } = story({ 'run.start': () => null });
    town.must({ kind: 'town.configure', setup: { shared: [command('a')], polecat: [command('b')], refinery: [command('c')] } });
    const [run] = runsOf(wish('one'));
    runner.work();
    const as = (role: string) => {
      town.sql.run('UPDATE agents SET role = ? WHERE id = ?', role, run!.agentId);
      return setupOf(town.sql, run!).map((one) => one.command);
    };
    expect(as('polecat')).toEqual(['a', 'b']);
    expect(as('triage')).toEqual([]);
    expect(setupOf(town.sql, { ...run!, agentId: 'ag-00000000000a' as never })).toEqual([]);
  });

  test('of the refinery travel with each test of a merge, behind the shared ones: the rig’s own, else the town’s', () => {
    const { town, runner, wish, rigId } = story();
    const of = () => town.handed.flatMap(({ effect }) => (effect.kind === 'merge.test' ? [effect.setup.map((one) => one.command)] : []));
    town.must({ kind: 'town.configure', setup: { shared: [command('a')], polecat: [command('b')], refinery: [command('c')] } });
    wish('one');
    runner.work();
    expect(of()).toEqual([['a', 'c']]);
    town.must({ kind: 'rig.update', rigId, setup: { shared: [], polecat: [], refinery: [command('d')] } });
    wish('two');
    runner.work();
    expect(of()).toEqual([['a', 'c'], ['d']]);
  });

  test('of a merge are given their time before its test counts as lost, where there is a gate to prepare for (RC-35)', () => {
    const sent = (gates: string[]): number => {
      const { town, runner, wish, rigId } = story({ 'merge.test': () => null });
      town.must({
        kind: 'town.configure',
        setup: { shared: [command('npm ci', 7 * MINUTE)], polecat: [command('b')], refinery: [command('c')] },
      });
      town.must({ kind: 'rig.update', rigId, gates });
      wish('one');
      runner.work();
      return Number(town.sql.all(`SELECT due_at FROM outbox WHERE kind = 'merge.test'`)[0]!['due_at']) - town.now;
    };
    const rest = LIMITS.cloneTimeoutMs.value + LIMITS.effectTimeoutMs.value;
    expect(sent(['npm test'])).toBe(rest + LIMITS.gateTimeoutMs.value + 8 * MINUTE);
    expect(sent([])).toBe(rest);
  });

  test('of a merge that fail ask a person, with the command and its output, and cost the bead nothing; it is retried when they are mended', () => {
    const why = failure('setup_failed', 'The setup command "npm ci" ended with exit code 7.', {
      command: 'npm ci',
      output: 'no such package',
    });
    const gate = { command: 'npm ci', exitCode: 7, timedOut: false, durationMs: 1, output: 'no such package', truncated: false };
    let mended = false;
    const one = story({
      'merge.test': ({ mergeId }) => {
        const built = { kind: 'tested', baseCommit: sha('base'), mergeCommit: sha(mergeId) } as const;
        return good(
          mended ? { ...built, passed: true, gates: [], failure: null } : { ...built, passed: false, gates: [gate], failure: why },
        );
      },
    });
    const id = one.wish('one');
    one.runner.work();
    expect(one.bead(id)).toMatchObject({ status: 'in_review', attempts: 0, wait: { code: 'needs_person' } });
    expect(one.mergeOf(id)).toMatchObject({ phase: 'failed', failure: { code: 'setup_failed' }, gates: [{ output: 'no such package' }] });
    expect(one.town.rows().escalations).toMatchObject([{ beadId: id, category: 'failed', message: expect.stringContaining('"npm ci"') }]);
    mended = true;
    one.town.must({ kind: 'merge.retry', mergeId: one.mergeOf(id).id });
    one.runner.work();
    expect(one.bead(id).status).toBe('closed');
  });

  test('that take long are given their time before the start counts as lost (RC-35)', () => {
    const { town, runner, wish, bead } = story({ 'run.start': () => null });
    town.must({ kind: 'town.configure', setup: { shared: [command('npm ci', 10 * MINUTE)], polecat: [], refinery: [] } });
    const id = wish('one');
    runner.work();
    town.sleep(11 * MINUTE);
    expect(bead(id)).toMatchObject({ status: 'in_progress', wait: { code: 'agent_starting' } });
    runner.script['run.start'] = ({ runId, model }) => good({ kind: 'session', sessionId: `s-${runId}`, resumed: false, model });
    town.sleep(60 * MINUTE, () => runner.work());
    expect(bead(id).status).toBe('closed');
  });

  test('whose runner says that it is at them go on as long as it says so (RC-35, I3)', () => {
    const { town, runner, wish, runsOf } = story({ 'run.start': () => null });
    town.must({ kind: 'town.configure', setup: { shared: [command('npm ci', 10 * MINUTE)], polecat: [], refinery: [] } });
    const id = wish('one');
    runner.work();
    const [run] = runsOf(id);
    const says = () => runner.report({ kind: 'renew', runs: [{ runId: run!.id, generation: run!.generation, lastActivityAt: town.now }] });
    for (let minutes = 0; minutes < 20; minutes += 1) {
      town.sleep(MINUTE);
      says();
    }
    expect(runsOf(id)).toMatchObject([{ id: run!.id, state: 'starting' }]);
    town.sleep(LIMITS.startTimeoutMs.value);
    expect(runsOf(id)[0]).toMatchObject({ id: run!.id, state: 'ended', failure: { code: 'lease_expired' } });
  });

  test('that fail end the bead with the command and its output, and are not tried again blindly', () => {
    const next = 'Correct the command in Settings › Repositories.';
    const why = failure('setup_failed', 'npm ci: exit 1', { command: 'npm ci', output: 'no such package' }, next);
    const { town, runner, wish, bead } = story({ 'run.start': () => ({ state: 'failed', failure: why, retry: false }) });
    const id = wish('one');
    runner.work();
    expect(bead(id)).toMatchObject({
      status: 'failed',
      failure: { code: 'dispatch_failed', next, details: { code: 'setup_failed', command: 'npm ci', output: 'no such package' } },
    });
    expect(town.handed.filter(({ effect }) => effect.kind === 'run.start')).toHaveLength(1);
  });
});

test('whether agents have users of their own is as the runner says at its hello', () => {
  const { town, runner } = story();
  runner.work();
  expect(town.rows().town[0]?.isolation).toBeNull();
  const hello = { t: 'hello', protocol: 1, instance: runner.instance, agentKinds: ['kilo'], runs: [] } as const;
  town.send({ kind: 'runner.hello', runnerId: HOME_RUNNER, hello: { ...hello, agentKinds: ['kilo'], runs: [], isolation: 'users' } });
  expect(town.rows().town[0]?.isolation).toBe('users');
  town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
  expect(town.rows().town[0]?.isolation).toBe('users');
});
