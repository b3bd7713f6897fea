import type { ConvoyRow, Wait } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { firstFailedMember } from '../beads/membership.ts';
import { beadsById } from '../beads/store.ts';
import type { Convoy } from '../convoys/store.ts';
import { reachedAt, waitFor } from '../spend/reached.ts';
import { usages } from '../spend/store.ts';

/** The replica rows of convoys. */
export function convoyRows(sql: Sql, convoys: readonly Convoy[]): ConvoyRow[] {
  if (convoys.length === 0) return [];
  const beads = new Map<string, ReturnType<typeof beadsById>[number]>(
    beadsById(
      sql,
      convoys.map((convoy) => convoy.id),
    ).map((bead) => [bead.id, bead]),
  );
  const usage = usages(
    sql,
    'convoy',
    convoys.map((convoy) => convoy.id),
  );
  return convoys.flatMap((convoy) => {
    const bead = beads.get(convoy.id);
    if (!bead) return [];
    const { nextPlace: _place, ...row } = convoy;
    return [
      {
        ...row,
        title: bead.title,
        createdBy: bead.createdBy,
        archivedAt: bead.archivedAt,
        usage: usage(convoy.id),
        wait: waitOfConvoy(sql, convoy),
      },
    ];
  });
}

/** Why it is not moving; null while its beads move, or when it is over (CV-11, CV-24). */
function waitOfConvoy(sql: Sql, convoy: Convoy): Wait | null {
  const because = (code: Wait['code'], ref: string | null = null): Wait => ({ code, ref, until: null });
  if (convoy.status === 'staged') return because('staged', convoy.id);
  if (convoy.status !== 'open') return null;
  if (convoy.failed > 0) return because('blocked_by_failed', firstFailedMember(sql, convoy.id));
  if (convoy.total === 0) return because('needs_person', convoy.id);
  if (convoy.paused) return because('convoy_paused', convoy.id);
  const spent = reachedAt(sql, 'convoy', [convoy.id]).get(convoy.id);
  return spent ? waitFor(spent) : null;
}
