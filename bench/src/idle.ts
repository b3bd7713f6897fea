import { story } from '@gastown/town/testing';
import type { Measured } from './measured.ts';

const DAY = 86_400_000;
/** A loop that looks every five seconds, beside which a town is quiet. */
const POLLED = DAY / 5_000;

/** P7: a day of a town after its work, and of one that waits for a person: alarms, effects, changes that a page would be sent. */
export async function idle(): Promise<Measured> {
  const towns = { 'work is done': atRest(), 'waits for a person': waiting() };
  const figures = Object.fromEntries(Object.entries(towns).map(([name, town]) => [name, day(town)]));
  const why = Object.entries(figures).flatMap(([name, found]) =>
    Object.entries(found).flatMap(([what, count]) => (count === 0 ? [] : [`a town whose ${name}: ${count} ${what} in a day`])),
  );
  return { ok: why.length === 0, why, figures: { ...figures, wakesOfAPollingLoop: POLLED } };
}

type Town = ReturnType<typeof story>['town'];
function atRest(): Town {
  const { town, runner, wish } = story({}, { check: false });
  for (let place = 0; place < 20; place += 1) wish(`bead ${place}`);
  town.must({ kind: 'mayor.tell', text: 'hello' });
  runner.work();
  town.sleep(DAY, () => runner.work());
  return town;
}
/** A hundred beads in line, a question open, and the town paused. */
function waiting(): Town {
  const { town, runner, wish } = story(
    { polecat: (played, start) => void played.tool(start, 'escalate', { severity: 'low', category: 'decision', message: 'Which?' }) },
    { check: false },
  );
  wish('asks');
  runner.work();
  town.must({ kind: 'town.pause' });
  for (let place = 0; place < 100; place += 1) wish(`bead ${place}`);
  town.sleep(DAY, () => runner.work());
  return town;
}
function day(town: Town): Record<string, number> {
  const [wakes, rev, handed] = [town.wakes, town.town.rev(), town.handed.length];
  const next = town.town.nextWake();
  town.sleep(DAY);
  return {
    alarms: town.wakes - wakes,
    'alarms set': next === null ? 0 : 1,
    changes: town.town.rev() - rev,
    effects: town.handed.length - handed,
  };
}
