export type * from './api.ts';
export { migrate, SCHEMA_VERSION } from './migrations.ts';
export { openTown } from './town.ts';
