import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { makeEnding } from './ending.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('gives what comes first: the work, its failure, or what is made of the end', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const ending = makeEnding(promise);
  expect(await ending.first(Promise.resolve('done'), String)).toBe('done');
  await expect(ending.first(Promise.reject(new Error('broken')), String)).rejects.toThrow('broken');
  const cut = ending.first(new Promise<string>(() => {}), (how) => `cut by ${how}`);
  resolve('the end');
  expect(await cut).toBe('cut by the end');
  expect(await ending.first(new Promise<string>(() => {}), (how) => `late for ${how}`)).toBe('late for the end');
});

test('keeps nothing of work that is over, however long the end takes', async () => {
  const ending = makeEnding(new Promise<string>(() => {}));
  const held: WeakRef<object>[] = [];
  const work = async (): Promise<void> => {
    const session = { what: 'a session with all that it holds' };
    held.push(new WeakRef(session));
    await ending.first(Promise.resolve(1), () => Object.keys(session).length);
  };
  for (let turn = 0; turn < 10; turn += 1) await work();
  await until('all of it is collected', () => {
    collect();
    return held.every((each) => each.deref() === undefined);
  });
  expect(ending.promise).toBeInstanceOf(Promise);
});
