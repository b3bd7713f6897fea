import {
  AgentId,
  BeadId,
  ConvoyId,
  DependencyTarget,
  EffectId,
  MailId,
  MergeId,
  MoleculeId,
  NudgeId,
  PermissionId,
  QuarantineId,
  RigId,
  RunId,
  RunnerId,
  TriageId,
} from '@gastown/protocol';
import type { z } from 'zod';
import type { Store } from '../town/store.ts';
import type { Random } from '../world/random.ts';
import { GOOD_TOKEN, MODEL_KEY, OTHER_TOKEN } from './secrets.ts';

/**
 * Likely values for any schema of the protocol: ids of things that exist, words, numbers within their limits. Commands and tools that are new to the protocol
 * are so used without a word here.
 */
export interface Knows {
  readonly store: Store;
  readonly random: Random;
  readonly now: number;
}
type Make = (knows: Knows, field: string) => unknown;

const ids = ({ store, random }: Knows, query: string, otherwise: string, ...parameters: string[]): string =>
  String(random.pick(store.sql.all(query, ...parameters))?.id ?? otherwise);

/** Named when there is none. */
const OF_TYPE = 'SELECT id FROM beads WHERE type = ?';
const NO_BEAD = 'gt-00000000';
/** Beads of the type that the field names; work when it names none. */
const TYPES = ['escalation', 'convoy', 'molecule', 'message', 'triage_request', 'merge_request', 'agent'];
function bead(knows: Knows, field: string): string {
  const plain = field.toLowerCase();
  const type = TYPES.find((name) => plain.includes(name.split('_')[0]!)) ?? 'issue';
  return ids(knows, OF_TYPE, NO_BEAD, type);
}

const MAKERS = new Map<unknown, Make>([
  [RigId, (knows) => ids(knows, 'SELECT id FROM rigs', 'rig-00000000')],
  [AgentId, (knows) => ids(knows, 'SELECT id FROM agents', 'ag-00000000')],
  [MergeId, (knows) => ids(knows, 'SELECT id FROM merges', 'mr-00000000')],
  [RunId, (knows) => ids(knows, 'SELECT id FROM runs', 'run-000000000000')],
  [RunnerId, (knows) => ids(knows, 'SELECT id FROM runners', 'rn-000000000000')],
  [NudgeId, (knows) => ids(knows, 'SELECT id FROM nudges', 'nu-000000000000')],
  [EffectId, (knows) => ids(knows, `SELECT id FROM outbox WHERE state = 'parked'`, 'ef-000000000000')],
  [PermissionId, (knows) => ids(knows, 'SELECT id FROM permissions WHERE answered_at IS NULL', 'pm-000000000000')],
  [QuarantineId, (knows) => ids(knows, 'SELECT id FROM quarantine', 'qu-000000000000')],
  ...(
    [
      [ConvoyId, 'convoy', 'cv'],
      [TriageId, 'triage_request', 'tr'],
      [MailId, 'message', 'ml'],
      [MoleculeId, 'molecule', 'mo'],
    ] as const
  ).map(([schema, type, prefix]): [unknown, Make] => [schema, (knows) => ids(knows, OF_TYPE, `${prefix}-00000000`, type)]),
  [BeadId, bead],
  [DependencyTarget, (knows, field) => (knows.random.chance(0.05) ? 'external:ticket-1' : bead(knows, field))],
]);

/** Fields whose name says what they hold. */
const NAMED: Readonly<Record<string, Make>> = {
  gitUrl: ({ random }) => random.one(['/srv/app.git', '/srv/lib.git', '/srv/web.git', '/srv/empty.git', '/srv/gone.git', '-x']),
  /** By id or by name, as agents say it. */
  rig_id: (knows) => ids(knows, 'SELECT id FROM rigs', 'rig-00000000'),
  gitEmail: () => 'ada@example.test',
  gates: ({ random }) => random.one([[], ['npm test'], ['npm test', 'npm run lint']]),
  token: ({ random }) => random.one([GOOD_TOKEN, GOOD_TOKEN, OTHER_TOKEN]),
  key: () => MODEL_KEY,
  until: ({ now, random }) => now + random.below(3_600_000),
  deferUntil: ({ now, random }) => now + random.below(3_600_000),
  timeoutMs: ({ random }) => 60_000 + random.below(3_600_000),
  maxPolecats: ({ random }) => random.below(5),
  places: ({ random }) => 1 + random.below(4),
  type: ({ random }) => random.one(['blocks', 'blocks', 'parent-child', 'waits-for', 'conditional-blocks', 'related', 'tracks']),
  workKind: ({ random }) => random.one(['task', 'bug', 'epic', 'decision', 'gate']),
  text: ({ random }) =>
    random.chance(0.6)
      ? `words ${random.below(100)}`
      : Array.from({ length: 3 }, (_, at) =>
          JSON.stringify({ id: `bd-${random.below(60)}`, title: `brought ${at}`, status: 'open', priority: 2 }),
        ).join('\n'),
  agentKind: ({ random }) => random.one(['kilo', 'kilo', 'other']),
  name: ({ random }) => `name ${random.below(1_000)}`,
  title: ({ random }) => `bead ${random.below(10_000)}`,
};

interface Shape {
  readonly def: {
    readonly type: string;
    readonly innerType?: z.ZodType;
    readonly element?: z.ZodType;
    readonly shape?: Readonly<Record<string, z.ZodType>>;
    readonly options?: readonly z.ZodType[];
    readonly entries?: Readonly<Record<string, string>>;
    readonly values?: readonly unknown[];
    readonly in?: z.ZodType;
    readonly getter?: () => z.ZodType;
  };
  readonly minValue?: number | null;
  readonly maxValue?: number | null;
}

export function valueFor(schema: z.ZodType, knows: Knows, field = ''): unknown {
  const { def, minValue, maxValue } = schema as unknown as Shape;
  const { random } = knows;
  if (def.type === 'optional' || def.type === 'default') return random.chance(0.5) ? undefined : valueFor(def.innerType!, knows, field);
  if (def.type === 'nullable') return random.chance(0.3) ? null : valueFor(def.innerType!, knows, field);
  const known = MAKERS.get(schema) ?? NAMED[field];
  if (known) return known(knows, field);
  switch (def.type) {
    case 'object':
      return Object.fromEntries(Object.entries(def.shape!).map(([name, inner]) => [name, valueFor(inner, knows, name)]));
    case 'array':
      return Array.from({ length: random.below(3) }, () => valueFor(def.element!, knows, field)).filter((value) => value !== NO_BEAD);
    case 'union':
      return valueFor(random.pick(def.options!)!, knows, field);
    case 'enum':
      return random.pick(Object.values(def.entries!));
    case 'literal':
      return random.pick(def.values!);
    case 'boolean':
      return random.chance(0.5);
    case 'number':
    case 'int':
      return numberIn(random, minValue ?? 0, maxValue ?? 1_000);
    case 'pipe':
      return valueFor(def.in!, knows, field);
    case 'record':
      return { note: `n${random.below(10)}` };
    case 'lazy':
      return {};
    default:
      return `words ${random.below(100)}`;
  }
}

const numberIn = (random: Random, low: number, high: number): number =>
  Math.max(0, low) + random.below(Math.min(1_000_000, high - Math.max(0, low) + 1));
