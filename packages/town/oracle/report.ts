/** What the oracle found out about one set or one table of cases. */
export interface Report {
  readonly name: string;
  /** Things compared. */
  checks: number;
  readonly failed: string[];
  /** Where the town means something else on purpose, or has no such thing: ids and the reason. */
  readonly differs: { readonly what: string; readonly why: string }[];
  readonly figures: Record<string, number>;
}
export const report = (name: string): Report => ({ name, checks: 0, failed: [], differs: [], figures: {} });

export function same(into: Report, what: string, found: unknown, expected: unknown): void {
  into.checks += 1;
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)];
  if (is !== should) into.failed.push(`${what}: ${is?.slice(0, 300)} instead of ${should?.slice(0, 300)}`);
}
export const differs = (into: Report, what: string, why: string): void => void into.differs.push({ what, why });
