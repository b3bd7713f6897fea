import { runsOf } from '../errands.ts';
import type { Telling } from '../telling.ts';
import { at, commit, give, handIn, landed, OVER, requestsWith, type Kind, type Tale } from './tale.ts';

/** As each provider says it. */
const TOO_LONG: Readonly<Partial<Record<Kind['api'], object>>> = {
  anthropic: { status: 400, message: 'prompt is too long: 204801 tokens > 200000 maximum' },
  responses: {
    status: 400,
    streamed: true,
    code: 'context_length_exceeded',
    message: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
  },
};
/** It names the words too. */
const SCRIPT = /<<<SCRIPT.*?SCRIPT>>>/g;
/** What a new session is told. */
const PAST = /that is the past/i;
/** The conversation becomes too long in the middle: the run goes on within its turn, in a new session that is told the past. */
export async function isFull(telling: Telling, tale: Tale, kind: Kind): Promise<void> {
  const { client, town, replica } = tale;
  const word = `cherry-${kind.id}`;
  const full = { error: { ...TOO_LONG[kind.api], always: true, unless: PAST.source } };
  const beadId = await give(tale, `Add the word ${word}`, [commit(word), { ...full, ...handIn(word) }, OVER]);
  const { id, agentId, commits } = await landed(telling, tale, kind, beadId);
  telling.check('it went on in the same run, at the first attempt', runsOf(replica, beadId).length === 1);
  const items = (await client.transcript(town, agentId)).map(({ item }) => item).filter(({ runId }) => runId === id);
  telling.check('it had one prompt', items.filter((item) => item.kind === 'user').length === 1);
  const renewed = items.filter((item) => item.kind === 'notice' && item.code === 'session_full');
  telling.check('its timeline says once that the work goes on in a new session', renewed.length === 1);
  const told = requestsWith(tale, word);
  telling.check(
    'the new session was told the past',
    told.some(({ conversation }) => PAST.test(JSON.stringify(conversation.turns).replaceAll(SCRIPT, ''))),
  );
  await (await at(tale, `/agents/${agentId}`)).getByText('the work goes on in a new session').first().waitFor();
  telling.check('both sessions worked in one worktree', commits.length === 2 && commits.every(({ subject }) => subject === `Add ${word}`));
}
