import { checkoutFolders } from '@gastown/protocol';
import type { PrimeContext } from '@gastown/protocol';
import { oneLine } from './one-line.ts';
import { mailText } from './first-prompt.ts';
import type { ToolNaming } from './slots.ts';

/** What belongs to one run alone: who the agent is and where. Given as the instructions of its tool server, so it outlives a compaction. */
export function runInstructions(context: PrimeContext, toolName: ToolNaming): string {
  const { agent, town, rig, bead } = context;
  const lines = [`You are ${oneLine(agent.name)} (${oneLine(agent.identity)}), ${agent.role} of the town "${oneLine(town.name)}".`];
  if (agent.role === 'mayor') lines.push(...rigLines(context, toolName), ...mailText(context.mail));
  if (rig !== null) lines.push(`Rig: ${oneLine(rig.name)} (${rig.id}).`);
  if (bead !== null) lines.push(`Your bead: ${bead.id}, "${oneLine(bead.title)}".`);
  if (context.branch !== null) lines.push(`Your branch: ${context.branch}; it lands on ${context.targetBranch ?? 'the default branch'}.`);
  lines.push(`The tools of the town are the ones of the server "gt". \`${toolName('prime')}\` tells your whole context again.`);
  return lines.join('\n');
}

function rigLines({ rigs }: PrimeContext, toolName: ToolNaming): string[] {
  if (rigs.length === 0) return ['The town has no rig yet: a person adds a repository on the page.'];
  const folders = checkoutFolders(rigs);
  return [
    'The code of each rig is in the folder `rigs` of your working folder, read-only, as its default branch was when your turn began.',
    `Rigs at the start (\`${toolName('list_rigs')}\` tells how it is now):`,
    ...rigs.map((rig) => `- ${rig.id} ${oneLine(rig.name)} (${oneLine(rig.gitUrl)}), ${rig.state}, code in \`${folders.get(rig.id)}\``),
  ];
}
