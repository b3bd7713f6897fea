import type { EventRow } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import type { Sql } from '../api.ts';
import { findBead } from '../beads/store.ts';
import { readContainer } from '../container/store.ts';
import { eventsAfter, lastEventId } from '../ledger/store.ts';
import { findMerge, queuedMerges } from '../merges/store.ts';
import { agentsWithOpenNudges, findNudge, openNudges } from '../messages/store.ts';
import { allEffects } from '../outbox/store.ts';
import { findRun, liveRuns } from '../runs/store.ts';

/** What is under way in a town, small enough to be read after each rule of a dry run. Each entry: what it is now, by its id. */
interface Seen {
  readonly event: number;
  readonly parts: Readonly<Record<Part, ReadonlyMap<string, string>>>;
}
type Part = 'run' | 'effect' | 'merge' | 'nudge' | 'container';
const PARTS: readonly Part[] = ['run', 'merge', 'nudge', 'effect', 'container'];

export function see(sql: Sql): Seen {
  const nudges = agentsWithOpenNudges(sql).flatMap((id) => openNudges(sql, id));
  return {
    event: lastEventId(sql),
    parts: {
      run: new Map(liveRuns(sql).map((run) => [run.id, run.state])),
      effect: new Map(allEffects(sql).map(({ id, kind, target, state }) => [id, `${kind} for ${target} ${state}`])),
      merge: new Map(queuedMerges(sql).map((merge) => [merge.id, merge.phase])),
      nudge: new Map(nudges.map((nudge) => [nudge.id, nudge.state])),
      container: new Map([['container', readContainer(sql).state]]),
    },
  };
}

export interface Change {
  readonly what: string;
  readonly subject: string | null;
}
/** What is not as it was: first what the ledger says, then what no event is written for. */
export function changesSince(sql: Sql, before: Seen, after: Seen): Change[] {
  const events = eventsAfter(sql, before.event).map((event) => ({ what: told(sql, event), subject: event.beadId ?? event.agentId }));
  const moved = PARTS.flatMap((part) => {
    const [was, is] = [before.parts[part], after.parts[part]];
    const ids = new Set([...was.keys(), ...is.keys()]);
    return [...ids].flatMap((id) => {
      const [from, to] = [was.get(id) ?? null, is.get(id) ?? null];
      return from === to ? [] : [{ what: sentence(sql, part, id, from, to), subject: id }];
    });
  });
  return [...events, ...moved];
}

const NEW: Readonly<Record<Part, string>> = {
  run: 'begins',
  effect: 'is wanted',
  merge: 'joins the line',
  nudge: 'waits',
  container: 'is',
};
function sentence(sql: Sql, part: Part, id: string, from: string | null, to: string | null): string {
  const name = part === 'effect' ? (to ?? from ?? '').replace(/ (pending|sent|parked)$/, '') : named(sql, part, id);
  if (from === null) return `${name} ${NEW[part]}`;
  if (to === null) return `${name} ${overOf(sql, part, id)}`;
  return part === 'effect' ? `${name} is ${to.split(' ').at(-1)} now` : `${name}: ${from} → ${to}`;
}

function named(sql: Sql, part: Part, id: string): string {
  if (part === 'container') return 'the container';
  if (part === 'merge') return `merge ${id}`;
  if (part === 'nudge') return `message ${id} to ${nameOf(sql, findNudge(sql, id)?.agentId ?? null)}`;
  const run = findRun(sql, id);
  return `${nameOf(sql, run?.agentId ?? null)}'s run ${id}${run?.beadId ? ` on ${beadName(sql, run.beadId)}` : ''}`;
}
function overOf(sql: Sql, part: Part, id: string): string {
  if (part === 'merge') return `is ${findMerge(sql, id)?.phase ?? 'gone'}`;
  if (part === 'nudge') return `is ${findNudge(sql, id)?.state ?? 'gone'}`;
  if (part !== 'run') return 'is not wanted any more';
  const run = findRun(sql, id);
  return `ends: ${run?.failure?.message ?? run?.endReason ?? 'gone'}`;
}

const nameOf = (sql: Sql, agentId: string | null): string => (agentId ? (findAgent(sql, agentId)?.name ?? agentId) : 'nobody');
const beadName = (sql: Sql, id: string): string => {
  const bead = findBead(sql, id);
  return bead ? `${id} “${bead.title}”` : id;
};

/** One event of the ledger as a line. */
function told(sql: Sql, { type, beadId, agentId, before, after, data }: EventRow): string {
  const name = beadId ? beadName(sql, beadId) : agentId ? nameOf(sql, agentId) : 'the town';
  const why =
    typeof data['failure'] === 'object' && data['failure'] && 'message' in data['failure'] ? ` (${String(data['failure'].message)})` : '';
  if (before !== null && after !== null) {
    const holder = after === 'in_progress' && agentId ? `, ${nameOf(sql, agentId)} takes it` : '';
    return `${name}: ${before} → ${after}${holder}${why}`;
  }
  return `${name}: ${type.replaceAll('_', ' ')}${why}`;
}
