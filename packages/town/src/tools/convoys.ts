import {
  explainConvoy,
  failure,
  ok,
  refuse,
  type BeadId,
  type ConvoyId,
  type ConvoyRow,
  type Result,
  type ToolAnswer,
  type ToolArgs,
} from '@gastown/protocol';
import { closeConvoy } from '../convoys/close.ts';
import {
  addToConvoy,
  changeConvoy,
  createConvoy,
  removeFromConvoy,
  startConvoy,
  theConvoy,
  type ConvoyAnswer,
} from '../convoys/commands.ts';
import { membersOf } from '../beads/membership.ts';
import { findConvoy, liveConvoys, newestConvoys } from '../convoys/store.ts';
import { findAgent } from '../agents/store.ts';
import { beadRows } from '../sync/beads.ts';
import { convoyRows } from '../sync/convoys.ts';
import { figuresOf } from '../spend/reached.ts';
import type { Tx } from '../tx.ts';
import type { Caller } from './caller.ts';
import { whyNotMoving } from '../sync/why.ts';

/** The Mayor's tools for convoys. */
const LISTED = 50;
const link = (id: ConvoyId): ToolAnswer['links'][number] => ({ kind: 'convoy', id });
const beadLinks = (ids: readonly BeadId[]): ToolAnswer['links'] => ids.map((id) => ({ kind: 'bead', id }));
const say = (summary: string, data: ToolAnswer['data'], id: ConvoyId, beads: readonly BeadId[] = []): Result<ToolAnswer> =>
  ok({ summary, data, links: [link(id), ...beadLinks(beads)] });

export function slingBatch(tx: Tx, _caller: Caller, args: ToolArgs<'sling_batch'>): Result<ToolAnswer> {
  const made = createConvoy(tx, {
    title: args.convoy_title,
    tasks: args.tasks.map(({ depends_on, ...task }) => ({ ...task, rigId: args.rig_id, dependsOn: depends_on })),
    staged: args.staged,
    mergeMode: args.merge_mode,
    force: args.force,
  });
  if (!made.ok) return made;
  const { convoyId, status, beadIds } = made.value;
  const now = status === 'staged' ? 'planned; nothing starts before gt_convoy_start' : 'in line';
  const summary = `Created ${convoyId} "${args.convoy_title}" with ${beadIds.length} bead(s), ${now}.`;
  return say(summary, { convoy_id: convoyId, status, bead_ids: beadIds }, convoyId, beadIds);
}

export function listConvoys(tx: Tx, _caller: Caller, args: ToolArgs<'list_convoys'>): Result<ToolAnswer> {
  const convoys = args.include_over ? newestConvoys(tx.sql, LISTED) : liveConvoys(tx.sql).slice(0, LISTED);
  const rows = convoyRows(tx.sql, convoys);
  return ok({
    summary: `${rows.length} convoy(s).`,
    data: rows.map((row) => ({
      convoy_id: row.id,
      title: row.title,
      status: row.status,
      paused: row.paused,
      closed: row.closed,
      failed: row.failed,
      total: row.total,
      why: explainConvoy(row, (id) => beadRows(tx.sql, [id])[0], limitFor(tx, row)),
    })),
    links: rows.map((row) => link(row.id)),
  });
}

const limitFor = (tx: Tx, row: ConvoyRow) => (row.wait?.ref ? figuresOf(tx.sql, row.wait.ref) : undefined);

