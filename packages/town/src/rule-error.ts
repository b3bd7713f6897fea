/** A rule of reconcile broke over the rows as they are: not over what the command said. */
export class RuleError extends Error {
  readonly rule: string;
  constructor(rule: string, cause: unknown) {
    super(`the rule ${rule} broke: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.rule = rule;
  }
}
