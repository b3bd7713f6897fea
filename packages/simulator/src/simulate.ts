import type { Envelope } from '@gastown/town';
import { beginCalm, isAtRest, mustBeSettled, mustSettle } from './calm.ts';
import type { Plan } from './plan.ts';
import { plantOf } from './plants.ts';
import { openScene, type Scene } from './scene.ts';
import { openStore, type Store } from './town/store.ts';
import { beginWeather } from './weather.ts';
import { Broken, type Line, type Violation } from './world/world.ts';

export interface Ran {
  readonly plan: Plan;
  readonly steps: number;
  /** Steps until the calm began. */
  readonly stormSteps: number;
  readonly commands: number;
  readonly townMs: number;
  readonly violation: Violation | null;
  readonly counts: { readonly duplicates: number; readonly lateOrReordered: number; readonly networkFaults: number };
  readonly faults: Readonly<Record<string, number>>;
  /** Commands and tools that were accepted, and how often. */
  readonly accepted: ReadonlyMap<string, number>;
  readonly refused: ReadonlyMap<string, number>;
  readonly occurred: readonly string[];
  readonly story: readonly Line[];
}

let shared: Store | null = null;

/** Runs one plan from the first step to the rest after the storm, or to the first rule that is broken. */
export function simulate(plan: Plan, options: { telling?: boolean } = {}): Ran {
  shared ??= openStore();
  shared.empty();
  const planted = plantOf(plan.plant);
  const scene = openScene({ ...plan, rates: { ...planted?.rates, ...plan.rates } }, shared, { telling: options.telling ?? false, planted });
  const { world } = scene;
  const began = world.now;
  let stormSteps = 0;
  let violation: Violation | null = null;
  try {
    begin(scene);
    storm(scene);
    stormSteps = world.steps;
    rest(scene);
    scene.watch.atTheEnd();
    mustBeSettled(scene);
  } catch (error) {
    violation = violationOf(error, world.steps);
    world.tell('check', () => `${violation?.invariant}: ${violation?.message}`);
  }
  return {
    plan,
    steps: world.steps,
    stormSteps: stormSteps || world.steps,
    commands: world.commands,
    townMs: world.now - began,
    violation,
    counts: world.counts,
    faults: Object.fromEntries(world.faults),
    accepted: world.used.accepted,
    refused: world.used.refused,
    occurred: world.occurred,
    story: world.story ?? [],
  };
}

/** What the core throws is a bug of the core; what the simulator throws is one of the simulator. Both end the run. */
function violationOf(error: unknown, step: number): Violation {
  if (error instanceof Broken) return { invariant: error.invariant, message: error.message, step };
  if (error instanceof Error)
    return { invariant: 'throws', message: `${error.message}\n${error.stack?.split('\n').slice(1, 5).join('\n') ?? ''}`, step };
  throw error;
}

function begin(scene: Scene): void {
  const { shell, people, world } = scene;
  const { plan } = world;
  while (shell.handle(created(plan)) === null);
  const urls = ['/srv/app.git', '/srv/lib.git', '/srv/web.git', '/srv/empty.git'];
  for (let at = 0; at < plan.rigs; at += 1)
    people[0]?.wish({ kind: 'rig.add', name: `app ${at + 1}`, gitUrl: urls[at % urls.length], gates: ['npm test'] });
  for (let at = 0; at < (plan.machines ?? 0); at += 1) people[0]?.wish({ kind: 'runner.add', name: `machine ${at + 1}`, places: at + 1 });
  for (const person of people) person.begin();
  scene.machines.begin();
  beginWeather(scene);
}
export function created(plan: Plan): Envelope {
  return {
    key: null,
    actor: { kind: 'person', id: 'Ada', name: 'Ada' },
    command: {
      kind: 'town.create',
      id: 'town00000001',
      name: 'Simville',
      epoch: `e${plan.seed}`,
      gitName: 'Ada',
      gitEmail: 'ada@example.test',
      model: { provider: 'openai', model: 'm', baseUrl: null, price: null },
      modelKeyHint: 'abcd',
      scripted: false,
      agentKind: 'kilo',
    },
  };
}

/** One event of the queue, and every check. False: nothing is planned any more. */
function step(scene: Scene): boolean {
  const { world } = scene;
  const next = world.queue.next();
  if (!next) return false;
  world.now = next.at;
  world.steps += 1;
  next.act();
  scene.watch.look();
  return true;
}

function storm(scene: Scene): void {
  const { world } = scene;
  const { steps, commands = Number.MAX_SAFE_INTEGER } = world.plan;
  while (world.steps < steps && world.commands < commands && step(scene));
}

function rest(scene: Scene): void {
  const { world } = scene;
  beginCalm(scene);
  const since = { at: world.now, steps: world.steps };
  while (!isAtRest(scene, world.queue.peek()) && step(scene)) mustSettle(scene, since);
}
