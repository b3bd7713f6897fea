import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { failure, ok, refuse, wrongFields } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { AgentKind } from './agent-kind.ts';
import { AGENT_KINDS } from './catalogue.ts';

export interface InstalledAgent {
  readonly kind: AgentKind;
  readonly program: string;
  /** What comes before the agent's own arguments: the script, where the program is Node. */
  readonly before: readonly string[];
}

/** Where programs are looked for, besides the packages of this installation. */
export interface Places {
  readonly path: string;
  /** A folder with `node_modules` of its own: agents that were installed on demand. */
  readonly folder?: string | null;
}

/** The agents of the catalogue, and of the file when there is one, whose program is on this machine. A row of the file replaces the one of the same id. */
export function installedAgents(places: Places, file: string | null): Result<InstalledAgent[]> {
  const rows = file === null ? ok<AgentKind[]>([]) : readAgentsFile(file);
  if (!rows.ok) return rows;
  const own = new Set(rows.value.map(({ id }) => id));
  const kinds = [...AGENT_KINDS.filter(({ id }) => !own.has(id)), ...rows.value];
  return ok(kinds.flatMap((kind) => find(kind, places) ?? []));
}

const AgentsFile = z.array(AgentKind).superRefine((rows, context) => {
  const ids = rows.map(({ id }) => id);
  for (const id of new Set(ids.filter((each, at) => ids.indexOf(each) !== at)))
    context.addIssue({ code: 'custom', message: `two rows are called "${id}"` });
});

const MOST_BYTES = 1_048_576;

export function readAgentsFile(file: string): Result<AgentKind[]> {
  const wrong = (why: string) => refuse(failure('invalid_input', `GASTOWN_AGENTS_FILE ${file}: ${why}`));
  let text: string;
  try {
    // A pipe is never read to its end, nor is a device.
    const there = statSync(file);
    if (!there.isFile()) return wrong('is no file');
    if (there.size > MOST_BYTES) return wrong(`has more than ${MOST_BYTES} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return wrong(`cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)})`);
  }
  try {
    const parsed = AgentsFile.safeParse(JSON.parse(text));
    return parsed.success ? ok(parsed.data) : wrong(wrongFields(parsed.error, 'the list'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return wrong(`is not JSON: ${error.message}`);
  }
}

function find(kind: AgentKind, places: Places): InstalledAgent | null {
  const { program } = kind;
  if ('command' in program) {
    const found = (
      isAbsolute(program.command) ? [program.command] : places.path.split(delimiter).map((folder) => join(folder, program.command))
    ).find((each) => allows(each, constants.X_OK));
    return found === undefined ? null : { kind, program: found, before: [] };
  }
  const file = packageFile(program.package, program.path, places.folder ?? null);
  if (file === null) return null;
  return program.node === true ? { kind, program: process.execPath, before: [file] } : { kind, program: file, before: [] };
}

/** A file of an installed package. Looked up without its entry points, which may not name its package.json. */
function packageFile(name: string, path: string, folder: string | null): string | null {
  const roots = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const candidates = [...roots, ...(folder === null ? [] : [join(folder, 'node_modules')])].map((root) => join(root, name, path));
  return candidates.find((file) => allows(file, constants.R_OK)) ?? null;
}

function allows(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    // Who may pass through a folder may not run it.
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
