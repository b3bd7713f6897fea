/** The agent programs of the runner's catalogue, as far as they are installed on this machine: what towns may choose. */
import { ok, type Result } from '@gastown/protocol';
import { AGENT_KINDS, installedAgents } from '@gastown/runner';

export interface AgentProgram {
  readonly id: string;
  readonly label: string;
  /** Null when it is not installed. */
  readonly file: string | null;
  /** It comes with this program. */
  readonly ours: boolean;
  /** It has a screen of its own that a page can show. */
  readonly liveView: boolean;
}

/** Agents that `npm install` brings; others are there when somebody installed them. */
const OURS: readonly string[] = ['kilo', 'opencode'];

export function agentPrograms(): Result<AgentProgram[]> {
  const { PATH = '', GASTOWN_AGENTS_FILE, GASTOWN_AGENTS_FOLDER = null } = process.env;
  const found = installedAgents({ path: PATH, folder: GASTOWN_AGENTS_FOLDER }, GASTOWN_AGENTS_FILE ?? null);
  if (!found.ok) return found;
  const files = new Map(
    found.value.map(({ kind, program, before }) => [
      kind.id,
      { label: kind.label, file: before.at(-1) ?? program, liveView: kind.attach !== undefined },
    ]),
  );
  const known = AGENT_KINDS.map(({ id, label, attach }) => ({
    id,
    ...(files.get(id) ?? { label, file: null, liveView: attach !== undefined }),
  }));
  const own = [...files].filter(([id]) => !known.some((each) => each.id === id)).map(([id, row]) => ({ id, ...row }));
  return ok([...known, ...own].map((each) => ({ ...each, ours: OURS.includes(each.id) })));
}

/** Those that are installed, as towns are told of them. */
export const agentKinds = (programs: readonly AgentProgram[]): { id: string; label: string; liveView: boolean }[] =>
  programs.flatMap(({ id, label, file, liveView }) => (file === null ? [] : [{ id, label, liveView }]));
