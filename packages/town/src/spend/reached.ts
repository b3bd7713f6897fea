import { failure, limitRef, money, type Failure, type LimitFigures, type SpendLevel, type Wait } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import type { Sql } from '../api.ts';
import { findBead } from '../beads/store.ts';
import { convoysOf } from '../beads/membership.ts';
import { lastRunsOfBeads, type Run } from '../runs/store.ts';
import { theTown } from '../config/store.ts';
import { findRig } from '../rigs/store.ts';
import { limitOf, readLimits, type Limit, type Limits } from './limits.ts';
import { usageOf, usages } from './store.ts';

/** A limit that is reached: `hard` stops, `soft` lets what runs go on and nothing new start (MT-5). */
export interface Reached {
  readonly kind: 'soft' | 'hard';
  readonly level: SpendLevel;
  readonly id: string;
  readonly spentMicros: number;
  readonly limitMicros: number;
}
export interface Scope {
  readonly level: SpendLevel;
  readonly id: string;
}

/** A run, or one that might begin. */
type Spender = Pick<Run, 'beadId' | 'agentId' | 'rigId'> & { readonly id: string };

/** Everything that a run's calls are counted for and limited by. */
export const scopesOf = (sql: Sql, run: Spender): Scope[] => [
  { level: 'run', id: run.id },
  ...(run.beadId ? [{ level: 'bead', id: run.beadId } as const] : []),
  ...(run.beadId ? convoysOf(sql, [run.beadId]).map(({ convoyId }) => ({ level: 'convoy', id: convoyId }) as const) : []),
  { level: 'agent', id: run.agentId },
  ...(run.rigId ? [{ level: 'rig', id: run.rigId } as const] : []),
  { level: 'town', id: theTown(sql).id },
];

function reachedBy(limit: Limit | undefined, scope: Scope, spentMicros: number): Reached | null {
  const { softMicros = null, hardMicros = null } = limit ?? {};
  if (hardMicros !== null && spentMicros >= hardMicros) return { kind: 'hard', ...scope, spentMicros, limitMicros: hardMicros };
  return softMicros !== null && spentMicros >= softMicros ? { kind: 'soft', ...scope, spentMicros, limitMicros: softMicros } : null;
}
/** The limit for each run is one for work on a bead: the Mayor's session goes on for days, and only limits of its own hold it. */
const limitFor = (limits: Limits, { beadId }: Spender, { level, id }: Scope): Limit | undefined =>
  beadId === null ? limits.get(limitRef(level, id)) : limitOf(limits, level, id);

/** The scopes of this run that have a limit. Nothing is asked of the store about what has none. */
function limitsOn(sql: Sql, run: Spender): { readonly scope: Scope; readonly limit: Limit }[] {
  const limits = readLimits(sql);
  if (limits.size === 0) return [];
  return scopesOf(sql, run).flatMap((scope) => {
    const limit = limitFor(limits, run, scope);
    return limit ? [{ scope, limit }] : [];
  });
}
export const reachedByRun = (sql: Sql, run: Spender): Reached[] =>
  limitsOn(sql, run)
    .map(({ scope, limit }) => reachedBy(limit, scope, usageOf(sql, scope.level, scope.id).costMicros))
    .filter((one) => one !== null);
export const hardFor = (sql: Sql, run: Spender): Reached | null => reachedByRun(sql, run).find((one) => one.kind === 'hard') ?? null;
/** Whether any hard limit could be reached by this run: then it has one call under way at a time (I9). */
export const isLimited = (sql: Sql, run: Spender): boolean => limitsOn(sql, run).some(({ limit }) => limit.hardMicros !== null);

/** Of these, all of one level, those that reached a limit. */
export function reachedAt(sql: Sql, level: SpendLevel, ids: readonly string[]): Map<string, Reached> {
  const limits = readLimits(sql);
  const limited = limits.size === 0 ? [] : ids.filter((id) => limitOf(limits, level, id));
  if (limited.length === 0) return new Map();
  const usage = usages(sql, level, limited);
  const found = limited
    .map((id) => reachedBy(limitOf(limits, level, id), { level, id }, usage(id).costMicros))
    .filter((one) => one !== null);
  return new Map(found.map((one) => [one.id, one]));
}

