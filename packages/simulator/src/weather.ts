import { failure } from '@gastown/protocol';
import type { Scene } from './scene.ts';
import type { Random } from './world/random.ts';
import type { World } from './world/world.ts';

/** What goes wrong by itself, from time to time: the forge is out, somebody pushes, the machine dies, a rival runner comes, the town is deleted. */
const PAUSE_MS = 20_000;

export function beginWeather(scene: Scene): void {
  const random = scene.world.stream('weather');
  const next = (): void => {
    scene.world.after(random.wait(PAUSE_MS), () => {
      if (scene.world.calm) return;
      strike(scene, random);
      next();
    });
  };
  next();
}

function strike(scene: Scene, random: ReturnType<Scene['world']['stream']>): void {
  const { world, forge, host, runners } = scene;
  const repository = random.pick(forge.all());
  if (world.strikes('forge.outage')) forge.goesOut(random.wait(120_000));
  if (repository && world.strikes('forge.refuses_the_token')) forge.wantsToken(repository.url);
  if (repository?.head(repository.target) && world.strikes('forge.head_moves'))
    forge.pushByOthers(repository, `file-${random.below(14)}`, `from outside ${world.steps}`);
  if (repository?.head(repository.target) && world.strikes('forge.goes_red'))
    forge.pushByOthers(repository, `file-${random.below(14)}`, `red ${world.steps}`);
  if (repository?.head(repository.target) && world.strikes('forge.renames_its_branch')) forge.rename(repository);
  if (world.clockOff === 0 && world.strikes('clock.is_wrong')) setClock(world, random);
  if (world.strikes('host.dies')) host.ends(failure('runner_lost', 'The machine died.'));
  const alive = runners.filter((runner) => runner.alive);
  if (alive.length > 0 && world.strikes('runner.has_a_rival')) scene.bootRival(random.pick(alive)!);
  if (alive.length > 0 && world.strikes('runner.is_asked_to_end')) random.pick(alive)?.drain(random.wait(300_000));
  if (alive.length > 0 && world.strikes('runner.hangs')) random.pick(alive)?.hang();
  if (world.strikes('people.delete_the_town')) deleteTown(scene, random);
}

/** By hours, either way; somebody puts it right within minutes. */
function setClock(world: World, random: Random): void {
  world.clockOff = (random.chance(0.5) ? 1 : -1) * random.wait(3_600_000);
  world.tell('clock', () => `is ${Math.round(world.clockOff / 60_000)} min wrong`);
  world.after(random.wait(60_000), () => putRight(world));
}
export function putRight(world: World): void {
  if (world.clockOff !== 0) world.tell('clock', () => 'is put right');
  world.clockOff = 0;
}

/** Deleted in the core first; its container and at last its store go some time later, and until then late events arrive. */
function deleteTown(scene: Scene, random: ReturnType<Scene['world']['stream']>): void {
  const { world, shell, host } = scene;
  if (shell.memory.deleted) return;
  world.tell('somebody', () => 'deletes the town');
  if (shell.delete() === null) return void world.after(3_000, () => deleteTown(scene, random));
  world.after(random.wait(60_000), () => {
    host.destroy();
    world.after(random.wait(30_000), () => {
      world.tell('town', () => 'is wiped');
      shell.wipe();
    });
  });
}
