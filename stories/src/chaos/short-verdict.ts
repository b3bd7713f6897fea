/** What was seen of one rig while its tokens ended, from outside. */
interface RigSeen {
  readonly name: string;
  readonly ends: number;
  /** How often its runner asked the town anew because a token was refused. */
  readonly asks: number;
}

export interface Seen {
  readonly rigs: readonly RigSeen[];
  /** What of the town waited for a person, by its title. */
  readonly needs: readonly string[];
  /** What of it a model was told. */
  readonly told: readonly string[];
  /** Where a token stands. */
  readonly leaks: readonly string[];
}

/** What short-lived tokens may not do to a town; each line is a promise that was broken (S11, S12). */
export function brokenByTokens({ rigs, needs, told, leaks }: Seen): string[] {
  return [
    ...rigs.flatMap(({ name, ends, asks }) => {
      if (ends === 0) return [`${name}: no token of it ended`];
      if (asks === 0) return [`${name}: nobody met the end of its ${ends} tokens, which proves nothing`];
      return asks > ends ? [`${name}: ${asks} times asked for a new token, of which ${ends} ended (GT-6)`] : [];
    }),
    ...needs.map((title) => `a person was needed: ${title}`),
    ...told.map((what) => `an agent heard of a refused token: ${what} (S11)`),
    ...leaks.map((where) => `a token stands in ${where} (GT-7)`),
  ];
}
