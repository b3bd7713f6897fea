import type { TableName } from '../index.ts';
import { asked, wished } from './asked.ts';
import { alerts } from './alerts.ts';
import { missed, parked, putAside, unreachable, untaken } from './broken.ts';
import { HELD, type Need, type Rows } from './need.ts';
import { planned } from './planned.ts';
import { limited, ofTown } from './town.ts';

/** The tables that `needsOf` reads: who shows its count listens to these. */
export const NEED_TABLES: readonly TableName[] = [
  'convoys',
  'escalations',
  'triage',
  'permissions',
  'beads',
  'merges',
  'rigs',
  'parked',
  'quarantine',
  'limits',
  'town',
  'agents',
  'runs',
  'runners',
];

/** What holds the most first, then the most severe, then the newest: three of them are all that Home shows. */
export function needsOf(replica: Rows): Need[] {
  const needs = [
    ...asked(replica),
    ...wished(replica),
    ...unreachable(replica),
    ...missed(replica),
    ...parked(replica),
    ...putAside(replica),
    ...untaken(replica),
    ...limited(replica),
    ...planned(replica),
    ...alerts(replica),
    ...[...replica.rows('town').values()].flatMap((town) => ofTown(replica, town)),
  ];
  return needs.toSorted(
    (a, b) => HELD.indexOf(a.holds) - HELD.indexOf(b.holds) || b.weight - a.weight || b.at - a.at || a.id.localeCompare(b.id),
  );
}
