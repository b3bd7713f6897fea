import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { core } from './core.ts';
import type { Measured } from './measured.ts';

const DATA = process.env['GASTOWN_TEST_DATA'] ?? path.join(import.meta.dirname, '../../../shared/data');

/** The eighteen shapes, with what beads publishes for each: measured on other machines, some before and after a change, so a yardstick and no comparison. */
export async function shapes(n: number): Promise<Measured> {
  const measured = await core('shapes', n);
  const file = path.join(DATA, 'semantics/bench-shapes.json');
  if (!existsSync(file)) return { ...measured, figures: { ...measured.figures, upstream: 'skipped: data absent' } };
  const upstream = published(readFileSync(file, 'utf8'));
  const trials = (measured.figures['trials'] as { what: string }[]).map((trial) => ({
    ...trial,
    upstreamMs: upstream.get(idOf(trial.what)) ?? null,
  }));
  const missing = [...upstream.keys()].filter((id) => !trials.some((trial) => idOf(trial.what) === id));
  const why = [...measured.why, ...missing.map((id) => `the shape ${id} is not measured`)];
  return { ok: why.length === 0, why, figures: { upstream: 'other machines (M2 Pro or unnamed): a yardstick only', trials } };
}
const idOf = (name: string): string => name.split(':')[0]!;

function published(text: string): Map<string, unknown> {
  const { shapes: found } = JSON.parse(text) as { shapes: { id: string; upstream_ms?: unknown }[] };
  return new Map(found.map((shape) => [shape.id, shape.upstream_ms ?? null]));
}
