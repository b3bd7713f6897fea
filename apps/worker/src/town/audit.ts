import type { AuditFinding, AuditReport, DryRunReport } from '@gastown/protocol';
import { matter, type Town } from '@gastown/town';
import { randomHex } from '../secrets/bytes.ts';
import { withoutBroken } from './broken-rules.ts';
import type { Ground } from './ground.ts';
import { SLOW_MS, type Ticks } from './ticks.ts';

/** The doctor's look at one town: what its rows say, a dry run that is undone, and what only this object knows: its alarm and its counters. */
export function examine(ground: Ground, town: Town, ticks: Ticks, since: number, alarmAt: number | null): AuditReport {
  const now = ground.now();
  const seen = town.audit(now);
  const dryRun = rehearse(ground, town, now);
  const metrics = { since, ...town.counted(), ticks: ticks.read() };
  const own = [...lateAlarm(seen.nextWake, alarmAt, now), ...brokenRules(dryRun, metrics.broken), ...slowTicks(metrics.ticks)];
  const findings = [...seen.findings, ...own].toSorted((a, b) => WEIGHT[a.grade] - WEIGHT[b.grade]);
  return { ...seen, ok: findings.every(({ grade }) => grade !== 'bad'), findings, dryRun, metrics };
}
const WEIGHT = { bad: 0, note: 1 } as const;

/** RC-23: everything is done, told, and undone. Nothing is handed to anybody, so no effect leaves. A town that cannot wake at all says so. */
function rehearse(ground: Ground, town: Town, now: number): DryRunReport {
  try {
    return rehearsed(ground, town, now);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { steps: [], effects: [], nextWake: null, broken: [{ rule: 'every rule', error: error.message }] };
  }
}
function rehearsed(ground: Ground, town: Town, now: number): DryRunReport {
  const { value, broken } = withoutBroken((without) => undone(ground, () => town.preview({ now, random: randomHex }, without)));
  return { ...value, broken: broken.map(({ rule, message }) => ({ rule, error: message })) };
}

class Undo<T> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('undone on purpose');
    this.value = value;
  }
}
function undone<T>(ground: Ground, work: () => T): T {
  try {
    return ground.transaction(() => {
      throw new Undo(work());
    });
  } catch (error) {
    if (error instanceof Undo) return error.value as T;
    throw error;
  }
}

/** The alarm is set in the turn that needs it, so one that is missing or late was lost. */
const LATE_MS = 5_000;
function lateAlarm(nextWake: number | null, alarmAt: number | null, now: number): AuditFinding[] {
  if (nextWake === null || (alarmAt !== null && alarmAt <= Math.max(nextWake, now) + LATE_MS)) return [];
  const set = alarmAt === null ? 'no alarm is set' : `the alarm is set to ${new Date(alarmAt).toISOString()}`;
  return [matter('alarm', 'bad', `something is due at ${new Date(nextWake).toISOString()}, and ${set}`)];
}

function brokenRules({ broken }: DryRunReport, before: Readonly<Record<string, number>>): AuditFinding[] {
  const now = broken.map(({ rule, error }) => matter('RC-15', 'bad', `${rule}: ${error}`));
  const earlier = Object.entries(before).filter(([rule]) => !broken.some((one) => one.rule === rule));
  return [
    ...now,
    ...earlier.map(([rule, times]) => matter('RC-15', 'note', `${rule} broke ${times} times since this town woke; now it works`)),
  ];
}

const slowTicks = ({ slow, count, slowestMs }: ReturnType<Ticks['read']>): AuditFinding[] =>
  slow === 0
    ? []
    : [matter('RC-6', 'note', `${slow} of ${count} looks took more than ${SLOW_MS} ms, the slowest ${Math.round(slowestMs)} ms`)];
