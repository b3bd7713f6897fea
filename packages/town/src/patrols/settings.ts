import { LIMITS, type PatrolSettings } from '@gastown/protocol';
import { theTown } from '../config/store.ts';
import type { Sql } from '../api.ts';

type Name = keyof PatrolSettings;
/** A threshold of the patrols: what the town set, else the limit. */
export const threshold = (sql: Sql, name: Name): number => theTown(sql).patrols[name] ?? LIMITS[name].value;
