export type * from './api.ts';
export type { ExportPage, ExportWish } from './exchange/export.ts';
export { migrate, SCHEMA_VERSION } from './migrations.ts';
export { matter } from './audit/report.ts';
export { RuleError } from './rule-error.ts';
export { openTown } from './town.ts';
