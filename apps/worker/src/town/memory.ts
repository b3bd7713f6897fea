import { type AgentId, HOME_RUNNER, RunnerId } from '@gastown/protocol';
import type { Memory } from './ground.ts';

interface Held {
  readonly instance: string;
  readonly linked: boolean;
  readonly serial?: number;
}
const LINK = 'link:';
const AGENTS = 'agents:';

/** The shell's facts in the object's key-value store: gone with it when the town is deleted. */
export function memoryOver(kv: SyncKvStorage): Memory {
  keepOfOneRunner(kv);
  const held = (runnerId: RunnerId): Held | undefined => kv.get<Held>(LINK + runnerId);
  const all = (): [RunnerId, Held][] =>
    Array.from(kv.list<Held>({ prefix: LINK }), ([key, value]) => [RunnerId.parse(key.slice(LINK.length)), value]);
  return {
    townId: () => {
      const id = kv.get<string>('town');
      if (id === undefined) throw new Error('this object holds no town');
      return id;
    },
    setTownId: (id) => kv.put('town', id),
    instanceOf: (runnerId) => held(runnerId)?.instance ?? null,
    setInstance(runnerId, instance, serial = null) {
      if (instance === null) kv.delete(LINK + runnerId);
      else kv.put<Held>(LINK + runnerId, { instance, linked: held(runnerId)?.linked ?? false, ...(serial !== null && { serial }) });
    },
    serialOf: (runnerId) => held(runnerId)?.serial ?? null,
    nextStart(now) {
      // The time, or a state that was put back would give a number away twice, and with it the same token.
      const before = Math.max(kv.get<number>('lastStart') ?? 0, kv.get<number>('leastStart') ?? 0);
      const start = Math.max(now, before + 1);
      kv.put('lastStart', start);
      return start;
    },
    leastStart: () => kv.get<number>('leastStart') ?? 0,
    setLeastStart(start) {
      if (start > (kv.get<number>('leastStart') ?? 0)) kv.put('leastStart', start);
    },
    runnerOf: (instance) => all().find(([, each]) => each.instance === instance)?.[0] ?? null,
    linked: () => all().flatMap(([runnerId, { linked }]) => (linked ? [runnerId] : [])),
    setLinked(runnerId, linked) {
      const known = held(runnerId);
      if (known) kv.put<Held>(LINK + runnerId, { ...known, linked });
    },
    agentsOf: (runnerId) => kv.get<AgentId[]>(AGENTS + runnerId) ?? [],
    setAgentsOf(runnerId, agents) {
      if (agents.length === 0) kv.delete(AGENTS + runnerId);
      else kv.put(AGENTS + runnerId, [...agents]);
    },
    deletion: () => kv.get<string>('deletion') ?? null,
    setDeletion: (reached) => kv.put('deletion', reached),
    deleted: () => kv.get<boolean>('deleted') ?? false,
    setDeleted: () => kv.put('deleted', true),
    triesOf(name) {
      const broken = kv.get<{ name: string; tries: number }>('broken');
      return broken?.name === name ? broken.tries : 0;
    },
    setTries: (name, tries) => kv.put('broken', { name, tries }),
    alarmFailures: () => kv.get<number>('alarmFailures') ?? 0,
    setAlarmFailures: (count) => kv.put('alarmFailures', count),
  };
}

/** A town of a version with one runner only: that was the container's. */
function keepOfOneRunner(kv: SyncKvStorage): void {
  const instance = kv.get<string>('runner');
  if (instance === undefined) return;
  kv.put<Held>(LINK + HOME_RUNNER, { instance, linked: kv.get<boolean>('linked') ?? false });
  kv.delete('runner');
  kv.delete('linked');
}
