/** What a benchmark found. */
export interface Measured {
  /** False when an asserted counter or ratio does not hold; `why` says which. */
  readonly ok: boolean;
  readonly why: readonly string[];
  readonly figures: Record<string, unknown>;
}
