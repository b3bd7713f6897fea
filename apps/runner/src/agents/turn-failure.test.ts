import { expect, test } from 'vitest';
import { FAILURES } from '@gastown/protocol';
import { turnFailure } from './turn-failure.ts';

test.each([
  ['Internal error: The town is stopped. Resume the town: what was under way goes on by itself.', 'town_stopped'],
  ['Internal error: The budget of this town is spent. Raise the budget in Settings › Budget.', 'budget_spent'],
  ['Internal error: The spend limit of the rig shop is reached: $1.02 of $1.00.', 'budget_spent'],
  [`Internal error: x. ${FAILURES.no_model.next}`, 'no_model'],
  [`Gone: ${FAILURES.run_over.next}`, 'run_over'],
  ['Unauthorized: {"error":{"message":"bad key","code":"model_key_refused"}}', 'model_key_refused'],
  ['Internal error: invalid x-api-key', 'model_key_refused'],
  ['Too Many Requests', 'model_rate_limited'],
  ['Internal error: Unable to connect. Is the computer able to access the url?', 'model_unreachable'],
  ['429 You exceeded your current quota, please check your plan and billing details. (insufficient_quota)', 'model_quota_spent'],
  ['400 Your credit balance is too low to access the Anthropic API', 'model_quota_spent'],
  ["400 This model's maximum context length is 8192 tokens (context_length_exceeded)", 'model_context_full'],
  ['prompt is too long: 210000 tokens > 200000 maximum', 'model_context_full'],
  ['The response was filtered due to the prompt triggering the content management policy', 'model_refused'],
  ['529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 'model_overloaded'],
  [`model_overloaded: The provider keeps failing: it answers with 500. ${FAILURES.model_overloaded.next}`, 'model_overloaded'],
  ['Internal error: OpenCode service failure {"service":"session"}', 'agent_crashed'],
  ['something nobody has seen', 'model_unreachable'],
])('%j is told as %s', (said, code) => {
  expect(turnFailure(said)).toMatchObject({ code, message: expect.not.stringContaining('Internal error') });
});
