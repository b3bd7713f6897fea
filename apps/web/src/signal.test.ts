import { describe, expect, it } from 'vitest';
import {
  AgentRow,
  AgentStatus,
  failure,
  type BeadRow,
  type FailureCode,
  IN_LINE,
  PermissionId,
  type RunnerRow,
  Signal,
  type TownRow,
  WaitCode,
} from '@gastown/protocol';
import { WORDS, agentSign, beadSign, runnerSign, runSign, workerOn } from './signal.ts';
import { aBead, noUsage } from '@gastown/protocol/testing';

const usage = noUsage;
const bead = aBead;
const agent = (status: AgentStatus, beadId: string | null = null) =>
  AgentRow.parse({
    id: 'ag-00000001',
    name: 'Toast',
    role: 'polecat',
    identity: 'toast',
    rigId: null,
    status,
    beadId,
    runId: null,
    asks: null,
    statusLine: null,
    paused: false,
    lastActivityAt: null,
    createdAt: 1,
    usage,
  });
const waits = (code: WaitCode, status: BeadRow['status'] = 'open') => beadSign(bead({ status, wait: { code, ref: null, until: null } }));

describe('a run', () => {
  const ended = (endReason: 'done' | 'failed', code?: FailureCode) =>
    ({ state: 'ended', endReason, failure: code ? failure(code) : null, away: null }) as const;

  it('that went with its runner did not fail', () => {
    expect(runSign(ended('failed', 'runner_lost'))).toEqual({ signal: 'idle', word: 'Lost with its runner' });
    expect(runSign(ended('failed', 'ended_without_done'))).toEqual({ signal: 'failed', word: 'Failed' });
  });

  it('whose runner is away says so, and changes neither place nor colour for a link that is cut for a moment (I10)', () => {
    const away = { signal: 'working', word: 'Runner away' };
    expect(runSign({ state: 'working', endReason: null, failure: null, away: { since: 1, until: 9 } })).toEqual(away);
    expect(runSign({ state: 'working', endReason: null, failure: null, away: null }).word).toBe('Working');
    expect(waits('runner_away', 'in_progress')).toEqual(away);
    expect(agentSign(agent('away', 'gt-1'))).toEqual(away);
    expect(waits('runner_away')).toEqual({ signal: 'queued', word: 'Held' });
  });

  it('that handed in its work says what became of it', () => {
    expect(runSign(ended('done')).word).toBe('Handed in');
    expect(runSign(ended('done'), { phase: 'failed' })).toEqual({ signal: 'failed', word: 'Did not land' });
    expect(runSign(ended('done'), { phase: 'landed' })).toMatchObject({ word: 'Landed', done: true });
  });
});

