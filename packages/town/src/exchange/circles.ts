/**
 * Which of these edges, taken in order, would close a circle over those before them. Only what is tangled already (a strongly connected part of the whole)
 * can: without a circle anywhere nothing is looked up twice, however many edges there are.
 */
export interface Arrow {
  readonly from: string;
  readonly to: string;
}
/** Steps of looking for a way; a file that needs more is tangled on purpose. */
const STEPS = 20_000_000;

export function closing<A extends Arrow>(present: readonly Arrow[], wanted: readonly A[]): Map<A, 'circle' | 'tangled'> {
  const part = tangles([...present, ...wanted]);
  const inside = ({ from, to }: Arrow): boolean => part.get(from) !== undefined && part.get(from) === part.get(to);
  const suspects = wanted.filter(inside);
  const closes = new Map<A, 'circle' | 'tangled'>();
  if (suspects.length === 0) return closes;
  const ways = waysOf(present.filter(inside));
  let left = STEPS;
  for (const arrow of suspects) {
    const found = leads(ways, arrow.to, arrow.from, left);
    left -= found.steps;
    if (found.there) closes.set(arrow, 'circle');
    else if (left <= 0) closes.set(arrow, 'tangled');
    else addTo(ways, arrow);
  }
  return closes;
}

type Ways = Map<string, string[]>;
function addTo(ways: Ways, { from, to }: Arrow): void {
  const known = ways.get(from);
  if (known) known.push(to);
  else ways.set(from, [to]);
}
function waysOf(arrows: readonly Arrow[]): Ways {
  const ways: Ways = new Map();
  for (const arrow of arrows) addTo(ways, arrow);
  return ways;
}
function leads(
  ways: ReadonlyMap<string, readonly string[]>,
  from: string,
  wanted: string,
  budget: number,
): { there: boolean; steps: number } {
  const seen = new Set([from]);
  const queue = [from];
  let steps = 0;
  for (let id = queue.pop(); id !== undefined && steps < budget; id = queue.pop()) {
    if (id === wanted) return { there: true, steps };
    for (const next of ways.get(id) ?? []) {
      steps += 1;
      if (!seen.has(next)) queue.push(next);
      seen.add(next);
    }
  }
  return { there: false, steps: steps + 1 };
}

/** For each node of a strongly connected part of more than one its number; without recursion, so that a long chain is no deep stack. */
function tangles(arrows: readonly Arrow[]): Map<string, number> {
  const ways = waysOf(arrows);
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const part = new Map<string, number>();
  const visit = (id: string): void => {
    order.set(id, order.size);
    low.set(id, order.get(id)!);
    open.push(id);
    isOpen.add(id);
  };
  const lower = (id: string, to: number): void => void (to < low.get(id)! && low.set(id, to));
  const close = (id: string): void => {
    const members: string[] = [];
    for (let top = ''; top !== id;) {
      top = open.pop()!;
      isOpen.delete(top);
      members.push(top);
    }
    if (members.length > 1) for (const member of members) part.set(member, order.get(id)!);
  };
  for (const root of ways.keys()) {
    if (order.has(root)) continue;
    visit(root);
    const stack: { id: string; next: number }[] = [{ id: root, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const to = ways.get(top.id)?.[top.next];
      top.next += 1;
      if (to === undefined) {
        stack.pop();
        const above = stack.at(-1);
        if (above) lower(above.id, low.get(top.id)!);
        if (low.get(top.id) === order.get(top.id)) close(top.id);
      } else if (!order.has(to)) {
        visit(to);
        stack.push({ id: to, next: 0 });
      } else if (isOpen.has(to)) lower(top.id, order.get(to)!);
    }
  }
  return part;
}
