import type { Case } from './case.ts';

/** Every route of the launcher, as the Worker's table has it (a test compares the two). */
export const HOST_ROUTES = [
  'POST /host/sign-in-link',
  'POST /host/boot',
  'POST /host/wake',
  'GET /host/towns',
  'GET /host/towns/:town/rigs',
  'POST /host/towns/:town/import',
  'GET /host/towns/:town/bad-lines',
  'POST /host/towns/:town/bad-lines/discard',
  'POST /host/towns/:town/start',
  'GET /host/towns/:town/export',
  'GET /host/towns/:town/ready',
  'GET /host/towns/:town/beads',
  'GET /host/towns/:town/beads/:bead',
  'GET /host/towns/:town/audit',
  'GET /host/towns/:town/beads/:bead/events',
  'POST /host/containers/:town/exited',
];

/** A route that is not there is not refused: only so does a refusal show that there is one. */
const NO_ROUTE = 'POST /host/no-such-route';
/** Two of the routes name a rig. */
const whole = (route: string): string => route + (/\/(?:import|start)$/.test(route) ? '?rig=$RIG' : '');
const asked = (route: string): string => whole(route).replaceAll(/:[a-z]+/g, '$TOWN');
const told = (route: string, status: string): string =>
  `${whole(route)
    .replaceAll('?', String.raw`\?`)
    .replaceAll(/:[a-z]+|\$RIG/g, String.raw`\S+`)}: ${status}\n`;

export const HOST_CASE: Case = {
  id: 'host-routes',
  says: 'use the launcher’s own routes',
  script: [
    'guess() { if [ "$1" = POST ]; then set -- "$1" "$2" -H "content-type: application/json" -d "{}"; fi; m=$1; p=$2; shift 2; s=$(status_of -X $m "$@" -H "x-host-key: guessed" "http://127.0.0.1:$PORT$p"); echo "$m $p: $s"; case "$s" in 2*) escaped $m $p;; esac; }',
    ...[...HOST_ROUTES, NO_ROUTE].map((route) => `guess ${asked(route).replace(' ', ' "')}"`),
    'true',
  ].join('\n'),
  made: new RegExp([...HOST_ROUTES.map((route) => told(route, '40[13]')), told(NO_ROUTE, '404')].join('')),
  stops: 'a key that only launcher and server share',
};
