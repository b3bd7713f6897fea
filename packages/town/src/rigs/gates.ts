import type { Sql } from '../api.ts';
import { theTown } from '../config/store.ts';
import type { Rig } from './store.ts';

/** The gates of a merge into this rig, in their order: its own, else the town's (QG-1). */
export const gatesOf = (sql: Sql, { gates }: Pick<Rig, 'gates'>): string[] => gates ?? theTown(sql).gates;
