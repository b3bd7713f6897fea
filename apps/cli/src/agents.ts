/** The agent programs that towns may choose. The runner's catalogue says how each is started; here is what a person sees. */
import { createRequire } from 'node:module';

interface AgentKind {
  readonly id: string;
  readonly label: string;
  readonly binary: string;
}

const CATALOGUE: readonly AgentKind[] = [
  { id: 'kilo', label: 'Kilo CLI', binary: '@kilocode/cli-linux-x64/bin/kilo' },
  { id: 'opencode', label: 'OpenCode', binary: 'opencode-linux-x64/bin/opencode' },
];

export const agentKinds = CATALOGUE.map(({ id, label }) => ({ id, label }));

/** Where each agent's program is installed; null when it is not. */
export const agentBinaries = (): { label: string; file: string | null }[] =>
  CATALOGUE.map(({ label, binary }) => ({ label, file: resolved(binary) }));

function resolved(binary: string): string | null {
  try {
    return createRequire(import.meta.url).resolve(binary);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND') return null;
    throw cause;
  }
}