describe('the six states (ui.md §1.3)', () => {
  it('has a word for each state', () => {
    expect(Object.keys(WORDS).toSorted()).toEqual([...Signal.options].toSorted());
  });

  it('calls a person for exactly the waits that only a person ends', () => {
    expect(WaitCode.options.filter((code) => waits(code).signal === 'waiting_for_you').toSorted()).toEqual([
      'blocked_by_failed',
      'budget_spent',
      'container_failed',
      'needs_person',
      'no_model',
      'no_runner',
      'permission_asked',
      'person_asked',
      'rig_unreachable',
      'runner_unfit',
      'soft_limit',
    ]);
  });

  it('calls queued only what is in line, and says of the rest what keeps it', () => {
    const queued = WaitCode.options.filter((code) => waits(code).word === 'Queued');
    expect(queued.toSorted()).toEqual([...IN_LINE, 'in_queue'].toSorted());
    expect(waits('town_stopped')).toEqual({ signal: 'queued', word: 'Stopped' });
    expect(waits('rig_paused', 'in_review')).toEqual({ signal: 'queued', word: 'Paused' });
    expect(waits('in_queue', 'in_review')).toEqual({ signal: 'queued', word: 'In queue' });
  });

  it('shows a bead at work, testing and landing as working', () => {
    expect(waits('agent_working', 'in_progress')).toMatchObject({ signal: 'working' });
    expect(waits('agent_silent', 'in_progress')).toEqual({ signal: 'stalled', word: 'Stalled' });
    expect(waits('hand_in_refused', 'in_progress')).toEqual({ signal: 'working', word: 'Cannot hand in' });
    expect(waits('testing', 'in_review')).toEqual({ signal: 'working', word: 'Testing' });
    expect(waits('landing', 'in_review')).toEqual({ signal: 'working', word: 'Landing' });
    expect(waits('in_queue', 'in_review')).toEqual({ signal: 'queued', word: 'In queue' });
  });

  it('lets a stalled or asking agent speak for its bead', () => {
    expect(beadSign(bead({ status: 'in_progress' }), agent('stalled', 'gt-1')).signal).toBe('stalled');
    expect(beadSign(bead({ status: 'in_progress' }), agent('waiting', 'gt-1')).signal).toBe('waiting_for_you');
  });

  it('lets an agent that works on another bead say nothing of this one', () => {
    const elsewhere = agent('stalled', 'gt-2');
    expect(workerOn(bead({ assigneeId: elsewhere.id }), elsewhere)).toBeUndefined();
    expect(workerOn(bead({ id: 'gt-2' }), elsewhere)).toBe(elsewhere);
    expect(beadSign(bead({ status: 'in_progress', assigneeId: elsewhere.id }), elsewhere).word).toBe('Working');
  });

  it('tells landed from closed, and failed from everything', () => {
    expect(beadSign(bead({ status: 'closed', landedCommit: 'a'.repeat(40) })).word).toBe('Landed');
    expect(beadSign(bead({ status: 'closed' })).word).toBe('Closed');
    expect(beadSign(bead({ status: 'failed', wait: { code: 'needs_person', ref: null, until: null } })).signal).toBe('failed');
  });

  it('shows a Mayor that waits for its next message as ready', () => {
    expect(agentSign({ ...agent('waiting'), role: 'mayor' })).toEqual({ signal: 'idle', word: 'Ready' });
  });

  it('shows who asks a person as waiting for you, the Mayor too (I19)', () => {
    const asks = PermissionId.parse('pm-000000000001');
    expect(agentSign({ ...agent('waiting'), asks })).toEqual({ signal: 'waiting_for_you', word: 'Waiting for you' });
    expect(agentSign({ ...agent('working'), asks, role: 'mayor' })).toEqual({ signal: 'waiting_for_you', word: 'Waiting for you' });
  });

  it('tells of a runner whether it is there, works, ends, or is missed (design/runner.md §5)', () => {
    const machine = { kind: 'machine', connected: true, linkSince: 1, drainingAt: null, failure: null, busy: 0, paused: false, rigs: null };
    const said = (change: object, container?: TownRow['container']['state']) => {
      const { signal, word } = runnerSign(
        { ...machine, ...change } as RunnerRow,
        container && { state: container, since: 1, failure: null, idleSince: null },
      );
      return `${signal}: ${word}`;
    };
    const away = { connected: false };
    expect(
      [{}, { busy: 1 }, { paused: true }, { busy: 1, paused: true }, { drainingAt: 5, busy: 1 }].map((change) => said(change)),
    ).toEqual(['idle: Linked', 'working: Working', 'idle: Paused', 'working: Pausing', 'working: Ending']);
    expect(said({ failure: { code: 'runner_wedged', message: '' }, busy: 1 })).toBe('stalled: Does not answer');
    expect([{ ...away, linkSince: null }, away, { ...away, rigs: ['rig-1'] }].map((change) => said(change))).toEqual([
      'queued: Not started yet',
      'idle: Not linked',
      'stalled: Not linked',
    ]);
    const home = { ...away, kind: 'container' };
    expect((['stopped', 'starting', 'running', 'stopping', 'failed'] as const).map((state) => said(home, state))).toEqual([
      'idle: Asleep',
      'working: Starting',
      'working: Starting',
      'idle: Stopping',
      'failed: Does not start',
    ]);
  });

  it('gives every status of an agent one state', () => {
    expect(AgentStatus.options.map((status) => agentSign(agent(status)).signal)).toEqual([
      'working',
      'working',
      'idle',
      'waiting_for_you',
      'working',
      'stalled',
      'idle',
      'idle',
      'idle',
    ]);
  });

  it('a polecat at rest whose last run failed is no failure of its own; a Mayor that does not get up is one', () => {
    expect(agentSign(agent('failed'))).toEqual({ signal: 'idle', word: 'Last run failed' });
    expect(agentSign({ ...agent('failed'), role: 'mayor' })).toEqual({ signal: 'failed', word: 'Failed' });
  });
});
