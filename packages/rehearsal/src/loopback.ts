import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';

/** Listens on loopback only; 0 takes a free port. Resolves to the port, rejects when it is taken. */
export function listenOnLoopback(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port); // a TCP listener's address is always of this kind
    });
  });
}

/** Stops listening and cuts what is open, hung answers too. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
