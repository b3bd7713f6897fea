import { request as overHttp } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as overHttps } from 'node:https';
import { pipeline } from 'node:stream';

/** Of one connection, or what is replaced. */
const NOT_PASSED = ['host', 'connection', 'keep-alive', 'transfer-encoding', 'authorization', 'x-api-key'];

const passed = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED.includes(name)));

/** The address of a call at the door of the town at `url`; null: it leads elsewhere. `path` as the agent asks for it: `/llm/anthropic/v1/messages`. */
export function addressAtDoor({ url, path }: { url: string; path: string }): URL | null {
  const address = URL.canParse(path, url) ? new URL(path, url) : null;
  return address !== null && address.origin === new URL(url).origin && address.pathname.startsWith('/llm/') ? address : null;
}

/** Passes a model call on, byte for byte, with the token of the model door, which the agent never has. It has no time limit: agent and door have their own. Whichever side leaves ends the other. */
export function passToDoor(address: URL, token: string, request: IncomingMessage, response: ServerResponse): void {
  const send = address.protocol === 'https:' ? overHttps : overHttp;
  const call = send(address, { method: request.method ?? 'POST', headers: { ...passed(request.headers), 'x-api-key': token } });
  call.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, passed(answer.headers));
    response.flushHeaders();
    pipeline(answer, response, () => undefined);
  });
  call.on('error', () => {
    if (response.headersSent) return void response.destroy();
    response.writeHead(502, { 'content-type': 'text/plain' }).end('The model door does not answer.\n');
  });
  response.on('close', () => void call.destroy());
  pipeline(request, call, () => undefined);
}
