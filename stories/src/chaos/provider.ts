import type { ChangeOfAnswer } from '@gastown/rehearsal';
import type { Dice } from './dice.ts';
import { modelNeed } from './needs.ts';
import { agentsAtWork, wait, type World } from './world.ts';

/** What a provider does to its callers: a fault for each class that the town tells apart (AG-24, RC-34), and an answer that breaks off. */
interface ProviderFault {
  readonly says: string;
  readonly happen: (world: World, dice: Dice) => Promise<boolean>;
}

/** A provider that did not answer as it should, of which the town said nothing for so long, is a broken promise. */
const SAYS_WITHIN_MS = 60_000;

interface Trouble {
  /** Longer, where the town has not said it until then. */
  readonly lastsMs: number;
  readonly change: ChangeOfAnswer;
  /** The town tells of it. */
  readonly isSaid: (world: World) => boolean | Promise<boolean>;
}

/** The provider is put right at the end. False: no call met it. */
async function meet(world: World, { lastsMs, change, isSaid }: Trouble): Promise<boolean> {
  if (!agentsAtWork(world)) return false;
  let met = false;
  let said = false;
  const until = Date.now() + lastsMs;
  world.house.model.inject((answer, session) => {
    const changed = change(answer, session);
    met ||= changed !== answer;
    return changed;
  });
  try {
    while (Date.now() < until || (met && !said)) {
      if (Date.now() > until + SAYS_WITHIN_MS) throw new Error(`a provider in trouble, and the town did not say so (RC-34): ${change}`);
      said ||= met && (await isSaid(world));
      await wait(100);
    }
  } finally {
    world.house.model.inject(null);
  }
  return met;
}

const always = (error: { status: number; message: string; code?: string; retryAfterSeconds?: number }): ChangeOfAnswer => {
  return (answer) => ({ ...answer, error: { ...error, always: true } });
};

/** One session in the midst of its work is chosen; what befalls it befalls no other. */
function oneSession(change: (answer: Parameters<ChangeOfAnswer>[0], times: number) => ReturnType<ChangeOfAnswer>): ChangeOfAnswer {
  let chosen: string | null = null;
  let times = 0;
  return (answer, session) => {
    if (answer.tool === 'bash') chosen ??= session;
    return session === chosen ? change(answer, (times += 1)) : answer;
  };
}

const isHeld = ({ replica }: World): boolean =>
  ['model_rate_limited', 'model_overloaded'].includes(replica.all('town')[0]?.modelHeld?.failure.code ?? '');
const asksForAPerson = (world: World): boolean => modelNeed(world) !== null;

/** How often a conversation went on in a new session, as whoever reads the agents' timelines sees it. */
async function renewals({ client, town, replica }: World): Promise<number> {
  const polecats = replica.all('agents').filter(({ role }) => role === 'polecat');
  const timelines = await Promise.all(polecats.map(({ id }) => client.transcript(town, id)));
  return timelines.flat().filter(({ item }) => item.kind === 'notice' && item.code === 'session_full').length;
}
const refusedRuns = ({ replica }: World): number => replica.all('runs').filter(({ failure }) => failure?.code === 'model_refused').length;

export const PROVIDER_FAULTS = {
  'provider limit': {
    says: 'the provider answers with 429, and when to come back',
    happen: (world, dice) =>
      meet(world, {
        lastsMs: dice.between(3_000, 8_000),
        change: always({ status: 429, retryAfterSeconds: dice.between(3, 8), message: 'Rate limit reached for requests' }),
        isSaid: isHeld,
      }),
  },
  'provider overload': {
    says: 'the provider answers with 529 or 503',
    happen: (world, dice) =>
      meet(world, {
        lastsMs: dice.between(3_000, 8_000),
        change: always({ status: dice.pick([529, 503]), message: 'Overloaded' }),
        isSaid: isHeld,
      }),
  },
  'provider key': {
    says: 'the provider refuses the key for some seconds',
    happen: (world, dice) =>
      meet(world, {
        lastsMs: dice.between(3_000, 8_000),
        change: always({ status: 401, message: 'Incorrect API key provided', code: 'invalid_api_key' }),
        isSaid: asksForAPerson,
      }),
  },
  'provider quota': {
    says: 'the account at the provider is empty, and filled again',
    happen: (world, dice) =>
      meet(world, {
        lastsMs: dice.between(3_000, 8_000),
        change: always({ status: 429, message: 'You exceeded your current quota', code: 'insufficient_quota' }),
        isSaid: asksForAPerson,
      }),
  },
  'provider context': {
    says: 'the conversation of one session is longer than the model takes',
    async happen(world, dice) {
      const before = await renewals(world);
      const message = 'This model’s maximum context length is 8192 tokens, your messages have 9000 tokens';
      const error = { status: 400, always: true, code: 'context_length_exceeded', message };
      return meet(world, {
        lastsMs: dice.between(3_000, 8_000),
        change: oneSession((answer) => ({ ...answer, error })),
        isSaid: async (now) => (await renewals(now)) > before,
      });
    },
  },
  'provider refusal': {
    says: 'the provider’s filter ends one answer',
    happen(world, dice) {
      const before = refusedRuns(world);
      return meet(world, {
        lastsMs: dice.between(3_000, 8_000),
        change: oneSession((answer, times) => (times === 1 ? { text: 'I cannot help with that.', refused: true } : answer)),
        isSaid: (now) => refusedRuns(now) > before,
      });
    },
  },
  'provider stream cut': {
    says: 'answers of the provider break off in the middle',
    happen: (world, dice) =>
      meet(world, {
        lastsMs: dice.between(3_000, 8_000),
        change: (answer) => ({ ...answer, cutAfterChunks: dice.between(0, 3) }),
        isSaid: () => true, // asked again, of which nothing need be said
      }),
  },
} as const satisfies Record<string, ProviderFault>;
