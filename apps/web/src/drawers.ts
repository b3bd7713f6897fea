/** The stack of drawers lives in the URL: `?open=bead:gt-1a2b,agent:ag-0f…` (in order; the last is on top). */
const DRAWER_KINDS = ['bead', 'agent', 'merge', 'rig', 'run', 'convoy', 'runner'] as const;
export type DrawerKind = (typeof DRAWER_KINDS)[number];
export interface DrawerRef {
  readonly kind: DrawerKind;
  readonly id: string;
}

const isKind = (text: string): text is DrawerKind => (DRAWER_KINDS as readonly string[]).includes(text);
const DEEPEST = 12;

export function parseStack(text: string | undefined): DrawerRef[] {
  const refs = (text ?? '').split(',').flatMap((part): DrawerRef[] => {
    const [kind, id, ...rest] = part.split(':');
    return kind && isKind(kind) && id && rest.length === 0 && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id) ? [{ kind, id }] : [];
  });
  return refs.slice(-DEEPEST);
}

export const formatStack = (stack: readonly DrawerRef[]): string | undefined =>
  stack.map((ref) => `${ref.kind}:${ref.id}`).join(',') || undefined;

const PREFIX: Record<string, DrawerKind> = {
  gt: 'bead',
  es: 'bead',
  mr: 'merge',
  ag: 'agent',
  rig: 'rig',
  run: 'run',
  cv: 'convoy',
  rn: 'runner',
};
/** What an id of the town names, told by its prefix; null for text that is no id. */
export function drawerOfId(id: string): DrawerRef | null {
  const kind = PREFIX[/^(gt|es|mr|ag|rig|run|cv|rn)-[0-9a-f]{8,12}$/.exec(id)?.[1] ?? ''];
  return kind ? { kind, id } : null;
}

const sameRef = (a: DrawerRef, b: DrawerRef) => a.kind === b.kind && a.id === b.id;

/** Opening what is already in the stack comes back to it instead of growing a circle. */
export function pushDrawer(stack: readonly DrawerRef[], ref: DrawerRef): DrawerRef[] {
  const at = stack.findIndex((open) => sameRef(open, ref));
  return at >= 0 ? stack.slice(0, at + 1) : [...stack, ref].slice(-DEEPEST);
}

export const popDrawer = (stack: readonly DrawerRef[]): DrawerRef[] => stack.slice(0, -1);

/** The stack without what is not there any more. */
export const withoutDrawer = (stack: readonly DrawerRef[], gone: DrawerRef): DrawerRef[] => stack.filter((ref) => !sameRef(ref, gone));
