import type { BeadAbout, BeadRow, BeadType, SpendLevel, WholeBeadRow } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { beadsById, type Bead } from '../beads/store.ts';
import { escalationsById } from '../escalations/store.ts';
import { mailById } from '../mail/store.ts';
import { mergesById } from '../merges/store.ts';
import { liveRuns } from '../runs/store.ts';
import { usages } from '../spend/store.ts';
import { triageById } from '../triage/store.ts';
import { remembering } from '../remembering.ts';
import { idPages } from '../sql.ts';
import { beadRows, FEW, shown, wholeTown } from './beads.ts';

/** Any bead, whatever its type, in the shape of one that is work (DM-1), in the order asked for. No page's replica has these: there each type has a table of its own. */
export function anyBeadRows(sql: Sql, ids: readonly string[], whole?: ReturnType<typeof wholeTown>): WholeBeadRow[] {
  const others = beadsById(sql, ids).filter((bead) => bead.type !== 'issue');
  const rows = new Map<string, WholeBeadRow>(
    [...beadRows(sql, ids, whole), ...others.map((bead) => plainRow(sql, bead))].map((row) => [row.id, row]),
  );
  return ids.flatMap((id) => rows.get(id) ?? []);
}

/** The same without their texts, which are read a few at a time: together they may be more than memory holds. */
export function textlessRows(sql: Sql, ids: readonly string[]): BeadRow[] {
  if (ids.length === 0) return [];
  const whole = wholeTown(sql);
  return [...idPages(ids, FEW)].flatMap((few) => {
    const once = remembering(sql.unremembered ?? sql);
    return anyBeadRows(once, few, whole).map((row) => ({ ...row, body: null }));
  });
}

const SPENDS: Partial<Record<BeadType, SpendLevel>> = { convoy: 'convoy', agent: 'agent' };

/** What is no work waits for nothing, and has no attempts and no dependencies. */
function plainRow(sql: Sql, bead: Bead): WholeBeadRow {
  const merge = bead.type === 'merge_request' ? mergesById(sql, [bead.id])[0] : undefined;
  return {
    ...shown(bead),
    dependsOn: [],
    wait: null,
    ready: false,
    failure: merge?.failure ?? null,
    attempts: 0,
    timeoutMs: null,
    mergeId: null,
    landedCommit: (merge?.phase === 'landed' ? merge.mergeCommit : null) as BeadRow['landedCommit'],
    usage: usages(sql, SPENDS[bead.type] ?? 'bead', [bead.id])(bead.id),
  };
}

/**
 * What each of these is about: the bead of a merge request, an escalation, a molecule or a triage request, or the agent of one that is about no bead; who a message is
 * for; the bead on an agent's hook. Work and convoys are about nothing else.
 */
export function aboutBeads(sql: Sql, rows: readonly BeadRow[]): ReadonlyMap<string, BeadAbout> {
  const of = (type: BeadType): string[] => rows.filter((row) => row.type === type && row.parentId === null).map((row) => row.id);
  const agents = new Set(of('agent'));
  const toAgent = ({ id, agentId }: { id: string; agentId: string | null }): [string, BeadAbout][] =>
    agentId === null ? [] : [[id, { kind: 'agent', id: agentId }]];
  return new Map<string, BeadAbout>([
    ...mailById(sql, of('message')).flatMap(toAgent),
    ...triageById(sql, of('triage_request')).flatMap(toAgent),
    ...escalationsById(sql, of('escalation')).flatMap(toAgent),
    ...(agents.size === 0 ? [] : liveRuns(sql)).flatMap(({ agentId, beadId }): [string, BeadAbout][] =>
      beadId !== null && agents.has(agentId) ? [[agentId, { kind: 'bead', id: beadId }]] : [],
    ),
    ...rows.flatMap(({ id, type, parentId }): [string, BeadAbout][] =>
      type !== 'issue' && parentId !== null ? [[id, { kind: 'bead', id: parentId }]] : [],
    ),
  ]);
}
