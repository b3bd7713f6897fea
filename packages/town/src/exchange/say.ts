import { failure, type BeadType, type Failure } from '@gastown/protocol';
import type { WholeBead } from '../beads/bulk.ts';
import type { Edge } from '../beads/dependencies.ts';
import { writtenTime } from './instant.ts';

/** How a bead is said in the other tool's words. */
export const FAILED_LABEL = 'gt:failed';

/** It has no word for `failed`: that is open, with a label for people and the reason for us. */
export function saidStatus({ status, hold }: Pick<WholeBead, 'status' | 'hold'>): string {
  if (status === 'failed') return 'open';
  if (status === 'open' && (hold === 'pinned' || hold === 'deferred')) return hold;
  return status;
}
/** Why it failed, for the metadata. */
export function failureOf({ status, failure: kept }: WholeBead): Failure | null {
  if (status !== 'failed') return null;
  try {
    return kept === null ? failure('failed_by_person') : (JSON.parse(kept) as Failure);
  } catch {
    return failure('failed_by_person');
  }
}
export const saidLabels = (bead: Pick<WholeBead, 'labels' | 'status'>): string[] =>
  bead.status === 'failed' ? [...bead.labels, FAILED_LABEL] : [...bead.labels];

/** What is no work here has a type there that nobody works on. */
const RECORD_TYPES: Readonly<Record<Exclude<BeadType, 'issue'>, string>> = {
  agent: 'agent',
  merge_request: 'merge-request',
  message: 'message',
  escalation: 'message',
  triage_request: 'message',
  convoy: 'convoy',
  molecule: 'molecule',
};
const saidType = (bead: Pick<WholeBead, 'type' | 'kind'>): string => (bead.type === 'issue' ? bead.kind : RECORD_TYPES[bead.type]);

export const saidEdge = (edge: Edge, at: number): string =>
  JSON.stringify({
    issue_id: edge.beadId,
    depends_on_id: edge.dependsOn,
    type: edge.type,
    created_at: writtenTime(at),
    ...(edge.gate === 'any' && { metadata: '{"gate":"any-children"}' }),
  });

/** The line of a bead that was made here. */
export function ownLine(bead: WholeBead, edges: readonly Edge[]): string {
  const labels = saidLabels(bead);
  const failed = failureOf(bead);
  const said = JSON.stringify({
    id: bead.id,
    title: bead.title,
    ...(bead.body !== '' && { description: bead.body }),
    status: saidStatus(bead),
    priority: bead.rank,
    issue_type: saidType(bead),
    created_at: writtenTime(bead.createdAt),
    ...(bead.createdBy !== '' && { created_by: bead.createdBy }),
    updated_at: writtenTime(bead.updatedAt),
    ...(bead.closedAt !== null && { closed_at: writtenTime(bead.closedAt) }),
    ...(bead.deferUntil !== null && { defer_until: writtenTime(bead.deferUntil) }),
    ...(labels.length > 0 && { labels }),
    ...(bead.ephemeral && { ephemeral: true }),
    ...(failed && { metadata: { gastown: { failed } } }),
  });
  if (edges.length === 0) return said;
  return `${said.slice(0, -1)},"dependencies":[${edges.map((edge) => saidEdge(edge, bead.createdAt)).join(',')}]}`;
}
