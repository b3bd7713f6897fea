import { expect, test } from 'vitest';
import type { AgentRow, LimitFigures, TownRow } from '@gastown/protocol';
import { failure } from '@gastown/protocol';
import { heldWords } from './held.ts';

const model = { provider: 'custom', model: 'm', baseUrl: 'http://127.0.0.1:9', price: null };
const town = (over: object = {}) =>
  ({ id: 'k3v9q0t2m4xa', stopped: false, paused: false, model, scripted: false, modelHeld: null, ...over }) as TownRow;
const mayor = { id: 'ag-1', name: 'Mayor', role: 'mayor', runId: null, paused: false } as AgentRow;
const maple = { ...mayor, id: 'ag-2', name: 'Maple', role: 'polecat' } as AgentRow;
const none = () => undefined;
const spent =
  (ref: string) =>
  (asked: string): LimitFigures | undefined =>
    asked === ref ? { spentMicros: 60_000, softMicros: null, hardMicros: 50_000 } : undefined;

test('a message to the Mayor says what holds it, as a bead would (MY-14, I10)', () => {
  expect(heldWords(mayor, town({ stopped: true, paused: true }), none)).toBe('The town is stopped: no agent works until it is resumed.');
  expect(heldWords(mayor, town({ model: null }), none)).toBe('No model is configured.');
  expect(heldWords(mayor, town(), spent('town:k3v9q0t2m4xa'))).toMatch(/^The hard limit of the town is reached: \$0\.06\d* of \$0\.05/);
  expect(heldWords(mayor, town(), spent('agent:ag-1'))).toMatch(/^The hard limit of Mayor is reached: /);
  const modelHeld = { until: Date.UTC(2030, 1, 1, 12, 31), failure: failure('model_overloaded') };
  expect(heldWords(mayor, town({ modelHeld }), none)).toBe('Waits for the provider until 12:31 UTC: it has too much to do.');
  expect(heldWords({ ...mayor, paused: true }, town(), none)).toBe('Mayor is paused.');
});

test('what nothing holds waits for its turn only; a paused town lets the Mayor answer (MT-5)', () => {
  expect(heldWords(mayor, town(), none)).toBeNull();
  expect(heldWords(mayor, town({ model: null, scripted: true }), none)).toBeNull();
  expect(heldWords(mayor, town({ paused: true }), none)).toBeNull();
});

test('a polecat that is not at work is not said to start for a message (MS-6)', () => {
  expect(heldWords(maple, town(), none)).toBe('Maple is not at work, and reads this when it works again.');
  expect(heldWords(maple, town({ paused: true }), none)).toBe('The town is paused.');
  expect(heldWords({ ...maple, runId: 'run-000000000001' as AgentRow['runId'] }, town({ paused: true }), none)).toBeNull();
});
