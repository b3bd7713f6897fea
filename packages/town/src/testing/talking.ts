import type { Role, ToolName } from '@gastown/protocol';
import { story } from './ready.ts';
import { silentPolecat, type Script } from './runner.ts';
import type { TestOptions } from './town.ts';

/** A Mayor in its turn, and a polecat at work on a bead: each calls its tools. */
export function talking(options: TestOptions = {}) {
  const script: Partial<Script> = {
    polecat: silentPolecat,
    prompt: (runner, { runId, generation, nudgeId }) => void runner.report({ kind: 'turn.started', runId, generation, nudgeId }),
  };
  const one = story(script, options);
  one.town.must({ kind: 'mayor.tell', text: 'hello' });
  const beadId = one.wish('Add X');
  one.runner.work();
  const of = (role: Role) => one.runner.starts.find((start) => start.context.agent.role === role)!;
  const mayor = (tool: ToolName, args: unknown) => one.runner.tool(of('mayor'), tool, args);
  const polecat = (tool: ToolName, args: unknown) => one.runner.tool(of('polecat'), tool, args);
  const agent = (name: string) => one.town.rows().agents.find((row) => row.name === name)!;
  return { ...one, beadId, mayor, polecat, agent, mayorId: of('mayor').context.agent.id, polecatId: of('polecat').context.agent.id };
}
