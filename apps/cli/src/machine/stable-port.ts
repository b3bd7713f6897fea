/** A port that a folder may remember: programs' outgoing connections do not take it, so it is free at the next start too. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errnoOf } from './errno.ts';
import { checkPort } from './port.ts';

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Below what Linux (32768) and others (49152) take by themselves, and above what servers are usually given. */
const OURS: Range = { first: 20_000, last: 29_999 };
const ATTEMPTS = 50;

/** From which the system takes a port for an outgoing connection; null where it does not tell. */
export function outgoingPorts(file = '/proc/sys/net/ipv4/ip_local_port_range'): Range | null {
  try {
    const [first, last] = readFileSync(file, 'utf8').trim().split(/\s+/).map(Number);
    return first && last ? { first, last } : null;
  } catch (cause) {
    if (errnoOf(cause) === null) throw cause;
    return null;
  }
}

/** Where to look: what lies outside the outgoing ones, or anywhere on a machine whose connections take all. */
export function stableRange(outgoing: Range | null): Range {
  if (outgoing === null || outgoing.first > OURS.last || outgoing.last < OURS.first) return OURS;
  const below = { first: 1_024, last: outgoing.first - 1 };
  const above = { first: outgoing.last + 1, last: 65_535 };
  const wider = size(below) >= size(above) ? below : above;
  return size(wider) >= ATTEMPTS ? wider : OURS;
}
const size = ({ first, last }: Range): number => last - first + 1;

/** Free just now and none of `besides`; 0, which lets the system choose, when none is found. */
export async function stablePort(besides: readonly number[] = [], range = stableRange(outgoingPorts())): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(range.first, range.last + 1);
    if (!besides.includes(port) && (await checkPort(port)).ok) return port;
  }
  return 0;
}
