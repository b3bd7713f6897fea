/**
 * `npm run oracle [-- --json]`: the town against data of public projects and the results that their documented semantics give. Without the data each part says
 * so by name. The last line is one JSON object.
 */
import { dispatchCases, idCases, readyCases } from './cases.ts';
import { parseArgs } from 'node:util';
import { there } from './data.ts';
import { replayedEvents } from './events.ts';
import type { Report } from './report.ts';
import { importedSet, reopenedSet, storedExport, storedTables } from './sets.ts';

const SETS = ['beads-2026-01-15', 'gastown-2025-12-24'];
const TABLES = 'beads-backup-2026-02-28';
const exports = (set: string): string => `beads/exports/${set}.issues.jsonl`;

interface Part {
  readonly name: string;
  readonly needs: readonly string[];
  readonly run: () => Report;
}
const PARTS: readonly Part[] = [
  { name: 'semantics ready', needs: ['semantics/ready-cases.json'], run: readyCases },
  { name: 'semantics dispatch', needs: ['semantics/dispatch-cases.json'], run: dispatchCases },
  { name: 'semantics ids', needs: ['semantics/id-and-config-cases.json'], run: idCases },
  ...SETS.map((set): Part => ({ name: `import ${set}`, needs: [exports(set), `beads/expected/${set}.json`], run: () => importedSet(set) })),
  ...SETS.map((set): Part => ({ name: `row by row ${set}`, needs: [exports(set)], run: () => storedExport(set) })),
  { name: `tables ${TABLES}`, needs: [`beads/tables/${TABLES}/issues.jsonl`], run: () => storedTables(TABLES) },
  { name: `events ${TABLES}`, needs: [`beads/tables/${TABLES}/events.jsonl`], run: () => replayedEvents(TABLES) },
  ...['beads-2026-01-15', TABLES].map((set): Part => ({
    name: `reopened ${set}`,
    needs: [`beads/expected/${set}.reopened.json`],
    run: () => reopenedSet(set),
  })),
];

/** `--only WORD`: the parts whose name has it. */
const { json, only } = wished();
const wanted = PARTS.filter(({ name }) => name.includes(only));
if (wanted.length === 0) refuse(`No part has ${only} in its name; there are: ${PARTS.map(({ name }) => name).join(', ')}.`);
const say = (text: string): void => void (json || console.log(text));
const reports: Report[] = [];
const skipped: string[] = [];
for (const { name, needs, run } of wanted) {
  if (!needs.every(there)) {
    skipped.push(name);
    say(`${name}: skipped: data absent`);
    continue;
  }
  const began = performance.now();
  const done = run();
  reports.push(done);
  say(
    `${done.failed.length === 0 ? 'ok  ' : 'FAIL'} ${name}: ${done.checks} checks, ${Math.round(performance.now() - began)} ms ${JSON.stringify(done.figures)}`,
  );
  for (const failure of done.failed.slice(0, 20)) say(`     ${failure}`);
  for (const { what, why } of done.differs) say(`     on purpose: ${what}: ${why}`);
}
const checks = reports.reduce((sum, one) => sum + one.checks, 0);
const failed = reports.flatMap(({ name, failed: of }) => of.map((what) => `${name}: ${what}`));
/** What checked nothing has shown nothing. */
if (checks === 0) failed.push(`nothing was checked: ${skipped.length} of ${wanted.length} parts are without their data`);
console.log(
  JSON.stringify({
    ok: failed.length === 0,
    checks,
    failed: failed.slice(0, 50),
    skipped: skipped.map((name) => `${name}: data absent`),
    differs: reports.flatMap(({ name, differs }) => differs.map(({ what, why }) => ({ in: name, what, why }))),
    figures: Object.fromEntries(reports.map(({ name, checks, figures }) => [name, { checks, ...figures }])),
  }),
);
if (failed.length > 0) process.exitCode = 1;

function wished(): { json: boolean; only: string } {
  try {
    const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string', default: '' } } });
    return values;
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : String(cause));
  }
}
function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
