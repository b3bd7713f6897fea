import { failure, ok, refuse } from '@gastown/protocol';
import type { BeadAbout, BeadRow, BeadType, Result, RigToBrowse, ToolAnswer, ToolArgs } from '@gastown/protocol';
import { liveAgents } from '../agents/store.ts';
import { beadExists, beadsById, listedBeads } from '../beads/store.ts';
import { readyIds } from '../beads/ready.ts';
import { mergesOfBeads, type Merge } from '../merges/store.ts';
import { gatesOf } from '../rigs/gates.ts';
import { liveRigs } from '../rigs/store.ts';
import { takesRig } from '../runners/view.ts';
import { runsOfBead } from '../runs/store.ts';
import { agentRows } from '../sync/agents.ts';
import { beadRows } from '../sync/beads.ts';
import { rigRows } from '../sync/places.ts';
import { aboutBeads, anyBeadRows } from '../sync/records.ts';
import { keptBy, whyNotMoving } from '../sync/why.ts';
import type { Tx } from '../tx.ts';
import type { Caller } from './caller.ts';

/** At most this many beads in one answer: what a model can read. */
const LISTED = 100;
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

export function listRigs(tx: Tx, _caller: Caller, _args: ToolArgs<'list_rigs'>): Result<ToolAnswer> {
  const rigs = rigRows(
    tx.sql,
    liveRigs(tx.sql).map((rig) => rig.id),
  );
  return ok({
    summary: `${count(rigs.length, 'rig')}.`,
    data: rigs.map((rig) => ({
      rig_id: rig.id,
      name: rig.name,
      git_url: rig.gitUrl,
      state: rig.state,
      problem: rig.failure?.message ?? null,
      default_branch: rig.defaultBranch,
      gates: gatesOf(tx.sql, rig),
      polecats: `${rig.busyPolecats} of ${rig.maxPolecats} busy`,
    })),
    links: rigs.map((rig) => ({ kind: 'rig', id: rig.id })),
  });
}

/** Which rig it is that an agent of this town wants to look into (MY-9, MY-11): the runner reads from its mirror of it. */
export function rigBrowse(tx: Tx, { run }: Caller, { rig_id: wanted }: ToolArgs<'rig_browse'>): Result<ToolAnswer> {
  const rigs = liveRigs(tx.sql);
  const rig = rigs.find(({ id }) => id === wanted) ?? rigs.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (!rig) return refuse(failure('unknown_rig', `There is no rig ${wanted}.`, { rigId: wanted }));
  if (rig.defaultBranch === null)
    return refuse(rig.failure ?? failure('repository_unreachable', `${rig.name} is not connected yet; try again in a minute.`));
  if (run.rigId !== rig.id && !takesRig(tx.sql, run.runnerId, rig.id))
    return refuse(failure('rig_elsewhere', `${rig.name} is pinned to a runner on a machine: its code is nowhere else.`, { rigId: rig.id }));
  return ok({
    summary: `The rig ${rig.name}.`,
    data: {
      rig_id: rig.id,
      name: rig.name,
      git_url: rig.gitUrl,
      default_branch: rig.defaultBranch,
      empty: rig.empty,
    } satisfies RigToBrowse,
    links: [{ kind: 'rig', id: rig.id }],
  });
}

/** Of one type, in the order in which the town got them, the newest first; as many as are asked for, and where the next page begins. */
export function listBeads(tx: Tx, _caller: Caller, args: ToolArgs<'list_beads'>): Result<ToolAnswer> {
  const { type = 'issue', rig_id: rigId, status, include_archived: archived = false, before, limit = LISTED } = args;
  if (before !== undefined && !beadExists(tx.sql, before)) return unknownBead(before);
  const found = listedBeads(tx.sql, { type, status, rigId, archived, before, limit: limit + 1 });
  const rows = anyBeadRows(tx.sql, found.slice(0, limit));
  const about = aboutBeads(tx.sql, rows);
  const more = found.length > limit ? `, and there are more: call again with before ${found[limit - 1]}` : '';
  return ok({
    summary: `${count(rows.length, 'bead')}${more}.`,
    data: rows.map((row) => ({ ...facts(row, about), priority: row.priority, why: whyNotMoving(tx.sql, row) })),
    links: rows.flatMap((row) => linksOf(row, about)),
  });
}

const unknownBead = (id: string): Result<never> => refuse(failure('unknown_bead', `There is no bead ${id}.`, { beadId: id }));

