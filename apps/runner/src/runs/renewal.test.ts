import { setImmediate as allElse } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import type { TurnEnd } from '../agents/driver.ts';
import type { PoolSession } from '../agents/pool.ts';
import { OWN } from '../system/cell.ts';
import { renewable } from './renewal.ts';

const ENDED: TurnEnd = { stopReason: 'end_turn', usage: null, failure: null };
const FULL: TurnEnd = { stopReason: 'error', usage: null, failure: failure('model_context_full') };

/** Sessions that end their prompts as told, and what becomes of them. */
function setUp(...ends: (TurnEnd | Promise<TurnEnd>)[]) {
  const seen: string[] = [];
  let opened = 0;
  const open = (): PoolSession => {
    const id = `ses-${++opened}`;
    return {
      id,
      resumed: false,
      model: null,
      cell: OWN,
      liveView: () => Promise.resolve(null),
      prompt(text) {
        seen.push(`${id} hears ${text.replaceAll('\n\n', '|')}`);
        return Promise.resolve(ends.shift() ?? ENDED);
      },
      cancel: () => Promise.resolve(void seen.push(`${id} cancelled`)),
      close: () => Promise.resolve(seen.push(`${id} closed`) > 0),
      abandon: () => void seen.push(`${id} abandoned`),
    };
  };
  const town = {
    at: 'commit 1',
    async tell(id: string): Promise<void> {
      await allElse();
      seen.push(`the town knows ${id}`);
    },
    replace: (_full: PoolSession): Promise<Result<PoolSession>> => Promise.resolve(ok(open())),
  };
  const broken: unknown[] = [];
  const session = renewable(open(), {
    untold: [],
    progress: () => Promise.resolve(town.at),
    onFull: () => undefined,
    replace: async (full) => (await full.close(), town.replace(full)),
    tell: (id) => town.tell(id),
    briefing: () => Promise.resolve(['past', 'first']),
    onBroken: (cause) => broken.push(cause),
  });
  return { session, seen, town, broken, open };
}

test('a full conversation goes on in a new session, which the town knows and which is told the past before it is prompted (AG-24)', async () => {
  const { session, seen } = setUp(FULL, ENDED);
  expect(await session.prompt('go on')).toEqual(ENDED);
  expect(session.id).toBe('ses-2');
  await session.prompt('and now');
  expect(seen).toEqual([
    'ses-1 hears go on',
    'ses-1 closed',
    'the town knows ses-2',
    'ses-2 hears past|first|go on',
    'ses-2 hears and now',
  ]);
});

test('what the agent answers now is not said twice where it is the first message of the run', async () => {
  const { session, seen } = setUp(FULL);
  await session.prompt('first');
  expect(seen.at(-1)).toBe('ses-2 hears past|first');
});

test('without progress there are two renewals, then the turn ends as full; after a commit there are two more (AG-24, I8)', async () => {
  const { session, town, seen } = setUp(...Array.from({ length: 20 }, () => FULL));
  expect(await session.prompt('go on')).toEqual(FULL);
  expect(session.id).toBe('ses-3');
  expect(await session.prompt('again')).toEqual(FULL);
  expect(session.id).toBe('ses-3');
  town.at = 'commit 2';
  expect(await session.prompt('again')).toEqual(FULL);
  expect(session.id).toBe('ses-5');
  expect(seen.filter((each) => each.includes('hears'))).toHaveLength(7);
});

test.each(['refused', 'thrown'])('where no new session opens (%s) the turn ends as full', async (how) => {
  const { session, town, broken } = setUp(FULL);
  town.replace = () =>
    how === 'refused' ? Promise.resolve(refuse(failure('runner_full', 'No room.'))) : Promise.reject(new Error('No room.'));
  expect(await session.prompt('go on')).toEqual(FULL);
  expect(broken.map(String)).toEqual(['Error: No room.']);
});

test('a turn that is stopped while the town does not answer is over at once; the next one waits for the town, and is told the past', async () => {
  const { session, town, seen } = setUp(FULL);
  const known = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  town.tell = () => (asked.resolve(), known.promise);
  const turn = session.prompt('go on');
  await asked.promise;
  await session.cancel();
  expect(await turn).toEqual({ ...ENDED, stopReason: 'cancelled' });
  const next = session.prompt('something else');
  await allElse();
  expect(seen).not.toContain('ses-2 hears past|first|something else');
  known.resolve();
  expect(await next).toEqual(ENDED);
  expect(seen.at(-1)).toBe('ses-2 hears past|first|something else');
});

test('a run that ends while its new session opens leaves none behind', async () => {
  const { session, town, seen, open } = setUp(FULL);
  const opening = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  town.replace = async () => (asked.resolve(), await opening.promise, ok(open()));
  const turn = session.prompt('go on');
  await asked.promise;
  await session.cancel();
  await turn;
  const closed = session.close();
  opening.resolve();
  await closed;
  expect(seen).toContain('ses-2 closed');
  expect(seen.filter((each) => each.includes('hears'))).toEqual(['ses-1 hears go on']);
});