export function convoyStatus(tx: Tx, _caller: Caller, args: ToolArgs<'convoy_status'>): Result<ToolAnswer> {
  const found = theConvoy(tx, args.convoy_id);
  const [row] = found.ok ? convoyRows(tx.sql, [found.value]) : [];
  if (!found.ok || !row) return found.ok ? refuse(failure('unknown_convoy', `There is no convoy ${args.convoy_id}.`)) : found;
  const ids = membersOf(tx.sql, row.id).map((bead) => bead.id);
  const beads = new Map(beadRows(tx.sql, ids).map((bead) => [bead.id, bead]));
  const why = explainConvoy(row, (id) => beads.get(id as BeadId), limitFor(tx, row));
  const data = {
    convoy_id: row.id,
    title: row.title,
    status: row.status,
    paused: row.paused,
    merge_mode: row.mergeMode,
    closed: row.closed,
    failed: row.failed,
    total: row.total,
    landed_at: row.landedAt,
    why,
    beads: ids.flatMap((id) => {
      const bead = beads.get(id);
      if (!bead) return [];
      const agent = bead.assigneeId ? findAgent(tx.sql, bead.assigneeId) : null;
      return [
        {
          bead_id: id,
          title: bead.title,
          status: bead.status,
          rig_id: bead.rigId,
          assignee: agent?.name ?? null,
          depends_on: bead.dependsOn.map((edge) => edge.id),
          why: whyNotMoving(tx.sql, bead),
        },
      ];
    }),
  };
  return say(`${row.id} "${row.title}" is ${row.status}: ${row.closed} of ${row.total} closed${why ? `. ${why}` : '.'}`, data, row.id);
}

/** What every change of a convoy answers: its state after it (CV-16). */
function told(
  tx: Tx,
  done: Result<ConvoyAnswer>,
  summary: (answer: ConvoyAnswer) => string,
  beads: readonly BeadId[] = [],
): Result<ToolAnswer> {
  if (!done.ok) return done;
  const { convoyId } = done.value;
  const convoy = findConvoy(tx.sql, convoyId);
  const data = { convoy_id: convoyId, status: convoy?.status ?? null, total: convoy?.total ?? 0, closed: convoy?.closed ?? 0 };
  return say(summary(done.value), { ...data, bead_ids: [...beads] }, convoyId, beads);
}

export const convoyStart = (tx: Tx, _caller: Caller, args: ToolArgs<'convoy_start'>): Result<ToolAnswer> =>
  told(tx, startConvoy(tx, args.convoy_id), ({ convoyId, status }) => `${convoyId} is ${status}; its beads are in line.`);

export const convoyClose = (tx: Tx, _caller: Caller, args: ToolArgs<'convoy_close'>): Result<ToolAnswer> =>
  told(tx, closeConvoy(tx, args.convoy_id, args.force ?? false), ({ convoyId, status }) => `${convoyId} is ${status}.`);

export function convoyAddBead(tx: Tx, _caller: Caller, args: ToolArgs<'convoy_add_bead'>): Result<ToolAnswer> {
  const { bead_id, rig_id, title, body, priority } = args;
  const isNew = rig_id !== undefined && title !== undefined;
  if ((bead_id !== undefined) === isNew)
    return refuse(failure('invalid_input', 'Name either bead_id, or rig_id and title of a new bead.', { field: 'bead_id' }));
  const wanted = bead_id ? { beadIds: [bead_id] } : { tasks: [{ rigId: rig_id!, title: title!, body, priority }] };
  const added = addToConvoy(tx, args.convoy_id, wanted);
  if (!added.ok) return added;
  const { beadIds, convoyId, status } = added.value;
  const goes = status === 'staged' ? 'it waits until the convoy is started' : 'it starts as soon as it is ready';
  const named = bead_id ?? beadIds[0];
  return told(tx, added, () => `${named} belongs to ${convoyId} (${status}); ${goes}.`, named ? [named] : []);
}

export const convoyRemoveBead = (tx: Tx, _caller: Caller, args: ToolArgs<'convoy_remove_bead'>): Result<ToolAnswer> =>
  told(tx, removeFromConvoy(tx, args.convoy_id, args.bead_id), ({ convoyId }) => `${args.bead_id} is not in ${convoyId} any more.`, [
    args.bead_id,
  ]);

export const convoyUpdate = (tx: Tx, _caller: Caller, args: ToolArgs<'convoy_update'>): Result<ToolAnswer> =>
  told(
    tx,
    changeConvoy(tx, args.convoy_id, { title: args.title, mergeMode: args.merge_mode }),
    ({ convoyId }) => `${convoyId} is changed.`,
  );
