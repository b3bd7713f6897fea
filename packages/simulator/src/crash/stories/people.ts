import { LIMITS } from '@gastown/protocol';
import { evidence } from '@gastown/town/testing';
import type { Runner } from '../runner.ts';
import { finish, type Of } from '../script.ts';
import type { Story } from '../story.ts';
import type { World } from '../world.ts';
import { convoy, isBead, silent, wish } from './words.ts';

/** A message that comes again says so: before the Mayor does it a second time, it looks whether it is there (H13). */
function isDone(runner: Runner, prompt: Of<'run.prompt'>, title: string): boolean {
  const seen = prompt.again ? runner.tool(prompt, 'list_beads', {}) : null;
  return seen?.ok === true && (seen.value as { data: { title: string }[] }).data.some((one) => one.title === title);
}

/** Begins its turn and waits for a person; what it hears, it says nothing to. */
function asks(runner: Runner, { runId, generation }: Of<'run.start'>): void {
  runner.report({ kind: 'turn.started', runId, generation, nudgeId: null });
  const question = { requestId: 'rq-1', category: 'web', title: 'Read example.org', detail: '', whole: true, at: 1 } as const;
  runner.report({ kind: 'permission.asked', runId, generation, ...question });
}
const open = (world: World) => world.rows().permissions.filter((asked) => asked.answeredAt === null);

