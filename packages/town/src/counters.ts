import type { TownMetrics } from '@gastown/protocol';
import type { Envelope } from './api.ts';
import { RuleError } from './rule-error.ts';

/** What a town has done since it was opened, in memory alone (RC-26): commands by kind, changes by rule, rules that broke, rows that nobody can read. */
export type Counted = Pick<TownMetrics, 'commands' | 'refused' | 'actions' | 'broken' | 'unreadable' | 'quarantined'>;

export interface Counters {
  command(envelope: Envelope, ok: boolean): void;
  changed(rule: string, changes: number): void;
  /** Counts the rule that breaks in this work, and lets it break. */
  watch<T>(work: () => T): T;
  unreadable(finding: string): void;
  counted(): Counted;
}

/** A damaged row is met at every command and counts once. */
const REMEMBERED = 10_000;

export function openCounters(): Counters {
  const commands: Record<string, number> = {};
  const actions: Record<string, number> = {};
  const broken: Record<string, number> = {};
  const unreadable = new Set<string>();
  let refused = 0;
  const add = (to: Record<string, number>, name: string, more: number): void => void (to[name] = (to[name] ?? 0) + more);
  return {
    command({ command }, ok) {
      add(commands, command.kind === 'person' ? command.command.kind : command.kind === 'tool' ? `gt_${command.tool}` : command.kind, 1);
      if (!ok) refused += 1;
    },
    changed: (rule, changes) => add(actions, rule, changes),
    watch(work) {
      try {
        return work();
      } catch (error) {
        if (error instanceof RuleError) add(broken, error.rule, 1);
        throw error;
      }
    },
    unreadable: (finding) => void (unreadable.size < REMEMBERED && unreadable.add(finding)),
    counted: () => ({
      commands: { ...commands },
      refused,
      actions: { ...actions },
      broken: { ...broken },
      unreadable: unreadable.size,
      quarantined: commands['quarantine'] ?? 0,
    }),
  };
}
