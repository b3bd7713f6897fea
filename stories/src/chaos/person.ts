import { closedOf, issues, isOver, wait, type World } from './world.ts';

/** What a person does while a town has bad days; everything else it must do by itself. */
export interface Person {
  readonly retried: number;
  readonly resumed: number;
  /** A bead that failed may be tried again, once what a git left at the git server is removed; a town whose runner ended too often goes on. */
  act(world: World): Promise<void>;
  /** Until every errand is closed and every run over. */
  seeItThrough(world: World): Promise<void>;
}

/** `inTime` throws when the time for all of it is over. */
export function makePerson(say: (line: string) => void, inTime: () => void): Person {
  const asked = { retried: 0, resumed: 0 };
  const refused = (cause: unknown): void => say(String(cause));
  const act = async (world: World): Promise<void> => {
    const { client, town, replica } = world;
    if (replica.all('town')[0]?.container.state === 'failed') {
      await client.command(town, { kind: 'town.resume' }).catch(refused);
      asked.resumed += 1;
    }
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
