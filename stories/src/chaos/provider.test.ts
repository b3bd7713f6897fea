import { failure, nextStep, type FailureCode } from '@gastown/protocol';
import type { ChangeOfAnswer } from '@gastown/rehearsal';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MODEL_KEY } from '../house.ts';
import { Dice } from './dice.ts';
import { makePerson } from './person.ts';
import { PROVIDER_FAULTS } from './provider.ts';
import type { World } from './world.ts';

type Name = keyof typeof PROVIDER_FAULTS;
/** What the town says of each, as a person sees it; null: nothing need be said. */
const SAID: Readonly<Record<Name, FailureCode | 'session_full' | null>> = {
  'provider limit': 'model_rate_limited',
  'provider overload': 'model_overloaded',
  'provider key': 'model_key_refused',
  'provider quota': 'model_quota_spent',
  'provider context': 'session_full',
  'provider refusal': 'model_refused',
  'provider stream cut': null,
};
const NAMES = Object.keys(SAID) as Name[];

/** A town of one agent, which asks when the provider is in trouble and then says `tells`. */
function townWhere({ atWork, asks, tells }: { atWork: boolean; asks: boolean; tells: FailureCode | 'session_full' | null }) {
  const rows: Record<string, object[]> = {
    agents: [{ id: 'agent-1', role: 'polecat' }],
    runs: atWork ? [{ id: 'run-1', beadId: 'gt-1', state: 'working', failure: null, endedAt: null }] : [],
    town: [
      { id: 'town-1', model: {}, scripted: false, stopped: false, container: { state: 'running' }, dispatchHeld: null, modelHeld: null },
    ],
  };
  const sent: object[] = [];
  const answers: object[] = [];
  let renewed = 0;
  const say = (code: FailureCode | 'session_full'): void => {
    if (code === 'session_full') return void (renewed += 1);
    const why = failure(code);
    if (code === 'model_refused') rows['runs'] = [{ id: 'run-1', beadId: 'gt-1', state: 'ended', failure: why, endedAt: null }];
    else if (code === 'model_key_refused' || code === 'model_quota_spent')
      rows['escalations'] = [
        { id: 'esc-1', topic: 'model', message: `${why.message} ${nextStep(why)}`, acknowledgedAt: null, beadId: null, agentId: null },
      ];
    else rows['town'] = [{ ...rows['town']![0], modelHeld: { until: 1, failure: why } }];
  };
  const world = {
    town: 'town-1',
    beads: [],
    client: {
      transcript: async () => Array.from({ length: renewed }, () => ({ item: { kind: 'notice', code: 'session_full' } })),
      command: async (_town: string, command: object) => {
        sent.push(command);
        rows['escalations'] = [];
      },
    },
    replica: {
      all: (table: string) => rows[table] ?? [],
      get: () => undefined,
      until: async (_what: string, look: () => unknown) => expect(look()).toBe(true),
    },
    house: {
      model: {
        inject: (change: ChangeOfAnswer | null) => {
          if (change === null || !asks) return;
          const step = { tool: 'bash', args: {} };
          for (const session of ['one', 'one', 'other']) answers.push(change(step, session));
          if (tells !== null) say(tells);
        },
      },
    },
  };
  return { world: world as unknown as World, say, sent, answers }; // what the faults and the person use of it
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function happen(name: Name, world: World): Promise<boolean> {
  const done = PROVIDER_FAULTS[name].happen(world, new Dice(1));
  done.catch(() => undefined); // looked at below
  await vi.advanceTimersByTimeAsync(120_000);
  return done;
}

test.each(NAMES)('%s counts when an agent at work met it and the town said so (RC-34, I8)', async (name) => {
  const tells = SAID[name];
  expect(await happen(name, townWhere({ atWork: true, asks: true, tells }).world)).toBe(true);
  expect(await happen(name, townWhere({ atWork: true, asks: false, tells }).world)).toBe(false);
  expect(await happen(name, townWhere({ atWork: false, asks: true, tells }).world)).toBe(false);
});

test.each(NAMES.filter((name) => SAID[name] !== null))('%s of which the town says nothing fails the proof', async (name) => {
  await expect(happen(name, townWhere({ atWork: true, asks: true, tells: null }).world)).rejects.toThrow('the town did not say so');
});

test('a conversation is full for its session alone, and for good; a refusal ends one answer', async () => {
  const [full, filter] = ['provider context', 'provider refusal'].map((name) => ({ name: name as Name, tells: SAID[name as Name] }));
  const answersOf = async ({ name, tells }: { name: Name; tells: FailureCode | 'session_full' | null }): Promise<boolean[]> => {
    const { world, answers } = townWhere({ atWork: true, asks: true, tells });
    await happen(name, world);
    return answers.map((answer) => 'error' in answer || 'refused' in answer);
  };
  expect(await answersOf(full!)).toEqual([true, true, false]);
  expect(await answersOf(filter!)).toEqual([true, false, false]);
});

test('a person does what the town says of its provider, and nothing where it says nothing', async () => {
  const { world, say, sent } = townWhere({ atWork: true, asks: false, tells: null });
  const person = makePerson(
    () => undefined,
    () => undefined,
  );
  await person.act(world);
  expect(sent).toEqual([]);
  say('model_key_refused');
  await person.act(world);
  say('model_quota_spent');
  await person.act(world);
  await person.act(world);
  expect(sent).toEqual([{ kind: 'town.set_model_key', key: MODEL_KEY }, { kind: 'dispatch.reset' }]);
  expect([person.savedKey, person.askedAgain]).toEqual([1, 1]);
});
