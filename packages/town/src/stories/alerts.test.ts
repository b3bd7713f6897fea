import { failure } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, type Story } from '../testing.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const lifecycle = ({ town }: Pick<Story, 'town'>) => town.rows().escalations.filter((one) => one.category === 'lifecycle');
const open = (one: Pick<Story, 'town'>) => lifecycle(one).filter((row) => row.acknowledgedAt === null);

describe('alerts (PT-13)', () => {
  test('a long line of merges is told once, and over when the line is short again', () => {
    const one = story({ 'merge.test': () => null });
    one.town.must({ kind: 'town.configure', patrols: { alertMergeQueue: 3 } });
    const beads = ['a', 'b', 'c'].map((title) => one.wish(title));
    one.runner.work();
    expect(open(one)).toMatchObject([{ beadId: null, severity: 'high', message: expect.stringContaining('3 merge requests') }]);
    one.town.must({ kind: 'bead.set_status', beadId: beads[2]!, status: 'open' });
    expect(open(one)).toEqual([]);
    expect(lifecycle(one)).toMatchObject([{ acknowledgedBy: 'town' }]);
  });

  test('a line that goes up and down by one is one alert, and a bounded number of escalations (I8)', () => {
    const one = story({ 'merge.test': () => null });
    one.town.must({ kind: 'town.configure', patrols: { alertMergeQueue: 8 } });
    const beads = Array.from({ length: 8 }, (_, n) => one.wish(`bead ${n}`));
    one.runner.work();
    for (const beadId of beads.slice(4)) {
      one.town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
      expect(open(one)).toHaveLength(1);
      one.wish(`another after ${beadId}`);
      one.runner.work();
    }
    expect(lifecycle(one)).toHaveLength(1);
  });

  test('what a person acknowledged is not told again at once (ES-4)', () => {
    const one = story({ 'merge.test': () => null });
    one.town.must({ kind: 'town.configure', patrols: { alertMergeQueue: 2 } });
    ['a', 'b'].map((title) => one.wish(title));
    one.runner.work();
    one.town.must({ kind: 'escalation.acknowledge', escalationId: open(one)[0]!.id });
    one.wish('c');
    one.runner.work();
    expect(lifecycle(one)).toHaveLength(1);
  });

  test('an agent whose runs fail again and again, whatever the cause, is told of until the window is over', () => {
    const one = story({
      polecat: (runner, { runId, generation }) =>
        void runner.report({ kind: 'run.lost', runId, generation, failure: failure('model_unreachable') }),
    });
    one.wish('Add X');
    for (let n = 0; n < 15; n += 1) one.town.sleep(MINUTE, () => one.runner.work());
    expect(open(one)).toMatchObject([
      {
        message: expect.stringMatching(
          /^Toast was started again and again: 6 runs failed within 30 minutes, all of them by no fault of its own\.$/,
        ),
      },
    ]);
    one.town.must({ kind: 'town.pause' });
    one.town.sleep(HOUR, () => one.runner.work());
    expect(open(one)).toEqual([]);
    one.town.sleep(24 * HOUR, () => one.runner.work());
    expect(one.town.town.nextWake()).toBeNull();
  });

  test('many escalations within an hour are told; alerts are no evidence for an alert (I8)', () => {
    const one = story({ polecat: silentPolecat });
    one.town.must({ kind: 'town.configure', patrols: { alertEscalationsAnHour: 2, alertMergeQueue: 1 } });
    one.wish('Add X');
    one.runner.work();
    const [start] = one.runner.starts;
    one.runner.tool(start!, 'escalate', { severity: 'low', category: 'help', message: 'How?' });
    expect(open(one)).toEqual([]);
    one.runner.tool(start!, 'escalate', { severity: 'low', category: 'decision', message: 'Which?' });
    expect(open(one)).toHaveLength(1);
    one.town.must({ kind: 'town.pause' });
    one.town.sleep(2 * HOUR, () => one.runner.work());
    expect(open(one)).toEqual([]);
  });

  test('effects that pile up are told, and over when they are done (RC-10)', () => {
    const one = story({}, {});
    one.town.must({ kind: 'town.configure', patrols: { alertEffects: 4 } });
    one.runner.script['run.start'] = () => null;
    for (const name of ['r1', 'r2', 'r3']) one.town.must({ kind: 'rig.add', name, gitUrl: `https://example.test/${name}.git` });
    expect(open(one)).toEqual([]);
    one.town.must({ kind: 'rig.add', name: 'r4', gitUrl: 'https://example.test/r4.git' });
    expect(open(one)).toMatchObject([{ message: expect.stringContaining('4 effects') }]);
    one.runner.work();
    expect(open(one)).toEqual([]);
  });
});

describe('escalations that nobody acknowledges (ES-5)', () => {
  function asked(severity: 'low' | 'high' | 'critical') {
    const one = story({ polecat: silentPolecat });
    one.wish('Add X');
    one.runner.work();
    one.runner.tool(one.runner.starts[0]!, 'escalate', { severity, category: 'decision', message: 'Which colour?' });
    one.town.must({ kind: 'town.pause' });
    const row = () => one.town.rows().escalations.find((each) => each.category === 'decision')!;
    return { ...one, row };
  }
  test('are raised by one severity every four hours, never beyond critical, and a town that waits is quiet then (ES-5, P7)', () => {
    const { town, runner, row } = asked('low');
    town.sleep(4 * HOUR + MINUTE, () => runner.work());
    expect(row().severity).toBe('medium');
    town.sleep(20 * HOUR, () => runner.work());
    expect(row().severity).toBe('critical');
    expect(town.rows().events.filter((event) => event.type === 're_escalated')).toHaveLength(3);
    expect(town.town.nextWake()).toBeNull();
  });
  test('an acknowledged one is never raised (ES-4)', () => {
    const { town, runner, row } = asked('high');
    town.must({ kind: 'escalation.acknowledge', escalationId: row().id });
    town.sleep(20 * HOUR, () => runner.work());
    expect(row().severity).toBe('high');
  });
  test('the same incident is one escalation while it is open, however severe it has become', () => {
    const { town, runner, row } = asked('high');
    town.sleep(5 * HOUR, () => runner.work());
    town.must({ kind: 'town.resume' });
    runner.work();
    const start = runner.starts.at(-1)!;
    runner.tool(start, 'escalate', { severity: 'low', category: 'decision', message: 'Which colour?' });
    expect(town.rows().escalations.filter((each) => each.category === 'decision')).toHaveLength(1);
    expect(row().severity).toBe('critical');
  });
});