/** People, the Mayor, convoys. */
export const PEOPLE: readonly Story[] = [
  {
    name: 'the Mayor is told three things',
    tell: (world) => {
      for (const text of ['one', 'two', 'three']) world.person({ kind: 'mayor.tell', text });
    },
  },
  {
    name: 'the Mayor slings a bead',
    script: () => ({
      prompt: (runner, prompt) =>
        runner.turn(prompt, prompt.nudgeId, null, () => {
          if (!prompt.text.startsWith('do it in ') || isDone(runner, prompt, 'from the Mayor')) return;
          runner.tool(prompt, 'sling', { rig_id: prompt.text.slice(9), title: 'from the Mayor' });
        }),
    }),
    tell: (world, rigId) => void world.person({ kind: 'mayor.tell', text: `do it in ${rigId}` }),
  },
  {
    name: 'the Mayor slings a batch',
    script: () => ({
      prompt: (runner, prompt) =>
        runner.turn(prompt, prompt.nudgeId, null, () => {
          if (!prompt.text.startsWith('do it in ') || isDone(runner, prompt, 'A')) return;
          const tasks = [{ title: 'A' }, { title: 'B', depends_on: [0] }];
          runner.tool(prompt, 'sling_batch', { rig_id: prompt.text.slice(9), convoy_title: 'batch', tasks });
        }),
    }),
    tell: (world, rigId) => void world.person({ kind: 'mayor.tell', text: `do it in ${rigId}` }),
  },
  {
    name: 'the Mayor is restarted',
    tell: (world) => {
      world.person({ kind: 'mayor.tell', text: 'one' });
      world.work();
      world.person({ kind: 'mayor.restart' });
      world.person({ kind: 'mayor.tell', text: 'two' });
    },
  },
  {
    name: 'a paused Mayor reads later',
    tell: (world) => {
      const { id } = world.rows().agents.find((agent) => agent.role === 'mayor')!;
      world.person({ kind: 'agent.pause', agentId: id });
      world.person({ kind: 'mayor.tell', text: 'one' });
      world.work();
      world.person({ kind: 'agent.resume', agentId: id });
    },
  },
  {
    name: 'an agent is reset, and another takes the bead',
    script: () => ({ polecat: (runner, start) => (start.context.earlier.length > 0 ? finish(runner, start) : silent(runner, start)) }),
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.until('it is at work or done', () => world.bead('A').wait?.code === 'agent_working' || world.bead('A').status === 'closed');
      const { assigneeId } = world.bead('A');
      if (assigneeId) world.person({ kind: 'agent.reset', agentId: assigneeId });
    },
  },
  {
    name: 'a bead is changed while an agent works',
    script: () => ({
      polecat: (runner, start) => silent(runner, start),
      prompt: (runner, prompt) => runner.turn(prompt, prompt.nudgeId),
    }),
    tell: (world, rigId) => {
      const beadId = wish(world, rigId, 'A');
      world.until('it is at work', () => world.bead('A').wait?.code === 'agent_working');
      world.person({ kind: 'bead.update', beadId, title: 'A2', priority: 'high' });
      world.person({ kind: 'bead.set_status', beadId, status: 'closed', reason: 'enough' });
    },
  },
  {
    name: 'beads are linked, unlinked, failed and retried by hand',
    tell: (world, rigId) => {
      const a = wish(world, rigId, 'A', { staged: true });
      const b = wish(world, rigId, 'B', { dependsOn: [a] });
      world.person({ kind: 'bead.set_status', beadId: a, status: 'failed', reason: 'no' });
      world.person({ kind: 'bead.remove_dependency', beadId: b, dependsOn: a });
      world.until('B landed', isBead('B', 'closed'));
      world.person({ kind: 'bead.archive', beadIds: [b] });
      world.person({ kind: 'bead.retry', beadId: a });
      world.person({ kind: 'bead.start', beadId: a });
    },
  },
  {
    name: 'an epic with parts',
    tell: (world, rigId) => {
      const epic = wish(world, rigId, 'epic', { workKind: 'epic' });
      for (const title of ['part one', 'part two']) world.person({ kind: 'bead.create', rigId, title, parentId: epic });
      world.until('the parts landed', (it) => isBead('part one', 'closed')(it) && isBead('part two', 'closed')(it));
      world.person({ kind: 'bead.set_status', beadId: epic, status: 'closed' });
    },
  },
  {
    name: 'beads of another tool come in',
    tell: (world, rigId) => {
      const line = (id: string, more: object = {}) =>
        JSON.stringify({
          id,
          title: id,
          status: 'open',
          priority: 2,
          issue_type: 'task',
          created_at: '2026-01-01T00:00:00Z',
          updated_at: '2026-01-01T00:00:00Z',
          ...more,
        });
      const second = line('bd-2', { dependencies: [{ issue_id: 'bd-2', depends_on_id: 'bd-1', type: 'blocks' }] });
      const text = [line('bd-1'), second, 'this is no bead'].join('\n');
      world.person({ kind: 'beads.import', rigId, text, start: true });
      world.person({ kind: 'beads.import', rigId, text, start: true });
    },
  },
  {
    name: 'a convoy lands',
    tell: (world, rigId) => void convoy(world, 'batch', rigId, ['A', 'B']),
  },
  {
    name: 'a staged convoy is edited, started and gets one more',
    tell: (world, rigId) => {
      const convoyId = convoy(world, 'batch', rigId, ['A', 'B'], { staged: true });
      world.person({ kind: 'convoy.rename', convoyId, title: 'renamed' });
      world.person({ kind: 'convoy.remove', convoyId, beadId: world.bead('B').id });
      world.sleep(60_000);
      world.person({ kind: 'convoy.start', convoyId });
      world.until('it landed', () => world.convoy('renamed').status === 'landed');
      world.person({ kind: 'convoy.add', convoyId, tasks: [{ rigId, title: 'C' }] });
    },
  },
  {
    name: 'a convoy is paused, resumed and archived',
    tell: (world, rigId) => {
      const convoyId = convoy(world, 'batch', rigId, ['A'], { staged: true });
      world.person({ kind: 'convoy.pause', convoyId });
      world.person({ kind: 'convoy.start', convoyId });
      world.sleep(60_000);
      world.person({ kind: 'convoy.resume', convoyId });
      world.until('it landed', () => world.convoy('batch').status === 'landed');
      world.person({ kind: 'convoy.archive', convoyId });
    },
  },
  {
    name: 'a convoy is closed by force',
    script: () => ({ polecat: silent }),
    tell: (world, rigId) => {
      const convoyId = convoy(world, 'batch', rigId, ['A', 'B']);
      world.until('they are at work', () => world.bead('A').wait?.code === 'agent_working');
      world.person({ kind: 'convoy.close', convoyId, force: true });
    },
  },
  {
    name: 'a message to a polecat at work',
    script: () => ({
      polecat: (runner, start) => silent(runner, start),
      prompt: (runner, prompt) => runner.turn(prompt, prompt.nudgeId),
    }),
    tell: (world, rigId) => {
      const beadId = wish(world, rigId, 'A');
      world.until('it is at work', () => world.bead('A').wait?.code === 'agent_working');
      world.try({ kind: 'agent.nudge', agentId: world.bead('A').assigneeId!, text: 'mind the tests', mode: 'queue' });
      world.sleep(LIMITS.nudgeTtlMs.value * 2);
      world.person({ kind: 'bead.set_status', beadId, status: 'closed' });
    },
  },
  {
    name: 'an agent asks a person, who answers',
    script: () => ({ polecat: (runner, start) => (start.context.earlier.length > 0 ? finish(runner, start) : asks(runner, start)) }),
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.until('it asks or is done', () => open(world).length > 0 || world.bead('A').status === 'closed');
      for (const { id } of open(world)) world.try({ kind: 'permission.answer', permissionId: id, decision: 'run' });
    },
  },
  {
    name: 'an agent asks a person, and nobody answers',
    script: () => ({ polecat: (runner, start) => (start.context.earlier.length > 0 ? finish(runner, start) : asks(runner, start)) }),
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.until('it asks or is done', () => open(world).length > 0 || world.bead('A').status === 'closed');
      world.sleep(LIMITS.permissionWaitMs.value + 1);
    },
  },
  {
    name: 'an agent asks a person, and is reset meanwhile',
    script: () => ({ polecat: (runner, start) => (start.context.earlier.length > 0 ? finish(runner, start) : asks(runner, start)) }),
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.until('it asks or is done', () => open(world).length > 0 || world.bead('A').status === 'closed');
      const { assigneeId } = world.bead('A');
      if (assigneeId) world.person({ kind: 'agent.reset', agentId: assigneeId });
    },
  },
  {
    name: 'done is called twice',
    script: () => ({
      polecat: (runner, start) =>
        runner.turn(start, null, null, () => {
          runner.tool(start, 'done', { summary: 'once' }, evidence(start));
          runner.tool(start, 'done', { summary: 'twice' }, evidence(start));
        }),
    }),
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
];
