import { readdir } from 'node:fs/promises';
import { readProc } from '../system/proc-file.ts';

const PAGE_BYTES = 4_096;

/** Resident memory of a process and all that it started, in bytes; 0 where it cannot be seen (no /proc, or gone). Pages that are shared count for each. */
export async function treeBytes(root: number): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [] as string[])).filter((name) => /^\d+$/.test(name)).map(Number);
  const children = new Map<number, number[]>();
  for (const pid of pids) {
    // The name in the second field may hold spaces and brackets; the parent is the second field after it.
    const stat = await readProc(`/proc/${pid}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  let bytes = 0;
  for (const tree = [root]; tree.length > 0;) {
    const pid = tree.pop()!;
    const statm = await readProc(`/proc/${pid}/statm`);
    bytes += Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
    tree.push(...(children.get(pid) ?? []));
  }
  return bytes;
}
