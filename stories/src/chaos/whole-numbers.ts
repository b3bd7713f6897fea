import { parseArgs } from 'node:util';

/** `--name N` for each of these; what is no whole number ends the program. Other options are left to others. */
export function wholeNumbers<Name extends string>(defaults: Readonly<Record<Name, number>>): Record<Name, number> {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options: { ...options, json: { type: 'boolean' }, only: { type: 'string' } } });
  const entries = Object.entries<number>(defaults).map(([name, otherwise]) => {
    const given = values[name as keyof typeof values];
    const read = given === undefined ? otherwise : Number(given);
    if (Number.isSafeInteger(read) && read >= 0) return [name, read];
    console.error(`--${name} wants a whole number, not "${String(given)}".`);
    return process.exit(2);
  });
  return Object.fromEntries(entries) as Record<Name, number>;
}
