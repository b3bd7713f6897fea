import { LIMITS } from '@gastown/protocol';
import type { Town } from '@gastown/town';
import type { Alarm } from './alarm.ts';
import type { Ground } from './ground.ts';
import type { Loop } from './loop.ts';
import type { SocketHooks } from './socket-hooks.ts';

/**
 * A town's agents are taken away a bounded number at a time: one turn of an object may make only so many calls (the platform's limit of subrequests), and a town that lived long has had very many agents.
 * What is done is remembered after each few, so a turn that is cut off goes on from there (DL-1, DL-2).
 */
export interface DeletionGround {
  /** Every agent that the town ever had. */
  readonly agents: readonly string[];
  /** The last one that is gone; null: none is. They go in the order of their ids. */
  readonly reached: string | null;
  readonly most: number;
  readonly destroy: (agentId: string) => Promise<void>;
  readonly reach: (agentId: string) => void;
}

const TOGETHER = 10;

/** False: there are more, for a next turn. */
export async function destroyAgents({ agents, reached, most, destroy, reach }: DeletionGround): Promise<boolean> {
  const left = agents.filter((id) => reached === null || id > reached).toSorted();
  for (let at = 0; at < Math.min(left.length, most); at += TOGETHER) {
    const group = left.slice(at, Math.min(at + TOGETHER, most));
    await Promise.all(group.map(destroy));
    reach(group.at(-1)!);
  }
  return left.length <= most;
}

interface DeletionSurroundings {
  readonly storage: DurableObjectStorage;
  readonly ground: Ground;
  readonly loop: Loop;
  readonly sockets: SocketHooks;
  readonly alarm: Alarm;
  /** The object holds no town from now on. */
  readonly forget: () => void;
}

/** The end of a whole town. The order makes a crash harmless: the store, which names the agents, goes last. */
export class Deletion {
  readonly #around: DeletionSurroundings;
  /** One at a time: a listing of towns and the alarm may both want to go on. */
  #underWay: Promise<boolean> | null = null;

  constructor(around: DeletionSurroundings) {
    this.#around = around;
  }

  /** False: it goes on by alarm. */
  goOn(townId: string): Promise<boolean> {
    this.#underWay ??= this.#goOnNow(townId).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #goOnNow(townId: string): Promise<boolean> {
    const { storage, ground, alarm, forget } = this.#around;
    const town = ground.store();
    if (town && !(await this.#destroyAgents(town, townId))) {
      await storage.setAlarm(Date.now());
      return false;
    }
    const { CONTAINER } = ground.env;
    await CONTAINER.get(CONTAINER.idFromName(townId)).destroy(townId);
    forget();
    await storage.deleteAlarm();
    await storage.deleteAll();
    ground.memory.setDeleted();
    alarm.isOver();
    return true;
  }

  async #destroyAgents(town: Town, townId: string): Promise<boolean> {
    const { storage, ground, loop, sockets } = this.#around;
    const { memory, env } = ground;
    loop.handle({ key: null, actor: { kind: 'town' }, command: { kind: 'town.delete' } });
    sockets.closeAll();
    if (memory.deletion() === null) memory.setDeletion('');
    // Where this turn is cut off, the alarm goes on.
    await storage.setAlarm(Date.now() + LIMITS.effectTimeoutMs.value);
    return destroyAgents({
      agents: town.agentIds(),
      reached: memory.deletion(),
      most: LIMITS.agentsDestroyed.value,
      destroy: (agentId) => env.AGENT.get(env.AGENT.idFromName(`${townId}/${agentId}`)).destroy(),
      reach: memory.setDeletion,
    });
  }
}
