import type { Env } from '../env.ts';
import { refuseWith } from './answers.ts';

/** Which hosts and origins this server answers to: the public address and ALLOWED_HOSTS. Everything else is DNS rebinding or another site. */
type Site = Pick<Env, 'PUBLIC_URL' | 'ALLOWED_HOSTS'>;

const hostsOf = (site: Site): string[] => [
  new URL(site.PUBLIC_URL).host,
  ...site.ALLOWED_HOSTS.split(',').flatMap((host) => host.trim().toLowerCase() || []),
];

export function requireOwnHost(request: Request, site: Site): void {
  const host = (request.headers.get('host') ?? new URL(request.url).host).toLowerCase();
  if (!hostsOf(site).includes(host))
    refuseWith('wrong_host', `This server does not answer to the host ${JSON.stringify(host.slice(0, 100))}.`);
}

const isOwnOrigin = (origin: string, site: Site): boolean =>
  URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol) && hostsOf(site).includes(new URL(origin).host);

const isSocket = (request: Request): boolean => request.headers.get('upgrade')?.toLowerCase() === 'websocket';
const changesState = (request: Request): boolean => !['GET', 'HEAD'].includes(request.method) || isSocket(request);

/** A browser names its origin on every request that changes state and on every socket; a program without a browser names none. */
export function requireOwnOrigin(request: Request, site: Site): void {
  if (!changesState(request)) return;
  const origin = request.headers.get('origin');
  const fetchSite = request.headers.get('sec-fetch-site');
  if (origin !== null && !isOwnOrigin(origin, site))
    refuseWith('wrong_origin', `Requests from ${JSON.stringify(origin.slice(0, 100))} are not accepted.`);
  if (fetchSite !== null && fetchSite !== 'same-origin' && fetchSite !== 'none') refuseWith('wrong_origin');
}

/** Routes of the runner, the agents and the launcher: never from a browser, whatever site it shows. */
export function requireNoBrowser(request: Request): void {
  if (request.headers.has('origin') || request.headers.has('sec-fetch-site'))
    refuseWith('wrong_origin', 'A browser may not use this address.');
}
