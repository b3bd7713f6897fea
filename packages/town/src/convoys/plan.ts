import { failure, ok, refuse, type Result } from '@gastown/protocol';

/** What of a list of new beads is to be looked at before any is made: each names places in the same list, counted from 0 (DM-13). */
interface Planned {
  readonly dependsOn?: readonly number[] | undefined;
}
const place = (field: string, message: string) => refuse(failure('invalid_input', `${field}: ${message}`, { field }));

/** The order in which they can be made, each after those it depends on; otherwise as listed. A wrong place or a circle refuses the whole list (CV-2). */
export function orderOf(tasks: readonly Planned[]): Result<number[]> {
  for (const [at, task] of tasks.entries()) {
    const wrong = task.dependsOn?.findIndex((on) => on === at || !tasks[on]) ?? -1;
    if (wrong < 0) continue;
    const on = task.dependsOn?.[wrong];
    const field = `tasks[${at}].depends_on[${wrong}]`;
    return on === at
      ? place(field, 'a bead cannot depend on itself')
      : place(field, `there is no task ${on}; the list has ${tasks.length}, counted from 0`);
  }
  return withoutCircle(tasks);
}

function withoutCircle(tasks: readonly Planned[]): Result<number[]> {
  const order: number[] = [];
  const made = new Set<number>();
  let left = tasks.map((_, at) => at);
  while (left.length > 0) {
    const free = left.filter((at) => (tasks[at]?.dependsOn ?? []).every((on) => made.has(on)));
    if (free.length === 0)
      return refuse(failure('dependency_cycle', `The tasks ${left.join(', ')} wait for each other; nothing was made.`, { tasks: left }));
    for (const at of free) made.add(at);
    order.push(...free);
    left = left.filter((at) => !made.has(at));
  }
  return ok(order);
}
