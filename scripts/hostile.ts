/** Counts the catalogue of hostile cases: every `*.hostile.ts` exports `HOSTILE_CASES`, beside the code that they attack. `node scripts/hostile.ts` prints it. */
import { globSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');

interface Counted {
  readonly file: string;
  readonly ids: readonly string[];
}

export async function hostileCases(): Promise<Counted[]> {
  const files = globSync('{apps,packages,stories}/*/**/*.hostile.ts', {
    cwd: ROOT,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  });
  return Promise.all(
    files.toSorted().map(async (file) => {
      const held = (await import(path.join(ROOT, file))) as { HOSTILE_CASES: readonly { readonly id: string }[] };
      return { file, ids: held.HOSTILE_CASES.map(({ id }) => id) };
    }),
  );
}

if (import.meta.main) {
  const counted = await hostileCases();
  for (const { file, ids } of counted) console.log(`${String(ids.length).padStart(4)}  ${file}`);
  console.log(`${String(counted.reduce((sum, { ids }) => sum + ids.length, 0)).padStart(4)}  in all`);
}
