import { failure, type Report } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, type Story } from '../testing.ts';

/** A report is heard by a town in which the rule that draws the consequences of ended runs is broken and left out (RC-15). */
function hear({ town, runner }: Story, report: Report): void {
  const command = { kind: 'runner.report', instance: runner.instance, seq: (runner.seq += 1), report } as const;
  const moment = { now: town.now, random: (bytes: number) => 'ab'.repeat(bytes) };
  town.town.handle({ key: null, actor: { kind: 'runner', instance: runner.instance }, command }, moment, new Set(['runs']));
}

describe('what a broken rule left undone', () => {
  test('is done when a runner says hello to a town that works again: a bead whose run ended goes back in line with its attempt counted, and is done (RC-15, I3)', () => {
    const one = story({ polecat: silentPolecat }, { check: false });
    const beadId = one.wish('first');
    one.runner.work();
    const [run] = one.runsOf(beadId);
    hear(one, { kind: 'run.lost', runId: run!.id, generation: run!.generation, failure: failure('agent_crashed') });
    expect(one.bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
    one.runner.hello();
    expect(one.bead(beadId)).toMatchObject({ attempts: 1 });
    expect(one.runsOf(beadId)).toMatchObject([{ state: 'ended' }, { state: 'starting' }]);
    one.runner.hello();
    expect(one.bead(beadId)).toMatchObject({ attempts: 1 });
    one.runner.script.polecat = (runner, start) => runner.turn(start, null, null, () => void runner.done(start));
    one.town.sleep(60_000, () => one.runner.work());
    expect(one.bead(beadId).status).toBe('closed');
  });
});
