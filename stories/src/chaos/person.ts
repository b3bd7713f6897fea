import { FAILURES } from '@gastown/protocol';
import { MODEL_KEY } from '../house.ts';
import { modelNeed } from './needs.ts';
import { closedOf, issues, isOver, wait, type World } from './world.ts';

/** What a person does while a town has bad days; everything else it must do by itself. */
export interface Person {
  readonly retried: number;
  readonly resumed: number;
  /** Where the town said that the provider refused the key: it was saved again, as Settings › Models does. */
  readonly savedKey: number;
  /** Where the town said that the account has no credit: what its need offers was pressed. */
  readonly askedAgain: number;
  /** A bead that failed may be tried again, once what a git left at the git server is removed; a town whose runner ended too often goes on, and one that told of the provider. */
  act(world: World): Promise<void>;
  /** Until every errand is closed and every run over. */
  seeItThrough(world: World): Promise<void>;
}

/** `inTime` throws when the time for all of it is over. */
export function makePerson(say: (line: string) => void, inTime: () => void): Person {
  const asked = { retried: 0, resumed: 0, savedKey: 0, askedAgain: 0 };
  const refused = (cause: unknown): void => say(String(cause));
  const helpModel = async (world: World): Promise<void> => {
    const need = modelNeed(world);
    if (need === null) return;
    say(`a person reads: ${need.detail}`);
    if (need.detail.includes(FAILURES.model_key_refused.next)) {
      await world.client.command(world.town, { kind: 'town.set_model_key', key: MODEL_KEY });
      asked.savedKey += 1;
    } else if (need.sends !== null) {
      await world.client.command(world.town, need.sends);
      asked.askedAgain += 1;
    }
    await world.replica.until('the need is over', () => modelNeed(world)?.id !== need.id);
  };
  const act = async (world: World): Promise<void> => {
    const { client, town, replica } = world;
    if (replica.all('town')[0]?.container.state === 'failed') {
      await client.command(town, { kind: 'town.resume' }).catch(refused);
      asked.resumed += 1;
    }
    await helpModel(world);
    const failed = issues(world).filter(({ status }) => status === 'failed');
    if (failed.length > 0) for (const lock of world.house.removeLeftLocks()) say(`a person removed ${lock}`);
    for (const bead of failed) {
      await client.command(town, { kind: 'bead.retry', beadId: bead.id }).catch(refused);
      asked.retried += 1;
    }
  };
  return {
    get retried() {
      return asked.retried;
    },
    get resumed() {
      return asked.resumed;
    },
    get savedKey() {
      return asked.savedKey;
    },
    get askedAgain() {
      return asked.askedAgain;
    },
    act,
    async seeItThrough(world) {
      say(`calm (${closedOf(world)} of ${world.beads.length} closed)`);
      while (!isOver(world)) {
        inTime();
        await act(world);
        await wait(1_000);
      }
      await world.replica.until('every run is over', () =>
        world.replica.all('runs').every((run) => run.beadId === null || run.state === 'ended'),
      );
      say('every errand is closed');
    },
  };
}
