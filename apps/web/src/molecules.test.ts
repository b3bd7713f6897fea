import { expect, test } from 'vitest';
import { NewSteps } from '@gastown/protocol';
import { stepsOf } from './molecules.ts';

test('lines become steps, each after the one before (ML-2)', () => {
  const steps = stepsOf('1. Read the code\n\n- Write a failing test\nMake it pass', true);
  expect(NewSteps.safeParse(steps).success).toBe(true);
  expect(steps.map(({ title, needs }) => [title, needs])).toEqual([
    ['Read the code', undefined],
    ['Write a failing test', ['step-1']],
    ['Make it pass', ['step-2']],
  ]);
});

test('without an order nothing waits', () => expect(stepsOf('a\nb', false).some((step) => step.needs)).toBe(false));
