import { failure, NO_USAGE, type BeadId, type RigId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { story, type Story } from './ready.ts';
import { addMachine } from './machines.ts';
import { bad, good, sha, silentPolecat, type Script } from './runner.ts';
import { PERSON } from './town.ts';

const HOUR = 3_600_000;

/**
 * A town to which everything has happened that can: beads in every state, ended and live runs, merges landed and under test, messages, questions,
 * a parked effect, spend. Told in commands alone, so that every version of the program can write its own.
 */
export function everything(store: Sql): Story {
  const one = story(SCRIPT, { store, check: false });
  past(one);
  present(one);
  return one;
}

const SCRIPT: Partial<Script> = {
  'rig.connect': ({ gitUrl }) =>
    gitUrl.includes('gone')
      ? bad('repository_unreachable', true)
      : good({ kind: 'rig', defaultBranch: 'main', empty: false, head: sha('base') }),
  'run.start': ({ context, runId, model }) =>
    context.bead?.title.startsWith('starts later')
      ? bad('setup_failed', true)
      : good({ kind: 'session', sessionId: `s-${runId}`, resumed: false, model }),
  polecat: (runner, start) => {
    const title = start.context.bead?.title ?? '';
    const lost = () =>
      runner.report({ kind: 'run.lost', runId: start.runId, generation: start.generation, failure: failure('agent_crashed') });
    if (title.startsWith('crashes')) return void lost();
    if (title.startsWith('goes on')) return silentPolecat(runner, start);
    runner.turn(start, null, null, () => void runner.done(start));
  },
};

/** Beads of another tool: one done, one planned that waits for something outside, one that cannot be read. */
const BROUGHT = [
  `{"id":"bd-1","title":"was done elsewhere","status":"closed","priority":2,"created_at":"2023-11-01T10:00:00.123456Z","closed_at":"2023-11-02T10:00:00Z","owner":"somebody"}`,
  `{"id":"bd-2","title":"comes from elsewhere","priority":4,"issue_type":"bug","dependencies":[{"issue_id":"bd-2","depends_on_id":"bd-1","type":"blocks"},{"issue_id":"bd-2","depends_on_id":"external:their:part","type":"blocks"},{"issue_id":"bd-2","depends_on_id":"bd-gone","type":"related"}]}`,
  `{"id":"bd-3"}`,
].join('\n');

/** What is over: one bead landed, one failed, one closed by hand, a repository that was given up. */
function past(one: Story): void {
  const { town, runner, rigId, wish, addRig } = one;
  town.must({ kind: 'town.configure', budgetMicros: 50_000_000, gitName: 'Ada L.' });
  town.must({ kind: 'town.configure', gates: ['npm test'] });
  town.must({ kind: 'town.configure', roleModels: { polecat: { model: null, effort: 'high' } } });
  town.must({ kind: 'spend.limit', level: 'bead', id: '*', softMicros: 40_000_000, hardMicros: 45_000_000 });
  addRig('gone');
  town.must({ kind: 'beads.import', rigId, text: BROUGHT });
  town.must({ kind: 'mayor.tell', text: 'hello; it is me' });
  const landed = wish('lands: Ünïcode and "quotes"', { priority: 'high', body: "two\nlines; it's all text" });
  runner.work();
  for (const { runId } of runner.starts)
    town.send({
      kind: 'spend',
      runId,
      usage: { ...NO_USAGE, inputTokens: 1_000, outputTokens: 20, cacheReadTokens: 3, costMicros: 1_234 },
      model: 'm',
    });
  machines(one);
  town.send({ kind: 'container.observed', state: 'stopped', failure: failure('container_failed', 'It ended with signal 9.') });
  wish('crashes: fails in the end');
  const byHand = wish('closed by hand');
  town.must({ kind: 'bead.set_status', beadId: byHand, status: 'closed', reason: 'not needed' });
  town.must({ kind: 'bead.add_dependency', beadId: byHand, dependsOn: landed, type: 'related' });
  runner.work();
  town.sleep(6 * HOUR, () => runner.work());
}

/** One machine that landed a bead of a rig of its own and went; one that was never seen. */
function machines(one: Story): void {
  const { town, runner, wish, addRig } = one;
  const machine = addMachine(one, 'laptop', { places: 2 });
  const rigId = addRig('lib');
  town.must({ kind: 'runner.update', runnerId: machine.id, rigs: [rigId] });
  wish('lands on a machine', { rigId });
  runner.work();
  machine.gone();
  town.must({ kind: 'runner.renew_token', runnerId: machine.id });
  addMachine(one, 'desk', { away: true });
}

/** What is under way when the program stops: at work, under test, waiting, asked. */
function present(one: Story): void {
  const { town, runner, rigId, wish } = one;
  convoys(one);
  held(one);
  runner.script['merge.test'] = () => null;
  const handedIn = wish('is handed in');
  const working = wish('goes on', { priority: 'critical' });
  const asking = wish('goes on when it may', { priority: 'critical' });
  wish('waits for both', { dependsOn: [handedIn, working] });
  wish('starts later');
  keyed(one, rigId, 'made with a key', [working]);
  runner.work();
  atWork(one, working);
  asks(one, asking);
  town.must({ kind: 'mayor.tell', text: 'how far are you?' });
  const poison = { kind: 'container.observed', state: 'failed', failure: null } as const;
  town.send({ kind: 'quarantine', input: poison, actor: { kind: 'town' }, error: 'it broke', tries: 3 });
  town.must({ kind: 'town.pause' });
}

/** One that landed, one that is planned, one that waits for a bead that is at work. */
function convoys({ town, runner, rigId, wish }: Story): void {
  const make = (title: string, staged: boolean) =>
    town.must({
      kind: 'convoy.create',
      title,
      staged,
      tasks: [1, 2].map((n) => ({ rigId, title: `${title} ${n}`, dependsOn: n === 2 ? [0] : [] })),
    });
  make('landed', false);
  runner.work();
  make('planned', true);
  town.must({ kind: 'convoy.create', title: 'one bead', beadIds: [wish('in a convoy')] });
}

/** Beads that nothing blocks and that must not start, or not yet; a tree, and who waits for its parts. */
function held({ town, rigId, wish }: Story): void {
  const make = (title: string, more: object = {}) => town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId, title, ...more }).beadId;
  town.must({ kind: 'bead.defer', beadId: wish('put off for good'), until: null });
  town.must({ kind: 'bead.pin', beadId: wish('a note') });
  const unpinned = wish('no note any more');
  for (const kind of ['bead.pin', 'bead.unpin'] as const) town.must({ kind, beadId: unpinned });
  make('only planned', { staged: true });
  const tree = make('a tree, put off for an hour', { workKind: 'epic', deferUntil: town.now + HOUR });
  make('a part of it', { parentId: tree, timeoutMs: HOUR });
  town.must({ kind: 'bead.add_dependency', beadId: wish('waits for the parts'), dependsOn: tree, type: 'waits-for', gate: 'any' });
  const old = wish('out of sight');
  town.must({ kind: 'bead.set_status', beadId: old, status: 'closed' });
  town.must({ kind: 'bead.archive', beadIds: [old] });
}

