import { runsOf } from '../errands.ts';
import { MODEL_KEY } from '../house.ts';
import type { Telling } from '../telling.ts';
import { at, commit, give, handIn, landed, OVER, waitOf, type Kind, type Tale } from './tale.ts';

const LIMIT_SECONDS = 12;
/** A limit in the middle: the agent asks again and goes on; meanwhile nothing new starts, and what waits says why. */
export async function isLimited(telling: Telling, tale: Tale, kind: Kind): Promise<void> {
  const { replica } = tale;
  const [word, other] = [`pear-${kind.id}`, `quince-${kind.id}`];
  const limit = { error: { status: 429, retryAfterSeconds: LIMIT_SECONDS, message: 'Rate limit reached for requests' } };
  const beadId = await give(tale, `Add the word ${word}`, [commit(word), { ...limit, ...handIn(word) }, OVER]);
  const held = await replica.until('the provider is left alone', () => replica.all('town')[0]?.modelHeld, 120_000);
  telling.check(
    'the town says that the provider asks to slow down',
    held.failure.code === 'model_rate_limited' && held.failure.message.includes('Rate limit'),
  );
  const waiting = await give(tale, `Add the word ${other}`, [commit(other), handIn(other), OVER]);
  const waits = await waitOf(tale, waiting, 'model_held');
  telling.check(
    'a bead that waits for it says so, and until when',
    /^Waits for the provider until \d\d:\d\d UTC: it asks to slow down\.$/.test(waits),
  );
  await landed(telling, tale, kind, beadId);
  telling.check(`${kind.label} went on in the same run`, runsOf(replica, beadId).length === 1);
  await landed(telling, tale, kind, waiting);
  telling.check('the hold is over', replica.all('town')[0]?.modelHeld === null);
}

/** The provider refuses the key: the run ends, nobody is charged an attempt, nothing starts, until a person gives another. */
export async function hasNoKey(telling: Telling, tale: Tale, kind: Kind): Promise<void> {
  const { client, town, replica } = tale;
  const word = `plum-${kind.id}`;
  await client.command(town, { kind: 'town.set_model_key', key: 'a-key-that-nobody-gave' });
  const beadId = await give(tale, `Add the word ${word}`, [commit(word), handIn(word), OVER]);
  const waits = await waitOf(tale, beadId, 'no_model');
  telling.check('a bead that waits for a key says so', waits === 'The provider refused the key.');
  await (await at(tale, `/beads/${beadId}`)).getByTestId('why-not').getByText('The provider refused the key.').waitFor();
  const [refused] = await replica.until('its run ended', () => [runsOf(replica, beadId)].find((runs) => runs[0]?.state === 'ended'));
  telling.check(`the run of ${kind.label} says it too`, refused?.failure?.code === 'model_key_refused');
  telling.check('it was no attempt', replica.get('beads', beadId)?.attempts === 0);
  const asked = () => replica.all('escalations').filter(({ topic, acknowledgedAt }) => topic === 'model' && acknowledgedAt === null);
  await replica.until('a person is asked', () => asked().length > 0);
  telling.check('a person is asked, once', asked().length === 1);
  await client.command(town, { kind: 'town.set_model_key', key: MODEL_KEY });
  await landed(telling, tale, kind, beadId);
}
