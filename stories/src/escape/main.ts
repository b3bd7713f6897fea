/**
 * What an agent cannot do: `npm run escape -- [--agent kilo|rehearsal] [--only CASE,CASE] [--json]`. Each case is tried for real, by a real agent of a real town that was told to.
 * Ends with one JSON line `{ok, cases, held, skipped, …}`.
 */
import { parseArgs } from 'node:util';
import { tryAll } from './attempt.ts';
import { PIPES } from './planting.ts';
import { SHELL_CASES } from './table.ts';

const { values } = parseArgs({
  options: {
    agent: { type: 'string', default: 'kilo' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const only = values.only?.split(',') ?? null;
const unknown = only?.filter((id) => ![...SHELL_CASES, PIPES].some((one) => one.id === id)) ?? [];
if (unknown.length > 0) {
  console.error(`There is no such case in a shell: ${unknown.join(', ')}. See docs/reference/escape.md.`);
  process.exit(2);
}
const began = Date.now();
const seen = await tryAll({ agent: values.agent, only }, (line) => {
  if (!values.json) console.log(line);
});
const escaped = seen.findings;
for (const finding of escaped) console.error(`escaped: ${finding}`);
const result = {
  ok: escaped.length === 0,
  agent: values.agent,
  isolation: seen.isolation,
  cases: seen.tried,
  held: seen.held,
  skipped: seen.skipped,
  escaped,
  seconds: Math.round((Date.now() - began) / 1_000),
};
console.log(JSON.stringify(result));
process.exit(result.ok ? 0 : 1);
