import type { RigId, TownInfo } from '@gastown/protocol';
import type { Client } from '../client.ts';
import type { House } from '../house.ts';
import type { Replica } from '../replica.ts';

interface Around {
  readonly client: Client;
  readonly town: TownInfo['id'];
  readonly replica: Replica;
}

/** Ends the container's runner and has the town start the next one. The token of the first, which was good until then: an agent of that time may have kept it. */
export async function tokenOfEarlierStart(house: House, { client, town, replica }: Around, rigId: RigId): Promise<string> {
  const token = house.runnerToken();
  const { status } = await fetch(`${client.base}/runner/self`, { headers: { authorization: `Bearer ${token}` } });
  if (status !== 200) throw new Error(`the runner's own token is answered with ${status}: there is nothing to refuse`);
  const isThere = (): boolean => replica.get('runners', 'home')?.connected ?? false;
  house.kill(/apps\/runner\/src\/main\.ts/);
  await replica.until('the runner is gone', () => !isThere());
  await client.command(town, { kind: 'rig.reconnect', rigId });
  await replica.until('the runner of the next start is there', isThere, 90_000);
  return token;
}
