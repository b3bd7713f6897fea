import type { FailureCode } from '@gastown/protocol';
import { expect, Unable } from './case.ts';
import type { Case } from './case.ts';
import type { House, Started } from './house.ts';

/** What an agent makes of a model that fails. Each ends its turn within a bounded number of calls, and the run tells why. */
interface Trouble {
  readonly id: string;
  readonly step: object;
  /** Null: the turn ends well. */
  readonly codes: readonly (FailureCode | null)[];
  /** What it means when an agent tells nothing of it. */
  readonly silent?: string;
}

/** Agents try a passing failure again for longer than a turn may be silent here: then it is the watch over silence that ends the turn. */
const PASSING = ['agent_stalled'] as const;
const MOST_CALLS = 40;

const TROUBLES: readonly Trouble[] = [
  {
    id: 'a refused key (401)',
    step: { error: { status: 401, always: true, message: 'Incorrect API key provided' } },
    codes: ['model_key_refused'],
  },
  { id: 'a limit (429), then an answer', step: { error: 429, text: 'Well again.' }, codes: [null] },
  {
    id: 'a limit for ever',
    step: { error: { status: 429, always: true, message: 'Rate limit reached' } },
    codes: ['model_rate_limited', ...PASSING],
  },
  {
    id: 'an overloaded provider for ever (529)',
    step: { error: { status: 529, always: true, message: 'Overloaded' } },
    codes: ['model_overloaded', ...PASSING],
  },
  {
    id: 'a broken provider for ever (500)',
    step: { error: { status: 500, always: true } },
    codes: ['model_unreachable', 'model_overloaded', ...PASSING],
  },
  {
    id: 'an account without credit, as the model door tells it (403)',
    step: {
      error: {
        status: 403,
        always: true,
        code: 'model_quota_spent',
        message: 'model_quota_spent: The account at the provider has no credit left.',
      },
    },
    // Claude Code takes any 403 for a refused key: for the town the door has said which it is.
    codes: ['model_quota_spent', 'model_key_refused'],
  },
  {
    id: 'a wrong request for ever (400)',
    step: { error: { status: 400, always: true, message: 'messages: something is wrong' } },
    codes: ['model_unreachable', ...PASSING],
  },
  {
    id: 'a conversation that is too long, and each new one too',
    step: {
      error: {
        status: 400,
        always: true,
        code: 'context_length_exceeded',
        message: 'prompt is too long: this model’s maximum context length is 8192 tokens, your messages have 9000 tokens',
      },
    },
    codes: ['model_context_full', null],
  },
  {
    id: 'an answer that the provider refuses',
    step: { text: 'I cannot', refused: true },
    codes: ['model_refused'],
    silent: 'it takes a refusal for an answer',
  },
  { id: 'arguments of a tool that are not JSON', step: { tool: 'gt_checkpoint', args: {}, badJson: true }, codes: [null] },
  {
    id: 'a connection cut in the middle',
    step: { text: 'one two three four', cutAfterChunks: 3 },
    codes: [null, 'model_unreachable', ...PASSING],
  },
  { id: 'an answer that never comes', step: { hang: true }, codes: ['agent_stalled', 'model_unreachable'] },
];

/** In all sessions that the run had. */
const callsOf = (house: House, run: Started): number => {
  const sessions = [run.sessionId, ...house.reports(run, 'session.renewed').map(({ sessionId }) => sessionId)];
  return house.model.requests().filter(({ headers }) => sessions.includes(String(headers['x-session-id']))).length;
};

export const BROKEN_MODEL: readonly Case[] = TROUBLES.map(({ id, step, codes, silent }) => ({
  id: `model: ${id}`,
  async tell(house) {
    const run = await house.begin([step, { text: 'Over.' }]);
    const at = Date.now();
    const end = await house.turns(run, 1, 180_000);
    const seconds = Math.round((Date.now() - at) / 1_000);
    const calls = callsOf(house, run);
    await house.stop(run);
    const code = end.failure?.code ?? null;
    if (code === null && silent !== undefined) throw new Unable(silent);
    expect(codes.includes(code), `it ended as ${code ?? end.stopReason}: ${end.failure?.message ?? ''} (${calls} calls, ${seconds} s)`);
    expect(calls <= MOST_CALLS, `${calls} model calls`);
    return `${code ?? 'ends well'}, ${calls} calls, ${seconds} s`;
  },
}));