/** Agents that get no new bead: a limit of their own is reached. */
export const spentAgents = (sql: Sql): string[] => {
  const limited = [...readLimits(sql).values()].filter(({ level }) => level === 'agent').map(({ of }) => of);
  return [...reachedAt(sql, 'agent', limited).keys()];
};

/** What holds a bead back for money of its own: its limit, that of the last run it had, or that of its convoy; in this order, a hard one before a soft one. */
export function reachedByBeads(sql: Sql, beadIds: readonly string[]): Map<string, Reached> {
  const limits = readLimits(sql);
  const levels = new Set([...limits.values()].map((limit) => limit.level));
  const all: (readonly [beadId: string, Reached])[] = [];
  if (levels.has('bead')) all.push(...reachedAt(sql, 'bead', beadIds));
  if (levels.has('run')) all.push(...through(sql, 'run', lastRunsOfBeads(sql, beadIds)));
  if (levels.has('convoy'))
    all.push(
      ...through(
        sql,
        'convoy',
        convoysOf(sql, beadIds).map(({ beadId, convoyId }) => ({ beadId, id: convoyId })),
      ),
    );
  const found = new Map<string, Reached>();
  for (const kind of ['hard', 'soft'] as const)
    for (const [beadId, one] of all) if (one.kind === kind && !found.has(beadId)) found.set(beadId, one);
  return found;
}
function through(sql: Sql, level: SpendLevel, owners: readonly { beadId: string; id: string }[]): [string, Reached][] {
  const over = reachedAt(sql, level, [...new Set(owners.map(({ id }) => id))]);
  return owners.flatMap(({ beadId, id }) => {
    const one = over.get(id);
    return one ? [[beadId, one] as [string, Reached]] : [];
  });
}

const WHOSE: Readonly<Record<SpendLevel, string>> = {
  run: 'the run',
  bead: 'the bead',
  convoy: 'the convoy',
  agent: 'the agent',
  rig: 'the rig',
  town: 'the town',
};
/** Which level, and the figures of a hard limit: one sentence for agents and questions. A soft one is told by the wait. */
export function sentenceOf(sql: Sql, { level, id, spentMicros, limitMicros }: Reached): string {
  const whose = level === 'town' ? WHOSE.town : `${WHOSE[level]} ${nameFor(sql, level, id)}`;
  return `The spend limit of ${whose} is reached: ${money(spentMicros)} of ${money(limitMicros)}.`;
}
/** As people know it; a run has no name. */
function nameFor(sql: Sql, level: SpendLevel, id: string): string {
  if (level === 'rig') return findRig(sql, id)?.name ?? id;
  if (level === 'agent') return findAgent(sql, id)?.name ?? id;
  const title = level === 'bead' || level === 'convoy' ? findBead(sql, id)?.title : undefined;
  return title === undefined ? id : `“${title}”`;
}
export const spentFailure = (sql: Sql, one: Reached): Failure => failure('budget_spent', sentenceOf(sql, one), detailsOf(one));
export const detailsOf = ({ kind, level, id, spentMicros, limitMicros }: Reached) => ({ limit: kind, level, id, spentMicros, limitMicros });

export const waitFor = ({ kind, level, id }: Reached): Wait => ({
  code: kind === 'hard' ? 'budget_spent' : 'soft_limit',
  ref: limitRef(level, id),
  until: null,
});

/** The figures of a wait for money. */
export function figuresOf(sql: Sql, ref: string): LimitFigures | undefined {
  const at = ref.indexOf(':');
  const level = ref.slice(0, at) as SpendLevel;
  const id = ref.slice(at + 1);
  const limit = limitOf(readLimits(sql), level, id);
  return limit && { spentMicros: usageOf(sql, level, id).costMicros, softMicros: limit.softMicros, hardMicros: limit.hardMicros };
}
