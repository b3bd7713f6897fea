/** How many git commands of this runner are under way in each folder. What they hold there, locks above all, is no left-over, whatever the clock says of its age. */
const underWay = new Map<string, number>();

export async function countedIn<T>(cwd: string, job: () => Promise<T>): Promise<T> {
  underWay.set(cwd, (underWay.get(cwd) ?? 0) + 1);
  try {
    return await job();
  } finally {
    const left = (underWay.get(cwd) ?? 1) - 1;
    if (left > 0) underWay.set(cwd, left);
    else underWay.delete(cwd);
  }
}

export const isUnderWayIn = (cwd: string): boolean => underWay.has(cwd);
