import { readFileSync } from 'node:fs';

/** Time on a processor, which a busy machine stretches less than the time on the wall. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Of all the processes that this one began and that still run, in hundredths of a second; null where the system does not tell. */
export function childrenCpuMs(): number | null {
  try {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
    return children.filter(Boolean).reduce((sum, pid) => sum + ticksOf(pid) * 10, 0);
  } catch {
    return null;
  }
}
/** User and system time: the 14th and 15th field, counted after the name, which may hold anything. */
function ticksOf(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
