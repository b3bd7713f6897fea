import { failure, HOME_RUNNER, type FromRunner, type RunnerId, type ToRunner } from '@gastown/protocol';
import type { Sql, Town } from '@gastown/town';
import { Forge } from './forge/forge.ts';
import { Host } from './forge/host.ts';
import { Browser } from './people/browser.ts';
import { Person } from './people/person.ts';
import { Wishes } from './people/wishes.ts';
import type { Plan } from './plan.ts';
import { Machines } from './runner/machines.ts';
import { Runner, type Ground, type Pass } from './runner/runner.ts';
import { Door } from './town/door.ts';
import { Shell } from './town/shell.ts';
import type { Store } from './town/store.ts';
import { Watch } from './town/watch.ts';
import { Wire, type End } from './world/wire.ts';
import { World } from './world/world.ts';

/** Everybody of one run, put together. */
export interface Scene {
  readonly world: World;
  readonly shell: Shell;
  readonly forge: Forge;
  readonly host: Host;
  readonly people: readonly Person[];
  readonly watch: Watch;
  readonly ground: Ground;
  readonly runners: Runner[];
  readonly machines: Machines;
  /** Another process for the same runner. */
  bootRival(of: Runner): void;
}
/** A bug that is put in on purpose, between the shell and the core or the core and its store. */
export interface Planted {
  readonly sql?: (sql: Sql) => Sql;
  readonly town?: (town: Town) => Town;
  /** Faults without which it would show too seldom. */
  readonly rates?: Plan['rates'];
}

const NAMES = ['Ada', 'Grace', 'Alan', 'Edsger'];
const HOME: Pass = { id: HOME_RUNNER, serial: 0 };
const HOSTILE = { hostile: true, delayMs: 15, cut: 'link.cut', slow: 'link.slow' } as const;

export function openScene(plan: Plan, store: Store, options: { telling: boolean; planted?: Planted | undefined }): Scene {
  const world = new World(plan, options.telling);
  const { planted } = options;
  const planned: Store = planted?.sql ? { ...store, sql: planted.sql(store.sql) } : store;
  const runners: Runner[] = [];
  const shell: Shell = new Shell(world, planned, () => host, planted?.town);
  const forge = new Forge(world);
  const wishes = new Wishes(world, store);
  const network = world.stream('network');
  const ground: Ground = {
    world,
    forge,
    shell,
    wishes,
    door: new Door(world, shell),
    shown: new Map(),
    connect(client: End<ToRunner>, pass: Pass) {
      const wire: Wire<FromRunner, ToRunner> = new Wire(world, network, HOSTILE, {
        client,
        server: { receive: (frame) => shell.receive(wire, frame), closed: () => shell.closed(wire) },
      });
      shell.opened(wire, pass);
      return wire;
    },
  };
  const boot = (disk: Set<string>, pass: Pass): Runner => {
    const runner = new Runner(ground, `runner ${runners.length}`, disk, pass);
    runners.push(runner);
    return runner;
  };
  const host = new Host(
    world,
    (disk) => {
      const runner = boot(disk, HOME);
      runner.onEnd = () => host.ends(failure('runner_lost', 'The runner ended.'));
      return { disk, stop: () => runner.end() };
    },
    (why) => shell.observed('stopped', why),
  );
  const machines = new Machines(
    world,
    () =>
      store.sql
        .all(`SELECT id, token_serial FROM runners WHERE kind = 'machine' ORDER BY created_at, id`)
        .map((row) => ({ id: row['id'] as RunnerId, serial: Number(row['token_serial']) })),
    (pass, disk) => boot(disk, pass),
  );
  const browsers = Array.from({ length: plan.browsers }, (_, at) => new Browser(world, shell, `page ${at + 1}`));
  const people = Array.from({ length: plan.people }, (_, at) => new Person(world, shell, wishes, NAMES[at % NAMES.length]!));
  const watch = new Watch(world, shell, store, browsers);
  shell.onCommit = () => watch.rows();
  const passOf = (id: RunnerId): Pass => ({ id, serial: shell.town?.runnerSerial(id) ?? 0 });
  return { world, shell, forge, host, people, watch, ground, runners, machines, bootRival: ({ id }) => void boot(new Set(), passOf(id)) };
}
