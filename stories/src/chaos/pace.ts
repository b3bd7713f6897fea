/** Troubles in the midst of work, however fast the machine: each of them has its time in the course of the errands, and the last comes before the last of these is closed. */
export const isDue = (done: number, troubles: number, closed: number, beads: number): boolean =>
  closed * (troubles + 1) >= beads * (done + 0.5);
