import { expect, it } from 'vitest';
import { tryAgain } from './retry.ts';

function failing(times: number, error = new Error('lost')) {
  const pauses: number[] = [];
  let tried = 0;
  const work = async () => {
    tried += 1;
    if (tried <= times) throw error;
    return tried;
  };
  return { work, pauses, tried: () => tried, tries: { tries: 4, baseMs: 100, pause: async (ms: number) => void pauses.push(ms) } };
}

it('what fails is tried again, with growing pauses', async () => {
  const { work, pauses, tries } = failing(3);
  expect(await tryAgain(work, tries)).toBe(4);
  expect(pauses.map((ms, at) => ms >= 0 && ms <= 200 * 2 ** at)).toEqual([true, true, true]);
});
it('what fails each time ends with its own error', async () => {
  const { work, tried, tries } = failing(99);
  await expect(tryAgain(work, tries)).rejects.toThrow('lost');
  expect(tried()).toBe(4);
});
it('an overloaded object is not asked again', async () => {
  const { work, tried, tries } = failing(99, Object.assign(new Error('too much'), { overloaded: true }));
  await expect(tryAgain(work, tries)).rejects.toThrow('too much');
  expect(tried()).toBe(1);
});
