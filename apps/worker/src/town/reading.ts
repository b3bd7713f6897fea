import { DurableObject } from 'cloudflare:workers';
import {
  type AgentId,
  type BadLines,
  type BadLinesQuery,
  type BeadAnswer,
  type BeadEvents,
  type BeadEventsQuery,
  type BeadsPage,
  type BeadsQuery,
  type BeadTimeline,
  type Failure,
  failure,
  ok,
  type ReadyAnswer,
  refuse,
  type Result,
  type RigId,
  type RigRow,
  type RunnerId,
  type RunnerSelf,
  type SpendQuery,
  type SpendSeries,
  type UnreadableSecrets,
} from '@gastown/protocol';
import type { ExportPage, ExportWish } from '@gastown/town';
import type { Env } from '../env.ts';
import { unreadableOf } from '../secrets/unreadable.ts';
import type { Ground } from './ground.ts';
import { runnerRefused } from './link.ts';

/** What others may only read of a town: answered by the core, or as an empty one answers where there is no town. Nothing here writes. */
export abstract class TownReading extends DurableObject<Env> {
  protected abstract readonly ground: Ground;

  async runnerRefused(runnerId: RunnerId, serial: number): Promise<Failure | null> {
    return this.ground.store() ? runnerRefused(this.ground, runnerId, serial) : failure('town_deleted');
  }

  async runnerSelf(runnerId: RunnerId): Promise<Result<RunnerSelf>> {
    return this.ground.store()?.runnerSelf(runnerId) ?? refuse(failure('town_deleted'));
  }

  async unreadableSecrets(): Promise<Omit<UnreadableSecrets, 'town'> | null> {
    const town = this.ground.store();
    return town ? unreadableOf(this.env.SEAL_KEY, this.ground.memory.townId(), town.sealedSecrets()) : null;
  }

  async spendSeries(query: SpendQuery): Promise<Result<SpendSeries>> {
    const town = this.ground.store();
    return town ? ok(town.spendSeries(query, this.ground.now())) : refuse(failure('town_deleted'));
  }

  async exportPage(wish: ExportWish): Promise<ExportPage> {
    return this.ground.store()?.exportPage(wish, this.ground.now()) ?? { text: '', next: null };
  }

  async badLines(query: BadLinesQuery): Promise<BadLines> {
    return this.ground.store()?.badLines(query) ?? { lines: [], total: 0, next: null };
  }

  async ready(order: 'newest' | 'oldest', limit: number): Promise<ReadyAnswer> {
    return this.ground.store()?.ready(order, limit) ?? { beads: [], total: 0, nothing: null };
  }

  async beads(query: BeadsQuery): Promise<BeadsPage> {
    return this.ground.store()?.beads(query) ?? { beads: [], total: 0, next: null };
  }

  async bead(id: string): Promise<BeadAnswer | null> {
    return this.ground.store()?.bead(id) ?? null;
  }

  async hasRig(id: RigId): Promise<boolean> {
    return this.ground.store()?.rigExists(id) ?? false;
  }

  async rigNamed(named: string): Promise<RigId | null> {
    return this.ground.store()?.rigNamed(named) ?? null;
  }

  async rigNames(): Promise<string[]> {
    return this.ground.store()?.rigNames() ?? [];
  }

  async rigs(): Promise<RigRow[]> {
    return this.ground.store()?.rigs() ?? [];
  }

  async timeline(beadId: string): Promise<Result<BeadTimeline>> {
    const found = this.ground.store()?.timeline(beadId);
    return found ? ok(found) : refuse(failure('unknown_bead', `There is no bead ${beadId.slice(0, 64)} in this town.`));
  }

  async beadEvents(beadId: string, query: BeadEventsQuery): Promise<BeadEvents | null> {
    return this.ground.store()?.beadEvents(beadId, query) ?? null;
  }

  async hasAgent(agentId: AgentId): Promise<boolean> {
    return this.ground.store()?.agentExists(agentId) ?? false;
  }
}
