import { fromBase64, toBase64Url, utf8 } from './bytes.ts';

/**
 * Tokens that the Worker gives out and later recognises without storing them: HMAC-SHA-256 under a key derived from SEAL_KEY, one derivation for each use.
 * `gtr.<town>.<mac>` the container's runner's; `gtm.<town>.<runner>.<serial>.<mac>` a machine's, worthless when the town counts another serial of that runner or has it no more;
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

export const runnerToken = (sealKey: string, townId: string): Promise<string> => sign(sealKey, `gtr.${townId}`);

export interface MachineHolder {
  readonly townId: string;
  readonly runnerId: string;
  readonly serial: number;
}
export const machineToken = (sealKey: string, { townId, runnerId, serial }: MachineHolder): Promise<string> =>
  sign(sealKey, `gtm.${townId}.${runnerId}.${serial}`);

/** Whose token it is, `machine` null: of the container's runner. Whether a machine's still counts is known to its town alone. */
export interface RunnerHolder {
  readonly townId: string;
  readonly machine: Omit<MachineHolder, 'townId'> | null;
}
export async function holderOfRunnerToken(sealKey: string, token: string): Promise<RunnerHolder | null> {
  const [kind, townId = '', runnerId, serial, ...more] = (await bodyOf(sealKey, token))?.split('.') ?? [];
  if (!/^[0-9a-z]{12}$/.test(townId) || more.length > 0) return null;
  if (kind === 'gtr') return runnerId === undefined ? { townId, machine: null } : null;
  if (kind !== 'gtm' || !/^[a-z0-9-]{1,40}$/.test(runnerId ?? '') || !/^\d{1,9}$/.test(serial ?? '')) return null;
  return { townId, machine: { runnerId: runnerId!, serial: Number(serial) } };
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
