/** What `--town` and `--token` say: where the town is, and as whom this machine comes. */
import { failure, ok, refuse, TownId } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';

/** As it was written on the command line. */
export interface Given {
  readonly town?: string;
  readonly token?: string;
}

export interface Address {
  readonly origin: string;
  readonly town: TownId;
  readonly token: string;
}

const AGAIN = 'Copy the whole line from Settings › Runners of the town.';
const wrong = (message: string): Result<never> => refuse(failure('invalid_input', message, undefined, AGAIN));

/** Of the address only the origin counts, so that one of any page of the town does as well. */
export function addressOf({ town: given, token: pasted }: Given): Result<Address> {
  if (given === undefined) return wrong('--town is missing: the address of the town, as in a browser.');
  if (pasted === undefined)
    return wrong('--token is missing (or GASTOWN_RUNNER_TOKEN): the token of this runner, which the town shows once.');
  const token = pasted.trim();
  const url = URL.parse(given.trim());
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return wrong(`--town: ${JSON.stringify(given.slice(0, 200))} is not the address of a town; it begins with http:// or https://.`);
  const named = /^gtm\.([0-9a-z]{12})\.[a-z0-9-]+\.\d+\.[\w-]{43}$/.exec(token)?.[1];
  if (named === undefined) return wrong('--token: this is not the token of a runner, or not all of it.');
  const inPath = /^\/t\/([0-9a-z]{12})(?:\/|$)/.exec(url.pathname)?.[1];
  if (inPath !== undefined && inPath !== named) return wrong(`--token: it is of another town (${named}) than the address (${inPath}).`);
  return ok({ origin: url.origin, town: TownId.parse(named), token });
}
