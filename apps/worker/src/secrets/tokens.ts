import { HOME_RUNNER, RunnerId } from '@gastown/protocol';
import { fromBase64, toBase64Url, utf8 } from './bytes.ts';

/**
 * Tokens that the Worker gives out and later recognises without storing them: HMAC-SHA-256 under a key derived from SEAL_KEY, one derivation for each use.
 * `gtr.<town>.<start>.<mac>` the container's runner's, worthless when a later start of the container was heard of, or this one ended; `gtm.<town>.<runner>.<serial>.<mac>` a machine's, worthless when the town counts another serial of that runner or has it no more;
 * `gtd.<town>.<instance>.<pool>.<mac>` a pool process's at the model door.
 */
async function macKey(sealKey: string, use: string): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey('raw', fromBase64(sealKey), 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(`gastown:${use}`) };
  return crypto.subtle.deriveKey(derivation, root, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign', 'verify']);
}

async function sign(sealKey: string, body: string): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', await macKey(sealKey, body.slice(0, 3)), utf8(body));
  return `${body}.${toBase64Url(new Uint8Array(mac))}`;
}

async function bodyOf(sealKey: string, token: string): Promise<string | null> {
  const at = token.lastIndexOf('.');
  const body = token.slice(0, at);
  if (at < 0 || !/^[\w-]{43}$/.test(token.slice(at + 1))) return null;
  const genuine = await crypto.subtle.verify('HMAC', await macKey(sealKey, body.slice(0, 3)), fromBase64(token.slice(at + 1)), utf8(body));
  return genuine ? body : null;
}

export const runnerToken = (sealKey: string, townId: string, start: number): Promise<string> => sign(sealKey, `gtr.${townId}.${start}`);

export interface MachineHolder {
  readonly townId: string;
  readonly runnerId: string;
  readonly serial: number;
}
export const machineToken = (sealKey: string, { townId, runnerId, serial }: MachineHolder): Promise<string> =>
  sign(sealKey, `gtm.${townId}.${runnerId}.${serial}`);

/** Whose token it is; `serial` of the container's runner: the start that it was made for. Whether it still counts is known to the town alone. */
export interface RunnerHolder {
  readonly townId: string;
  readonly runnerId: RunnerId;
  readonly serial: number;
}
export async function holderOfRunnerToken(sealKey: string, token: string): Promise<RunnerHolder | null> {
  const body = (await bodyOf(sealKey, token)) ?? '';
  // Starts had no number once: such a token is older than every start that has one.
  const home = /^gtr\.([0-9a-z]{12})(?:\.(\d{1,15}))?$/.exec(body);
  if (home) return { townId: home[1]!, runnerId: HOME_RUNNER, serial: Number(home[2] ?? 0) };
  const machine = /^gtm\.([0-9a-z]{12})\.([a-z0-9-]{1,40})\.(\d{1,9})$/.exec(body);
  const runnerId = RunnerId.safeParse(machine?.[2]).data;
  if (!machine || runnerId === undefined || runnerId === HOME_RUNNER) return null;
  return { townId: machine[1]!, runnerId, serial: Number(machine[3]) };
}

export interface DoorHolder {
  readonly townId: string;
  readonly instance: string;
  readonly pool: string;
}
export const doorToken = (sealKey: string, { townId, instance, pool }: DoorHolder): Promise<string> =>
  sign(sealKey, `gtd.${townId}.${instance}.${pool}`);

export async function holderOfDoorToken(sealKey: string, token: string): Promise<DoorHolder | null> {
  const found = /^gtd\.([0-9a-z]{12})\.(.{8,64})\.([a-z0-9-]{1,60})$/.exec((await bodyOf(sealKey, token)) ?? '');
  return found ? { townId: found[1]!, instance: found[2]!, pool: found[3]! } : null;
}
