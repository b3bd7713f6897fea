import { RuleError } from '@gastown/town';

/**
 * Does `work`, and again without a rule that breaks it twice. Each try must be a transaction of its own. Ends: every rule is left out at most once.
 */
export function withoutBroken<T>(work: (without: ReadonlySet<string>) => T): { value: T; broken: readonly RuleError[] } {
  const without = new Set<string>();
  const broken: RuleError[] = [];
  for (let met: string | null = null; ;) {
    try {
      return { value: work(without), broken };
    } catch (error) {
      if (!(error instanceof RuleError) || without.has(error.rule)) throw error;
      if (met === error.rule) {
        without.add(error.rule);
        broken.push(error);
      }
      met = error.rule;
    }
  }
}
