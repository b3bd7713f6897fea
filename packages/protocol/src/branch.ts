import { shortId } from './ids.ts';

/** Work branches (C22, GT-2): `gt/<agent name>/<bead8>`. Made and parsed here only. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40) || 'agent';

export const workBranch = (agentName: string, beadId: string): string => `gt/${slug(agentName)}/${slug(shortId(beadId))}`;

export function parseWorkBranch(branch: string): { agent: string; bead8: string } | null {
  const found = /^gt\/([a-z0-9-]{1,40})\/([a-z0-9-]{1,40})$/.exec(branch);
  return found ? { agent: found[1]!, bead8: found[2]! } : null;
}
