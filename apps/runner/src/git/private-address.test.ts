import { expect, test } from 'vitest';
import { HOSTILE_CASES } from './private-address.hostile.ts';
import { isPrivateHost } from './private-address.ts';

/** As it comes out of an address. */
const hostOf = (host: string): string => new URL(`https://${host}/`).hostname;

test.each(HOSTILE_CASES)('$id: $host is inside the machine’s own network (I15, GT-7)', async ({ host }) => {
  expect(await isPrivateHost(hostOf(host))).toBe(true);
});

test.each(['140.82.121.4', '172.32.0.1', '100.128.0.1', '[2606:50c0::1]', '[::ffff:140.82.121.4]'])('%s is not', async (host) => {
  expect(await isPrivateHost(hostOf(host))).toBe(false);
});
