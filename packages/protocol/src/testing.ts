import { BeadRow } from './rows/beads.ts';

/** Rows for tests: whole, valid, and different only where the test says so. */
export const noUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costMicros: 0 };

export const aBead = (change: object = {}): BeadRow =>
  BeadRow.parse({
    id: 'gt-1',
    type: 'issue',
    status: 'open',
    title: 't',
    body: '',
    rigId: null,
    parentId: null,
    kind: 'task',
    hold: null,
    deferUntil: null,
    timeoutMs: null,
    convoyId: null,
    convoyPlace: null,
    priority: 'medium',
    labels: [],
    createdBy: 'You',
    createdAt: 1,
    updatedAt: 1,
    closedAt: null,
    archivedAt: null,
    assigneeId: null,
    dependsOn: [],
    wait: null,
    ready: false,
    failure: null,
    attempts: 0,
    mergeId: null,
    landedCommit: null,
    usage: noUsage,
    ...change,
  });

export { HOSTILE_CASES as HOSTILE_ADDRESSES } from './hostile/addresses.hostile.ts';
export { HOSTILE_CASES as HOSTILE_TEXTS } from './hostile/texts.hostile.ts';
