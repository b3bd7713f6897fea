/** The Worker's deployment settings, read where the deployment reads them, so that nothing is said twice. Only what the Worker uses is known here. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const WranglerConfig = z.object({
  $schema: z.string().optional(),
  name: z.string(),
  main: z.string(),
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()).default([]),
  durable_objects: z.object({ bindings: z.array(z.strictObject({ name: z.string(), class_name: z.string() })) }),
  migrations: z.array(z.strictObject({ tag: z.string(), new_sqlite_classes: z.array(z.string()) })),
  d1_databases: z
    .array(z.looseObject({ binding: z.string(), database_id: z.string(), migrations_dir: z.string().default('migrations') }))
    .default([]),
  assets: z
    .strictObject({
      directory: z.string(),
      binding: z.string(),
      run_worker_first: z.union([z.boolean(), z.array(z.string())]).default(false),
      not_found_handling: z.enum(['none', '404-page', 'single-page-application']).default('none'),
      html_handling: z.enum(['auto-trailing-slash', 'force-trailing-slash', 'drop-trailing-slash', 'none']).optional(),
    })
    .optional(),
  rules: z
    .array(z.looseObject({ type: z.enum(['ESModule', 'CommonJS', 'Text', 'Data', 'CompiledWasm']), globs: z.array(z.string()) }))
    .default([]),
  vars: z.record(z.string(), z.json()).default({}),
  containers: z.unknown().optional(),
  send_metrics: z.boolean().optional(),
});
export type WranglerConfig = z.infer<typeof WranglerConfig>;

/** Strict: a setting that this runtime does not know would silently be another in the deployment. */
export const readWranglerConfig = (file: string): WranglerConfig => WranglerConfig.strict().parse(parseJsonc(readFileSync(file, 'utf8')));

const STRING = /"(?:[^"\\]|\\.)*"/.source;

/** JSON with comments and trailing commas. */
export function parseJsonc(text: string): unknown {
  const bare = text.replace(new RegExp(`(${STRING})|//[^\\n]*|/\\*[^]*?\\*/`, 'g'), '$1');
  return JSON.parse(bare.replace(new RegExp(`(${STRING})|,(?=\\s*[}\\]])`, 'g'), '$1'));
}
