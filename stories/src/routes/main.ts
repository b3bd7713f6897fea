/**
 * Every route of the page on a bad day and in grey: `npm run routes -- [--sizes all] [--only NAME,NAME] [--json]`. A real Chromium without colour, the built page,
 * a made-up town whose server answers 503 to everything, and answers again. Ends with one JSON line: routes, pictures, findings.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openBrowser } from '../browser.ts';
import { PLACES, missing, routesOf, tabsOf, type Place } from './places.ts';
import { planted } from './planted.ts';
import { Walker, type Look, type Size } from './walker.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const DESK: Size = { width: 1440, height: 900 };
const PHONE: Size = { width: 390, height: 844 };
const TABLET: Size = { width: 820, height: 1100 };

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: 'some' },
    only: { type: 'string' },
    walkers: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const only = values.only?.split(',') ?? null;
const unknown = only?.filter((name) => !PLACES.some((place) => place.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(`There is no such place: ${unknown.join(', ')}. One of: ${PLACES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
if (!existsSync(path.join(ROOT, 'apps/web/dist/index.html'))) {
  console.error('The page is not built: npm run build -w @gastown/web');
  process.exit(2);
}

const places = PLACES.filter(({ name }) => only?.includes(name) ?? true);
const folder = path.join(ROOT, 'test-results/routes');
const look = (theme: Look['theme'], ...sizes: Size[]): Look => ({ folder, theme, sizes });
/** All: each size is walked by itself, and the dark theme. Else the desk is, and each of its pictures is taken on a phone too. */
const looks =
  values.sizes === 'all'
    ? [look('light', DESK), look('light', TABLET), look('light', PHONE), look('dark', DESK)]
    : [look('light', DESK, PHONE)];
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const began = Date.now();
const browser = await openBrowser();
const findings: string[] = [];
let pictures = 0;
try {
  findings.push(...(await planted(browser)));
  for (const one of looks) await walkAll(one);
} finally {
  await browser.close();
}
const result = {
  ok: findings.length === 0,
  routes: new Set(places.map(({ route }) => route)).size,
  places: places.length,
  pictures,
  findings,
  seconds: Math.round((Date.now() - began) / 100) / 10,
};
console.log(JSON.stringify(result));
process.exit(result.ok ? 0 : 1);

/** Several walkers share the places: most of a walk is waiting for a page to try again. */
async function walkAll(look: Look): Promise<void> {
  const left = [...places];
  await Promise.all(
    Array.from({ length: Math.min(Number(values.walkers), left.length) }, async (_, at) => {
      const walker = await Walker.start(browser, look);
      if (at === 0) walker.findings.push(...(await covered(walker)));
      for (let place = left.shift(); place; place = left.shift()) await visit(walker, place);
      await walker.end();
      pictures += walker.pictures;
      findings.push(...walker.findings);
    }),
  );
}

async function visit(walker: Walker, place: Place): Promise<void> {
  const [since, before] = [Date.now(), walker.findings.length];
  await walker.visit(place).catch((cause: unknown) => walker.findings.push(`${place.name}: ${String(cause).split('\n')[0]}`));
  if (values.json) return;
  const found = walker.findings.slice(before);
  console.log(`${found.length ? '✗' : '✓'} ${place.name} (${((Date.now() - since) / 1_000).toFixed(1)} s)`);
  for (const finding of found) console.log(`    ${finding}`);
}

/** The table is held against the router and the settings as they are in the page. */
async function covered(walker: Walker): Promise<string[]> {
  const settings = PLACES.filter(({ route }) => route.endsWith('/settings'));
  const page = await walker.open(settings[0]!.address);
  return [
    ...missing(
      'the route',
      await routesOf(page),
      PLACES.map(({ route }) => route),
    ),
    ...missing(
      'the settings tab',
      await tabsOf(page),
      settings.map(({ name }) => name.replace('settings-', '')),
    ),
  ];
}
