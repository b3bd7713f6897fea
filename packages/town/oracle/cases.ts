import { BeadId, failure, LIMITS } from '@gastown/protocol';
import { story, type Story } from '../src/testing.ts';
import { blocks, bring, line, quiet } from '../src/testing/bring.ts';
import { answerTo, ON_PURPOSE, type ReadyCase } from '../src/testing/ready-cases.ts';
import { jsonOf } from './data.ts';
import { differs, report, same, type Report } from './report.ts';

export function readyCases(): Report {
  const into = report('semantics ready');
  const { cases } = jsonOf<{ cases: ReadyCase[] }>('semantics/ready-cases.json');
  for (const one of cases) {
    const why = ON_PURPOSE[one.id];
    if (why === undefined) same(into, one.id, answerTo(one), []);
    else differs(into, one.id, why);
  }
  return into;
}

interface Dispatch {
  readonly plan: { readonly cases: { capacity: number; batch: number; ready: number; dispatch: number; reason: string }[] };
  readonly circuit_breaker: {
    readonly by_failures: Record<string, string>;
    readonly filter_cases: { failures: (number | null)[]; kept: number }[];
  };
  readonly blocker_aware: { readonly queued: string[]; readonly ready: string[]; readonly dispatched: string[] };
}
export function dispatchCases(): Report {
  const into = report('semantics dispatch');
  const { plan, circuit_breaker: breaker, blocker_aware: aware } = jsonOf<Dispatch>('semantics/dispatch-cases.json');
  for (const { capacity, batch, ready, dispatch, reason } of plan.cases) {
    const name = `capacity ${capacity}, batch ${batch}, ready ${ready}`;
    if (reason === 'batch' && capacity > batch) differs(into, name, 'there are no batches: what is ready and has a slot begins at once');
    else same(into, name, begun(ready, Math.max(0, capacity)), dispatch);
  }
  for (const [failures, verdict] of Object.entries(breaker.by_failures))
    same(into, `${failures} failures`, goesOn(Number(failures)) ? 'retry' : 'quarantine', verdict);
  for (const { failures, kept } of breaker.filter_cases)
    same(into, `failures ${failures.join()}`, failures.filter((count) => goesOn(count ?? 0)).length, kept);
  const one = quiet();
  bring(
    one,
    ['z', ...aware.queued].map((id) =>
      line({ id, title: id, dependencies: aware.ready.includes(id) || id === 'z' ? [] : [blocks(id, 'z')] }),
    ),
  );
  for (const id of aware.queued) one.town.must({ kind: 'bead.start', beadId: id as BeadId });
  one.town.must({ kind: 'town.resume' });
  same(into, 'only what is not blocked', atWork(one), aware.dispatched);
  for (const table of ['vars_text', 'account_rotation', 'near_limit_text', 'hard_limit_text', 'reset_time'])
    differs(
      into,
      table,
      'no accounts are rotated and no limits are read from the text of a terminal: the model door counts and the provider answers',
    );
  return into;
}
const atWork = ({ town }: Story): string[] =>
  town
    .rows()
    .runs.flatMap(({ beadId }) => beadId ?? [])
    .toSorted();
function begun(ready: number, capacity: number): number {
  const one = story();
  one.town.must({ kind: 'town.pause' });
  one.town.must({ kind: 'town.configure', maxPolecats: 1_000 });
  one.town.must({ kind: 'rig.update', rigId: one.rigId, maxPolecats: capacity });
  for (let n = 0; n < ready; n += 1) one.wish(`bead ${n}`);
  one.town.must({ kind: 'town.resume' });
  return atWork(one).length;
}
/** A bead whose runs fail so often: does the scheduler take it up again? More than the last allowed failure cannot be. */
function goesOn(failures: number): boolean {
  let lost = 0;
  const one = story({
    polecat(runner, start) {
      const { runId, generation } = start;
      if (lost >= failures) return runner.turn(start, null, null, () => void runner.done(start));
      lost += 1;
      runner.report({ kind: 'turn.started', runId, generation, nudgeId: null });
      runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
    },
  });
  const id = one.wish('fails');
  one.runner.work();
  one.town.sleep(60 * LIMITS.effectRetryCapMs.value, () => one.runner.work());
  return one.bead(id).status !== 'failed';
}

interface Ids {
  readonly child_ids: { parent: string; n: number; id: string }[];
  readonly parse: { id: string }[];
  readonly waits_for_gate: { metadata: string; gate: string }[];
  readonly affects_ready: Record<string, boolean>;
  readonly failure_close_words: { failed: string[]; not_failed: string[] };
  readonly custom_status: { ok: boolean; list?: [string, string][] }[];
}
export function idCases(): Report {
  const into = report('semantics ids');
  const table = jsonOf<Ids>('semantics/id-and-config-cases.json');
  for (const { id } of [...table.child_ids, ...table.parse]) same(into, `${id} is kept as it is`, keeps(id), true);
  for (const { metadata, gate } of table.waits_for_gate) same(into, `gate of ${metadata}`, gateIn(metadata), gate);
  for (const [type, affects] of Object.entries(table.affects_ready)) same(into, `${type} affects what is ready`, holds(type), affects);
  for (const [said] of table.custom_status.flatMap(({ ok, list }) => (ok ? (list ?? []) : [])))
    same(into, `the status ${said} holds`, holdOf(said), 'foreign');
  for (const reason of [...table.failure_close_words.failed, ...table.failure_close_words.not_failed])
    differs(into, `closed because ${JSON.stringify(reason)}`, 'whether work failed is a status of its own and never read from words');
  for (const what of ['depth_limit', 'parse: root, parent, depth', 'custom_status: its text', 'required_sections'])
    differs(into, what, 'an id is only a name here, and what a text must have or which words are states is no setting of a town');
  return into;
}
const bead = (one: Story, id: string) => one.town.town.bead(id)?.bead;
function keeps(id: string): boolean {
  const one = quiet();
  bring(one, [line({ id, title: id })]);
  return BeadId.safeParse(id).success && bead(one, id)?.id === id;
}
function gateIn(metadata: string): string {
  const one = quiet();
  const parts = ['p.1', 'p.2'].map((id) =>
    line({ id, title: id, status: id === 'p.1' ? 'closed' : 'open', dependencies: [blocks(id, 'p', 'parent-child')] }),
  );
  bring(
    one,
    [line({ id: 'p', title: 'p' }), ...parts, line({ id: 'w', title: 'w', dependencies: [blocks('w', 'p', 'waits-for', { metadata })] })],
    { start: true },
  );
  return bead(one, 'w')?.wait?.code === 'waits_for_children' ? 'all-children' : 'any-children';
}
/** Does an edge of this type to a bead that cannot begin, or has parts that are not done, hold its bead? */
function holds(type: string): boolean {
  const one = quiet();
  const lines = [
    line({ id: 'x', title: 'x' }),
    line({ id: 't', title: 't', dependencies: [blocks('t', 'x')] }),
    line({ id: 't.1', title: 'part', dependencies: [blocks('t.1', 't', 'parent-child')] }),
    line({ id: 's', title: 's', dependencies: [blocks('s', 't', type)] }),
  ];
  bring(one, lines, { start: true });
  return !one.town.town.ready('newest', 9).beads.some(({ id }) => id === 's');
}
function holdOf(status: string): string | null | undefined {
  const one = quiet();
  bring(one, [line({ id: 'a', title: 'a', status })]);
  return bead(one, 'a')?.hold;
}
