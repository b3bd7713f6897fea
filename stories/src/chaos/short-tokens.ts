import { randomUUID } from 'node:crypto';
import type { RigId } from '@gastown/protocol';
import { GIT_TOKEN } from '../house.ts';
import type { World } from './world.ts';

/** Every token of this run begins so: 15 letters, which are 20 whole ones in base 64, as git sends it behind `x-access-token:`. */
const WORD = `short${randomUUID().replaceAll('-', '').slice(0, 10)}`;
/** A token, as it is and as git sends it: what may stand nowhere. */
export const MARKS: readonly string[] = [WORD, Buffer.from(WORD).toString('base64')];

/** A token for each rig, which opens its repository alone and is taken for a while only. */
export interface ShortTokens {
  /** How many tokens of each rig ended. */
  readonly ends: ReadonlyMap<RigId, number>;
  /** What a person's own script does: the town is given the next one, then the forge takes the last one no more. */
  replace(name: string): Promise<void>;
}

export function shortTokens({ rigs, house, client, town }: World): ShortTokens {
  /** The first is of all rigs. */
  const held = new Map([...rigs.keys()].map((name) => [name, GIT_TOKEN]));
  const ends = new Map([...rigs.values()].map((rigId) => [rigId, 0]));
  let made = 0;
  return {
    ends,
    async replace(name) {
      const rigId = rigs.get(name)!;
      const token = `${WORD}-${name}-${(made += 1)}`;
      await client.command(town, { kind: 'rig.set_token', rigId, token });
      held.set(name, token);
      const reaches = (taken: string): string[] => [...held.keys()].filter((rig) => held.get(rig) === taken).map((rig) => `acme/${rig}`);
      const taken = [...new Set(held.values())].map((one) => [one, { user: 'octocat', push: true, repos: reaches(one) }] as const);
      house.git.setTokens(Object.fromEntries(taken));
      ends.set(rigId, ends.get(rigId)! + 1);
    },
  };
}
