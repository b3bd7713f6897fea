/**
 * The rows a browser's replica holds (architecture §6): what the town shows of itself. Times are epoch ms, money is micros.
 * The core computes every column; the browser only renders. Secrets are never here, only whether one is set (CF-4).
 */
export * from './agents.ts';
export * from './beads.ts';
export * from './convoys.ts';
export * from './escalations.ts';
export * from './events.ts';
export * from './mail.ts';
export * from './merges.ts';
export * from './molecules.ts';
export * from './nudges.ts';
export * from './parked.ts';
export * from './permissions.ts';
export * from './quarantine.ts';
export * from './rigs.ts';
export * from './runners.ts';
export * from './runs.ts';
export * from './settings.ts';
export * from './spend-limits.ts';
export * from './tables.ts';
export * from './town.ts';
export * from './triage.ts';
