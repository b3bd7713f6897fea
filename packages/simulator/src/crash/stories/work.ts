import { failure, LIMITS, type FailureCode } from '@gastown/protocol';
import { bad, evidence, good } from '@gastown/town/testing';
import { finish, USUAL } from '../script.ts';
import type { Story } from '../story.ts';
import { firstOf, isBead, silent, wish } from './words.ts';

/** What becomes of a bead and its runs. */
export const WORK: readonly Story[] = [
  {
    name: 'a repository is connected and a bead lands',
    fromTheBeginning: true,
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  { name: 'two beads at once', tell: (world, rigId) => ['A', 'B'].forEach((title) => wish(world, rigId, title)) },
  {
    name: 'a chain of three',
    tell: (world, rigId) => {
      const a = wish(world, rigId, 'A');
      const b = wish(world, rigId, 'B', { dependsOn: [a] });
      wish(world, rigId, 'C', { dependsOn: [a, b] });
    },
  },
  {
    name: 'more beads than slots, by priority',
    tell: (world, rigId) => {
      world.person({ kind: 'town.configure', maxPolecats: 1 });
      wish(world, rigId, 'low', { priority: 'low' });
      wish(world, rigId, 'critical', { priority: 'critical' });
    },
  },
  {
    name: 'nothing to change',
    script: () => ({
      polecat: (runner, start) =>
        runner.turn(
          start,
          null,
          null,
          () => void runner.tool(start, 'done', { summary: 'as it is', no_changes: true }, evidence(start, 0)),
        ),
    }),
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'an agent crashes once',
    script: () => ({
      polecat: (runner, start) => {
        if (start.context.attempt > 1) return finish(runner, start);
        silent(runner, start);
        runner.report({ kind: 'run.lost', runId: start.runId, generation: start.generation, failure: failure('agent_crashed') });
      },
    }),
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'an agent crashes each time, and a person retries',
    script: () => {
      let mended = false;
      return {
        polecat: (runner, start) => {
          if (mended || start.context.earlier.some((run) => run.failure?.code === 'stopped_by_person')) return finish(runner, start);
          silent(runner, start);
          runner.report({ kind: 'run.lost', runId: start.runId, generation: start.generation, failure: failure('agent_crashed') });
        },
        prompt: (runner, prompt) => {
          if (prompt.text === 'mended') mended = true;
          runner.turn(prompt, prompt.nudgeId);
        },
      };
    },
    tell: (world, rigId) => {
      const beadId = wish(world, rigId, 'A');
      world.until('it fails', isBead('A', 'failed'));
      world.person({ kind: 'mayor.tell', text: 'mended' });
      world.until('it is read', () => world.rows().nudges.some((nudge) => nudge.text === 'mended' && nudge.state === 'delivered'));
      world.person({ kind: 'bead.retry', beadId });
    },
  },
  {
    name: 'a silent agent loses its lease',
    script: () => ({ polecat: (runner, start) => (start.context.attempt > 1 ? finish(runner, start) : silent(runner, start)) }),
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.sleep(LIMITS.leaseMs.value * 2);
    },
  },
  {
    name: 'a turn ends without handing in, and the reminder helps',
    script: () => ({
      polecat: (runner, start) => runner.turn(start),
      prompt: (runner, prompt) =>
        runner.turn(prompt, prompt.nudgeId, null, () => {
          const primed = runner.tool(prompt, 'prime', {});
          const branch = primed.ok ? (primed.value as { data: { branch: string | null } }).data.branch : null;
          if (branch !== null)
            runner.tool(prompt, 'done', { summary: 'late' }, { branch, headCommit: 'c'.repeat(40), ahead: 1, commits: [] });
        }),
    }),
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'an agent hands in with a message that it has not read',
    script: () => ({
      polecat: (runner, start) =>
        runner.turn(start, null, null, () => {
          runner.tool(start, 'nudge', { to_agent_id: start.agentId, message: 'one thing more' });
          runner.tool(start, 'done', { summary: 'it works' }, evidence(start));
        }),
    }),
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      const isOver = ({ text, state }: { text: string; state: string }) =>
        text === 'one thing more' && ['delivered', 'expired'].includes(state);
      world.until('it is read, or lost with its reader', () => world.rows().nudges.some(isOver));
    },
  },
  {
    name: 'nobody ever hands in',
    script: () => ({ polecat: (runner, start) => runner.turn(start) }),
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'a start fails for good',
    script: () => ({ start: (effect) => (effect.context.bead ? bad('agent_unknown') : USUAL.start(effect)) }),
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'the first start of a bead fails and the second works',
    script: () => {
      const isFirst = firstOf();
      return {
        start: (effect) =>
          effect.context.bead && isFirst(effect.context.bead.title, effect.runId) ? bad('agent_stalled', true) : USUAL.start(effect),
      };
    },
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'nothing is heard of a start',
    script: () => {
      const isFirst = firstOf();
      return { start: (effect) => (effect.context.bead && isFirst(effect.context.bead.title, effect.runId) ? null : USUAL.start(effect)) };
    },
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'the runner is lost while an agent works',
    script: () => ({ polecat: (runner, start) => (start.context.earlier.length > 0 ? finish(runner, start) : silent(runner, start)) }),
    tell: (world, rigId) => {
      wish(world, rigId, 'A');
      world.until(
        'it is at work or beyond',
        () => world.bead('A').wait?.code === 'agent_working' || world.bead('A').status !== 'in_progress',
      );
      world.loseRunner();
    },
  },
  {
    name: 'a hand-in is refused by the repository, and its agent ends its turns',
    script: () => ({
      polecat: (runner, start) => {
        if (start.context.attempt > 1) return finish(runner, start);
        const { runId, generation } = start;
        const causes: readonly FailureCode[] = ['repository_unreachable', 'push_refused'];
        runner.turn(start, null, null, () => {
          for (const cause of causes)
            runner.report({ kind: 'hand_in.refused', runId, generation, failure: failure('not_pushed', cause, { cause }) });
        });
      },
    }),
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'a checkpoint and a question on the way',
    script: () => ({
      polecat: (runner, start) =>
        runner.turn(start, null, null, () => {
          runner.tool(start, 'checkpoint', { data: { step: 1 } });
          runner.tool(start, 'escalate', { severity: 'medium', category: 'decision', message: 'Which colour?' });
          runner.tool(start, 'done', { summary: 'blue' }, evidence(start));
        }),
    }),
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
  {
    name: 'a question is answered by a person',
    script: () => ({
      polecat: (runner, start) =>
        runner.turn(start, null, null, () => {
          runner.tool(start, 'escalate', { severity: 'high', category: 'help', message: 'How?' });
          if (start.context.bead?.title === 'ends') runner.tool(start, 'done', { summary: 'x' }, evidence(start));
        }),
      start: (effect) => good({ kind: 'session', sessionId: `s-${effect.runId}`, resumed: false, model: effect.model }),
    }),
    tell: (world, rigId) => {
      wish(world, rigId, 'goes on');
      world.until('it asks', () => world.rows().escalations.some((one) => one.message === 'How?'));
      const asked = world.rows().escalations.find((one) => one.message === 'How?')!;
      world.person({ kind: 'escalation.acknowledge', escalationId: asked.id, note: 'so' });
    },
  },
  {
    name: 'model calls are counted once',
    script: () => ({
      polecat: (runner, start) =>
        runner.turn(start, null, null, () => {
          runner.spend(start, 1_000);
          runner.spend(start, 234);
          runner.tool(start, 'done', { summary: 'it works' }, evidence(start));
        }),
    }),
    tell: (world, rigId) => void wish(world, rigId, 'A'),
  },
];