function keyed({ town }: Story, rigId: RigId, title: string, dependsOn: BeadId[]): void {
  town.send(
    { kind: 'person', command: { kind: 'bead.create', rigId, title, labels: ['later'], dependsOn }, secret: null },
    'key-of-a-bead',
    PERSON,
  );
}

const runOf = ({ runner }: Story, beadId: BeadId) => {
  const start = runner.starts.findLast((run) => run.context.bead?.id === beadId);
  if (!start) throw new Error('nobody works');
  return start;
};

/** One that has mail and a written way of working, and waits for a person's leave. */
function asks(one: Story, beadId: BeadId): void {
  const { town, runner } = one;
  const start = runOf(one, beadId);
  for (const subject of ['was read', 'is new'])
    town.must({ kind: 'mail.send', agentId: start.agentId, subject, body: 'Look at a.txt first.' });
  const [mail] = town.rows().mail;
  town.must({ kind: 'mail.read', mailId: mail!.id });
  const steps = [
    { id: 'plan', title: 'Write down what is to be done' },
    { id: 'do', title: 'Do it', text: 'with a test', needs: ['plan'] },
  ];
  town.must({ kind: 'molecule.attach', beadId, title: 'a written way', steps });
  runner.tool(start, 'mol_advance', { summary: 'it is written down' });
  for (const [requestId, title] of [
    ['rq-1', 'npm test'],
    ['rq-2', 'fetch https://example.invalid'],
  ] as const)
    runner.report({
      kind: 'permission.asked',
      runId: start.runId,
      generation: start.generation,
      requestId,
      category: 'commands',
      title,
      detail: `${title}, all of it`,
      whole: true,
      at: town.now,
    });
  const [question] = town.rows().permissions;
  town.must({ kind: 'permission.answer', permissionId: question!.id, decision: 'run' });
}

function atWork(one: Story, beadId: BeadId): void {
  const { town, runner } = one;
  const start = runOf(one, beadId);
  runner.tool(start, 'checkpoint', { data: { step: 2 } });
  for (const [category, message] of [
    ['decision', 'Which colour?'],
    ['help', 'Which size?'],
  ] as const)
    runner.tool(start, 'escalate', { severity: 'medium', category, message, metadata: { at: 'home' } });
  const asked = town.rows().escalations.find((one) => one.message === 'Which colour?');
  if (!asked) throw new Error('nobody asks');
  town.must({ kind: 'escalation.acknowledge', escalationId: asked.id, note: 'blue' });
  town.must({ kind: 'agent.nudge', agentId: start.agentId, text: 'mind the tests', mode: 'queue' });
  town.send({ kind: 'spend', runId: start.runId, usage: { ...NO_USAGE, inputTokens: 7, costMicros: 55 }, model: 'm' });
}