/** What is said of a bead of any type (DM-1). */
const facts = ({ id, type, status, title, rigId, createdAt, closedAt }: BeadRow, about: ReadonlyMap<string, BeadAbout>) => ({
  bead_id: id,
  type,
  title,
  status,
  rig_id: rigId,
  about: about.get(id)?.id ?? null,
  created_at: createdAt,
  closed_at: closedAt,
});

type Link = ToolAnswer['links'][number];
const LINKED: Partial<Record<BeadType, Link['kind']>> = {
  issue: 'bead',
  merge_request: 'merge',
  escalation: 'escalation',
  convoy: 'convoy',
  agent: 'agent',
};
/** What has no page of its own is linked by what it is about. */
function linksOf({ id, type }: BeadRow, about: ReadonlyMap<string, BeadAbout>): Link[] {
  const kind = LINKED[type];
  const other = about.get(id);
  if (kind) return [{ kind, id }];
  return other ? [other] : [];
}

export function listAgents(tx: Tx, _caller: Caller, args: ToolArgs<'list_agents'>): Result<ToolAnswer> {
  const ids = liveAgents(tx.sql).filter((agent) => !args.rig_id || agent.rigId === args.rig_id);
  const rows = agentRows(
    tx.sql,
    ids.map((agent) => agent.id),
  );
  return ok({
    summary: `${count(rows.length, 'agent')}.`,
    data: rows.map((row) => ({
      agent_id: row.id,
      name: row.name,
      role: row.role,
      status: row.status,
      bead_id: row.beadId,
      doing: row.statusLine,
      last_activity_at: row.lastActivityAt,
    })),
    links: rows.map((row) => ({ kind: 'agent', id: row.id })),
  });
}

export function beadStatus(tx: Tx, _caller: Caller, { bead_id: id }: ToolArgs<'bead_status'>): Result<ToolAnswer> {
  const [row] = anyBeadRows(tx.sql, [id]);
  if (!row) return unknownBead(id);
  const about = aboutBeads(tx.sql, [row]);
  const merges = mergesOfBeads(tx.sql, [row.id]);
  const why = whyNotMoving(tx.sql, row);
  const what = row.type === 'issue' ? '' : ` (${row.type}${about.has(id) ? ` about ${about.get(id)!.id}` : ''})`;
  return ok({
    summary: `${row.id} "${row.title}"${what} is ${row.status}${why ? `: ${why}` : '.'}`,
    data: {
      ...facts(row, about),
      why,
      failure: row.failure?.message ?? null,
      ...(row.type === 'issue' && workOf(tx, row, merges)),
    },
    links: [...linksOf(row, about), ...merges.map((merge) => ({ kind: 'merge' as const, id: merge.id }))],
  });
}

function workOf(tx: Tx, row: BeadRow, merges: readonly Merge[]) {
  const runs = runsOfBead(tx.sql, row.id);
  return {
    depends_on: row.dependsOn.map((edge) => edge.id),
    landed_commit: row.landedCommit,
    runs: runs.map((run) => ({
      run_id: run.id,
      attempt: run.attempt,
      state: run.state,
      ended: run.endReason,
      failure: run.failure?.message ?? null,
      summary: run.summary,
    })),
    merges: merges.map((merge) => ({
      merge_id: merge.id,
      phase: merge.phase,
      commit: merge.mergeCommit,
      failure: merge.failure?.message ?? null,
    })),
    commits: runs.flatMap((run) => run.commits).map(({ sha, subject }) => ({ sha, subject })),
  };
}

/** Priority, then newest first, as the list of ready work has it. */
export function ready(tx: Tx, _caller: Caller, args: ToolArgs<'ready'>): Result<ToolAnswer> {
  const ids = readyIds(tx.sql, 'newest', args.limit ?? LISTED, args.rig_id);
  const beads = new Map(beadsById(tx.sql, ids).map((bead) => [bead.id as string, bead]));
  const found = ids.flatMap((id) => beads.get(id) ?? []);
  const rows = beadRows(
    tx.sql,
    found.map(({ id }) => id),
  );
  const kept = new Map<string, string | null>(rows.map((row) => [row.id, keptBy(tx.sql, row)]));
  const free = found.filter(({ id }) => (kept.get(id) ?? null) === null).length;
  return ok({
    summary: `${count(found.length, 'bead')} could start${free === found.length ? '' : `, ${found.length - free} of them kept by something else`}.`,
    data: found.map(({ id, title, priority, rigId, kind }) => ({
      bead_id: id,
      title,
      priority,
      rig_id: rigId,
      kind,
      kept: kept.get(id) ?? null,
    })),
    links: found.map(({ id }) => ({ kind: 'bead', id })),
  });
}
