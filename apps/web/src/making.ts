import { type BeadId, type PersonCommand, type Priority, type RigId } from '@gastown/protocol';

/** What a person wrote into the form of a new bead, and the commands that make it so. */
export interface BeadForm {
  readonly rigId: RigId;
  readonly title: string;
  readonly body: string;
  readonly priority: Priority;
  readonly kind: string;
  readonly labels: string;
  readonly parentId: BeadId | null;
  readonly relations: readonly { type: string; id: BeadId }[];
  /** Epoch ms. */
  readonly notBefore: number | null;
  readonly staged: boolean;
  readonly timeoutMs: number | null;
  readonly force: boolean;
}
type Make = Extract<PersonCommand, { kind: 'bead.create' }>;

export const labelsOf = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((label) => label.trim())
      .filter(Boolean),
  ),
];

/**
 * The bead comes with the edges that the command takes. Other edges are added after it: until they are there it must not start, so it is staged for
 * that moment, unless a date or the person holds it anyway.
 */
export function makingOf(form: BeadForm): { create: Make; next: (beadId: BeadId) => PersonCommand[] } {
  const after = form.relations.filter(({ type }) => type === 'blocks').map(({ id }) => id);
  const later = form.relations.filter(({ type }) => type !== 'blocks');
  const held = form.staged || form.notBefore !== null;
  const labels = labelsOf(form.labels);
  const create: Make = {
    kind: 'bead.create',
    rigId: form.rigId,
    title: form.title.trim(),
    body: form.body,
    priority: form.priority,
    ...(form.kind !== 'task' && { workKind: form.kind }),
    ...(labels.length > 0 && { labels }),
    ...(after.length > 0 && { dependsOn: after }),
    ...(form.parentId && { parentId: form.parentId }),
    ...(form.notBefore !== null && { deferUntil: form.notBefore }),
    ...(form.timeoutMs !== null && { timeoutMs: form.timeoutMs }),
    ...((form.staged || (later.length > 0 && !held)) && { staged: true }),
    ...(form.force && { force: true }),
  };
  return {
    create,
    next: (beadId) => [
      ...later.map(({ type, id }): PersonCommand => ({ kind: 'bead.add_dependency', beadId, dependsOn: id, type })),
      ...(later.length > 0 && !held ? [{ kind: 'bead.start', beadId } as const] : []),
    ],
  };
}

/** Where a new bead goes unless a person says otherwise: the repository of the page, or to which the board is narrowed, else the first. */
export const rigHere = <T extends string>(rigs: readonly { readonly id: T }[], named: string | undefined): T | undefined =>
  (rigs.find(({ id }) => id === named) ?? rigs[0])?.id;

/** The text of a `datetime-local` field in the reader's own time zone. */
export function localInput(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
export const fromLocalInput = (text: string): number | null => {
  const at = text ? new Date(text).getTime() : NaN;
  return Number.isFinite(at) ? at : null;
};

/** Times that people mean when they put something off. */
export function laterTimes(now: number): { label: string; at: number }[] {
  const at = (days: number) => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    date.setHours(9, 0, 0, 0);
    return date.getTime();
  };
  const toMonday = (8 - new Date(now).getDay()) % 7 || 7;
  return [
    { label: 'Tomorrow', at: at(1) },
    { label: 'Next Monday', at: at(toMonday) },
    { label: 'In a month', at: at(30) },
  ];
}
