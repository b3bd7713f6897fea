/** One word of a command that a person copies: names and paths hold what a shell would run, such as backticks, `$(…)` and quotes. */
export const shellWord = (text: string): string =>
  /^[\w./@%+:,-][\w./@%+=:,-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
