import { NO_USAGE } from '@gastown/protocol';
import { memorySql, scriptedRunner, type ScriptedRunner, type TestTown } from '@gastown/town/testing';
import { filled } from './cases/filled.ts';
import { figures } from './figures.ts';
import type { Measured } from './measured.ts';

const BEADS = 5_000;
const CHANGES = 2_000;
const CALLS_OF_A_BEAD = 10;
const HOUR = 3_600_000;
const SHARE = 0.2;

/** P10: a page was away for an hour in which 2,000 changes happened. What it gets, beside a whole snapshot. */
export async function reconnect(n: number): Promise<Measured> {
  const { town } = filled(memorySql(), BEADS, (place) => (place % 10 < 3 ? { after: [place + 3] } : {}));
  const runner = scriptedRunner(town, { polecat: atWork });
  runner.hello();
  town.must({ kind: 'town.resume' });
  const rev = town.town.rev();
  anHour(town, runner);
  const [frame] = [town.town.since(rev)];
  const bytes = { delta: JSON.stringify(frame).length, snapshot: JSON.stringify(town.town.snapshot()).length };
  const share = Math.round((bytes.delta / bytes.snapshot) * 1_000) / 1_000;
  const [ours, whole]: [number[], number[]] = [[], []];
  for (let round = 0; round < n; round += 1) {
    ours.push(timed(() => JSON.stringify(town.town.since(rev))));
    whole.push(timed(() => JSON.stringify(town.town.snapshot())));
  }
  const why = [
    ...(frame.t === 'delta' ? [] : ['a page that was away for an hour gets a whole snapshot']),
    ...(share > SHARE ? [`it gets ${share} of a whole snapshot, more than ${SHARE}`] : []),
  ];
  const rows = Object.fromEntries(Object.entries(frame.put).map(([table, found]) => [table, found?.length]));
  return {
    ok: why.length === 0,
    why,
    figures: { changes: town.town.rev() - rev, rows, bytes, share, goalMs: 300, ms: figures(ours), snapshotMs: figures(whole) },
  };
}

/** A polecat's turn: each model call is a change, for what it cost is shown. */
function atWork(runner: ScriptedRunner, start: ScriptedRunner['starts'][number]): void {
  runner.turn(start, null, null, () => {
    for (let call = 0; call < CALLS_OF_A_BEAD; call += 1)
      runner.test.send({
        kind: 'spend',
        runId: start.runId,
        usage: { ...NO_USAGE, inputTokens: 9_000, outputTokens: 300, costMicros: 12_000 },
        model: 'm',
      });
    runner.done(start);
  });
}

/** Work as it goes on: beads are made, worked on, tested and landed, one change after the other. */
function anHour(town: TestTown, runner: ScriptedRunner): void {
  const rev = town.town.rev();
  while (town.town.rev() - rev < CHANGES) {
    const due = town.take();
    if (due.length === 0) throw new Error('the town rests');
    for (const one of due) {
      runner.perform(one);
      town.now += HOUR / CHANGES;
    }
  }
}

function timed(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}
