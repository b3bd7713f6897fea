import type { Flow, FlowWish } from './flow.ts';

export interface Total extends Omit<Flow, 'broken' | 'kills'> {
  readonly ok: boolean;
  readonly beads: number;
  readonly kills: number;
  readonly byKill: Readonly<Record<string, number>>;
  readonly broken: number;
}

/** Of all towns together. What did not happen proves nothing: every town must have had its outages and its kills, and every outage must have been met. */
export function totalOf(wish: Pick<FlowWish, 'beads' | 'outages' | 'kills'>, flows: readonly Flow[]): Total {
  const sum = (of: (flow: Flow) => number): number => flows.reduce((all, flow) => all + of(flow), 0);
  const killsOf = ({ kills }: Flow): number => Object.values(kills).reduce((all, count) => all + count, 0);
  const byKill: Record<string, number> = {};
  for (const { kills } of flows) for (const [name, count] of Object.entries(kills)) byKill[name] = (byKill[name] ?? 0) + count;
  const isWhole = (flow: Flow): boolean => flow.broken.length === 0 && flow.outages === wish.outages && killsOf(flow) === wish.kills;
  return {
    ok: flows.length > 0 && flows.every(isWhole),
    beads: wish.beads * flows.length,
    outages: sum(({ outages }) => outages),
    refused: sum(({ refused }) => refused),
    kills: sum(killsOf),
    byKill,
    runs: sum(({ runs }) => runs),
    retriedByAPerson: sum(({ retriedByAPerson }) => retriedByAPerson),
    resumedByAPerson: sum(({ resumedByAPerson }) => resumedByAPerson),
    broken: sum(({ broken }) => broken.length),
  };
}
