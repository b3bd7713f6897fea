import { shortId } from './ids.ts';

/** Work branches (C22, GT-2): `gt/<agent name>/<bead8>`. Made and parsed here only. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40) || 'agent';

export const workBranch = (agentName: string, beadId: string): string => `gt/${slug(agentName)}/${beadPart(beadId)}`;

/** Ids of other tools may begin alike, or differ in a dot or a capital only: each has its own mark. */
const OWN = /^gt-[0-9a-f]{8}$/;
const beadPart = (beadId: string): string => (OWN.test(beadId) ? shortId(beadId) : `${slug(beadId).slice(0, 31)}-${markOf(beadId)}`);
function markOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

export function parseWorkBranch(branch: string): { agent: string; bead8: string } | null {
  const found = /^gt\/([a-z0-9-]{1,40})\/([a-z0-9-]{1,40})$/.exec(branch);
  return found ? { agent: found[1]!, bead8: found[2]! } : null;
}
