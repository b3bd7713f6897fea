import { Effort, PersonCommand, TOOLS, type PersonCommandKind, type ToolName } from '@gastown/protocol';
import type { z } from 'zod';
import type { Store } from '../town/store.ts';
import type { Random } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { valueFor } from './values.ts';

/** What people wish for, and what agents call tools with: every command and every tool of the catalogue, each as often as it is likely. */
const OFTEN: Partial<Record<PersonCommandKind, number>> = {
  'bead.create': 14,
  'mayor.tell': 3,
  'town.pause': 0.4,
  'town.resume': 2,
  'rig.add': 0.4,
  'rig.remove': 0.15,
  'rig.reconnect': 1,
  'bead.retry': 3,
  'bead.start': 2,
  'bead.add_dependency': 3,
  'bead.set_status': 2,
  'town.configure': 1.5,
  'town.stop': 0.2,
  'permission.answer': 3,
  'runner.add': 0.6,
  'runner.update': 2.5,
  'runner.remove': 0.3,
  'runner.renew_token': 0.3,
  'rig.pause': 0.5,
  'rig.resume': 1.5,
  'agent.pause': 0.5,
  'convoy.create': 2,
  'beads.import': 0.5,
};
type Schema = z.ZodObject<{ kind: z.ZodLiteral<PersonCommandKind> }>;
const SCHEMAS = new Map<PersonCommandKind, Schema>(
  (PersonCommand.options as unknown as Schema[]).map((schema) => [schema.shape.kind.value, schema]),
);
export const COMMAND_KINDS = [...SCHEMAS.keys()];
/** More unfinished beads than this only make a run slower. */
const ENOUGH = 24;

export class Wishes {
  readonly #world: World;
  readonly #store: Store;
  readonly #kinds: readonly PersonCommandKind[];
  readonly #total: number;
  #names = 0;

  constructor(world: World, store: Store) {
    this.#world = world;
    this.#store = store;
    this.#kinds = COMMAND_KINDS.filter((kind) => !world.plan.withoutCommands?.includes(kind));
    this.#total = this.#kinds.reduce((sum, kind) => sum + (OFTEN[kind] ?? 1), 0);
  }

  #knows(random: Random) {
    return { store: this.#store, random, now: this.#world.now };
  }

  /** A command as it comes over the wire: not yet looked at. */
  command(random: Random): unknown {
    let left = random.share() * this.#total;
    const kind = this.#kinds.find((one) => (left -= OFTEN[one] ?? 1) < 0) ?? this.#kinds[0];
    if (!kind || (kind === 'bead.create' && this.isBusy())) return { kind: 'town.resume' };
    return this.likely(kind, random);
  }
  likely(kind: PersonCommandKind, random: Random): unknown {
    const made = valueFor(SCHEMAS.get(kind)!, this.#knows(random)) as Record<string, unknown>;
    if (kind === 'rig.add') made.name = `rig ${(this.#names += 1)}`;
    if (kind === 'spend.limit') return this.#limit(made, random);
    if (kind === 'town.configure') return this.#settings(made, random);
    return made;
  }
  #settings(made: Record<string, unknown>, random: Random): unknown {
    const budgetMicros = random.chance(0.3) ? random.below(20_000) : null;
    const model = random.chance(0.2) ? null : { provider: 'openai', model: 'm', baseUrl: null, price: null };
    // A role's model is one of the town's provider, or the whole change is refused.
    const own = { model: model && { provider: model.provider, model: 'small', price: null }, effort: random.pick(Effort.options) };
    const { roleModels: _any, ...others } = made;
    if (!('model' in made) || made.model === undefined) return { ...others, budgetMicros };
    return { ...others, model, roleModels: { mayor: random.chance(0.5) ? null : own, polecat: own }, budgetMicros };
  }
  #limit(made: Record<string, unknown>, random: Random): unknown {
    const of = { run: 'runs', bead: 'beads', convoy: 'convoys', agent: 'agents', rig: 'rigs', town: 'town' }[String(made.level)] ?? 'rigs';
    const there = this.#store.sql.all(`SELECT name FROM sqlite_master WHERE name = ?`, of).length > 0;
    const id = random.chance(0.3) || !there ? '*' : random.pick(this.#store.sql.all(`SELECT id FROM ${of}`))?.id;
    const hardMicros = random.chance(0.3) ? null : random.below(20_000);
    return { ...made, id, hardMicros, softMicros: hardMicros === null || random.chance(0.5) ? null : random.below(hardMicros + 1) };
  }
  /** More would only be waited for. */
  isBusy(): boolean {
    const [row] = this.#store.sql.all(`SELECT count(*) AS n FROM beads WHERE type = 'issue' AND closed_at IS NULL`);
    return Number(row?.n ?? 0) >= ENOUGH;
  }

  argsOf(tool: ToolName, random: Random): unknown {
    if (tool === 'sling' && this.isBusy()) return {};
    if (tool === 'bead_archive' && random.chance(0.5)) return { bead_ids: this.#closed(random) };
    return valueFor(TOOLS[tool].args, this.#knows(random));
  }
  /** Of beads by chance hardly ever all are over. */
  #closed(random: Random): unknown[] {
    const over = this.#store.sql.all(`SELECT id FROM beads WHERE type = 'issue' AND status = 'closed'`);
    return [random.pick(over)?.id ?? 'gt-00000000'];
  }
}
