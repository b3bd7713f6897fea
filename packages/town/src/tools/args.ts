import { failure, ok, refuse, TOOLS, toolLabel, type Result, type ToolArgs, type ToolName } from '@gastown/protocol';
import type { z } from 'zod';

/** Wrong types are answered with the exact field and what was expected (TL-4); unknown fields of a tool are ignored. */
export function parseArgs<T extends ToolName>(tool: T, args: unknown): Result<ToolArgs<T>> {
  const schema: z.ZodType = TOOLS[tool].args;
  const parsed = schema.safeParse(args ?? {});
  if (parsed.success) return ok(parsed.data as ToolArgs<T>);
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const field = pathOf([...(issue?.path ?? []), ...unknown]);
  const expected = issue?.message ?? 'another value';
  return refuse(failure('invalid_input', `${toolLabel(tool)}: ${field}: ${expected}`, { field, expected }));
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)), '') ||
  'arguments';
