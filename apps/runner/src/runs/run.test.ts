import { methods } from '@agentclientprotocol/sdk';
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AgentId, Generation } from '@gastown/protocol';
import type { Report, TranscriptItem } from '@gastown/protocol';
import { openSession } from '../agents/acp-session.ts';
import { makeTranscript } from '../agents/transcript.ts';
import { RUN } from '../testing/fixtures.ts';
import { agentThat, WISH } from '../testing/scripted-agent.ts';
import { makeRun } from './run.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = (): Promise<unknown> => new Promise(() => undefined);
const SAID: SessionUpdate = { sessionUpdate: 'agent_message_chunk', messageId: 'm', content: { type: 'text', text: 'I begin wi' } };

/** A run in the midst of its turn, of an agent that answers as it is told; `deaf`: it leaves the cancel unanswered. */
async function inTurn({ deaf = false, close = () => Promise.resolve({}) as Promise<unknown>, closes = true } = {}) {
  const turn = Promise.withResolvers<unknown>();
  const end = (): void => turn.resolve({ stopReason: 'cancelled' });
  const { connected, closed } = agentThat(
    {
      [methods.agent.session.new]: () => Promise.resolve({ sessionId: 's1', configOptions: [] }),
      [methods.agent.session.setConfigOption]: () => Promise.resolve({ configOptions: [] }),
      [methods.agent.session.prompt]: () => turn.promise,
      [methods.agent.session.close]: close,
    },
    () => deaf || end(),
  );
  if (!closes) delete connected.capabilities.agentCapabilities!.sessionCapabilities!.close;
  const session = await openSession(connected, WISH);
  if (!session.ok) throw new Error(session.failure.message);
  const items: TranscriptItem[] = [];
  const reports: Report[] = [];
  let abandoned = 0;
  const { run, onUpdate } = makeRun({
    runId: RUN,
    agentId: AgentId.parse('ag-00000001'),
    generation: Generation.parse(1),
    session: { ...session.value, abandon: () => (abandoned++, session.value.abandon()) },
    stream: {
      put: (item) => void items.push(item),
      live: () => undefined,
      grow: () => undefined,
      refuseTerminal: () => undefined,
      stored: () => Promise.resolve(),
      close: () => undefined,
    },
    transcript: makeTranscript({ runId: RUN, logicalTool: (tool) => tool, answerOf: () => null }),
    silenceMs: 600_000,
    now: Date.now,
    say: (report) => void reports.push(report),
    onAsk: () => undefined,
    onTurnEnd: () => undefined,
    onLost: () => undefined,
  });
  run.turns.add({ nudgeId: null, text: 'Go.', again: false, source: 'town', mode: 'wait-idle' });
  onUpdate(SAID);
  let isSilent = false;
  const silent = run.fallSilent().then(() => (isSilent = true));
  await vi.advanceTimersByTimeAsync(0);
  return {
    run,
    silent,
    isSilent: () => isSilent,
    end,
    closed,
    said: () => items.flatMap((item) => (item.kind === 'assistant' ? [item.text] : [])),
    endings: () => items.flatMap((item) => (item.kind === 'turn_end' ? [item.stopReason] : [])),
    reports,
    abandoned: () => abandoned,
  };
}

test('an agent that ends its turn as it is told falls silent at once (AG-15)', async () => {
  const { isSilent, closed, endings, abandoned } = await inTurn();
  expect([isSilent(), closed, endings(), abandoned()]).toEqual([true, ['s1'], ['cancelled'], 0]);
});

test('one that leaves the cancel unanswered is silent as soon as its session is closed, and what it said is kept (P16)', async () => {
  const { run, isSilent, closed, said, endings, abandoned } = await inTurn({ deaf: true });
  await vi.advanceTimersByTimeAsync(499);
  expect([isSilent(), closed]).toEqual([false, []]);
  await vi.advanceTimersByTimeAsync(1);
  expect([isSilent(), closed, run.turns.inFlight()]).toEqual([true, ['s1'], false]);
  expect([said(), endings(), abandoned()]).toEqual([['I begin wi'], ['cancelled'], 0]);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ['does not answer the closing either', { close: never }],
  ['refuses to be closed', { close: () => Promise.reject(new Error('no')) }],
  ['has no such request', { closes: false }],
])(
  'one that leaves the cancel unanswered and %s is let go of, for it may go on working; what it said is kept (AG-12)',
  async (_how, kind) => {
    const { isSilent, abandoned, said, endings } = await inTurn({ deaf: true, ...kind });
    await vi.advanceTimersByTimeAsync(4_000);
    expect([isSilent(), abandoned()]).toEqual([false, 0]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect([isSilent(), abandoned(), said(), endings()]).toEqual([true, 1, ['I begin wi'], ['cancelled']]);
  },
);

test('one that cannot be closed is given its time to end the turn, and is not let go of', async () => {
  const { isSilent, silent, end, abandoned } = await inTurn({ deaf: true, closes: false });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(isSilent()).toBe(false);
  end();
  await silent;
  expect(abandoned()).toBe(0);
});
