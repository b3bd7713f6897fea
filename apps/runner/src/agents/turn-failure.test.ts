import { expect, test } from 'vitest';
import { FAILURES } from '@gastown/protocol';
import { answerPermission } from './permission.ts';
import { turnFailure } from './turn-failure.ts';

test.each([
  ['Internal error: The town is stopped. Resume the town: what was under way goes on by itself.', 'town_stopped'],
  ['Internal error: The budget of this town is spent. Raise the budget in Settings › Budget.', 'budget_spent'],
  [`Internal error: x. ${FAILURES.no_model.next}`, 'no_model'],
  [`Gone: ${FAILURES.run_over.next}`, 'run_over'],
  ['Unauthorized: {"error":{"message":"bad key","code":"model_key_refused"}}', 'model_key_refused'],
  ['Internal error: invalid x-api-key', 'model_key_refused'],
  ['Too Many Requests', 'model_rate_limited'],
  ['Internal error: Unable to connect. Is the computer able to access the url?', 'model_unreachable'],
  ['something nobody has seen', 'model_unreachable'],
])('%j is told as %s', (said, code) => {
  expect(turnFailure(said)).toMatchObject({ code, message: expect.not.stringContaining('Internal error') });
});

const ask = (title: string, kinds: ('allow_once' | 'reject_once')[]) =>
  answerPermission({
    sessionId: 's',
    toolCall: { toolCallId: 'c', title },
    options: kinds.map((kind) => ({ kind, name: kind, optionId: `id-${kind}` })),
  });

test("a question for permission is refused, unless it is about the town's own tools", () => {
  expect(ask('bash rm -rf /', ['allow_once', 'reject_once'])).toEqual({ outcome: { outcome: 'selected', optionId: 'id-reject_once' } });
  expect(ask('gt_done', ['allow_once', 'reject_once'])).toEqual({ outcome: { outcome: 'selected', optionId: 'id-allow_once' } });
  expect(ask('webfetch', ['allow_once'])).toEqual({ outcome: { outcome: 'cancelled' } });
});
