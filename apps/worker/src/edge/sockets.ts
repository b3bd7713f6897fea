import { refuseWith } from './answers.ts';

/** A fresh upgrade request for an object: nothing of the client's headers goes along, so an object may trust what it finds there. */
export function upgradeFor(request: Request, who: Record<string, string> & { role: string }): Request {
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') refuseWith('invalid_input', 'upgrade: expected a WebSocket request.');
  return new Request(`https://object/?${new URLSearchParams(who)}`, { headers: { upgrade: 'websocket' } });
}
