import { ok, type Result, type ToolAnswer, type ToolArgs } from '@gastown/protocol';
import { COUNTED } from '../beads/ready.ts';
import { createIssue } from '../beads/commands.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import type { Caller } from './caller.ts';

export function sling(tx: Tx, _caller: Caller, args: ToolArgs<'sling'>): Result<ToolAnswer> {
  const created = createIssue(tx, {
    rigId: args.rig_id,
    title: args.title,
    body: args.body,
    priority: args.priority,
    labels: args.labels,
    metadata: args.metadata,
    dependsOn: args.depends_on,
    force: args.force,
  });
  if (!created.ok) return created;
  const { beadId, ahead } = created.value;
  const place =
    ahead === null
      ? `waits for ${(args.depends_on ?? []).join(', ')}`
      : `${ahead < COUNTED ? `place ${ahead + 1}` : `behind at least ${COUNTED} others`} in the line of ${findRig(tx.sql, args.rig_id)?.name ?? args.rig_id}`;
  return ok({
    summary: `Created ${beadId} "${args.title}": ${place}.`,
    data: { bead_id: beadId, rig_id: args.rig_id, place: ahead === null || ahead >= COUNTED ? null : ahead + 1, blocked: ahead === null },
    links: [{ kind: 'bead', id: beadId }],
  });
}
