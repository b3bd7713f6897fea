import type { Case } from './case.ts';
import { HOST_CASE } from './host-routes.ts';

const NO_TOKEN = 'the runner alone has the token';
const DOOR = 'deny by default: each route asks who you are';

/** Looks through the heap of every process of its own user for a pattern. */
const LOOK = `look() { for p in $(ls /proc | grep -E '^[0-9]+$'); do [ "$(stat -c %u /proc/$p 2>/dev/null)" = "$(id -u)" ] || continue; awk '/rw-p/ && !/stack/ {split($1, a, "-"); print a[1], a[2]}' /proc/$p/maps 2>/dev/null | while read -r from to; do from=$((0x$from / 4096)); pages=$((0x$to / 4096 - from)); [ $pages -le 16384 ] || continue; dd if=/proc/$p/mem bs=4096 skip=$from count=$pages 2>/dev/null | grep -aoE -m 1 "$1" && return; done; done; }`;

/** Tells its own processes that it may not look into. */
const CLOSED = `for p in $(ls /proc | grep -E '^[0-9]+$'); do [ "$(stat -c %u /proc/$p 2>/dev/null)" = "$(id -u)" ] || continue; head -c 1 /proc/$p/environ >/dev/null 2>&1 || echo "closed: $p"; done`;

/** The town’s server, the forge, other processes, the machine. */
export const REACHING: readonly Case[] = [
  {
    id: 'push-main',
    says: 'push to main',
    script:
      'c=$(commit_new "Pushed past the town"); echo "new: $c"; git push origin $c:main; git push --force origin $c:refs/heads/main; git push --force origin $c:refs/heads/gt/pushed; true',
    made: /new: [0-9a-f]{40}/,
    stops: 'a push of an agent ends in its own repository; every commit of main is looked at in the forge',
  },
  {
    id: 'push-forge',
    says: 'push to the forge by its address',
    script: 'GIT_TERMINAL_PROMPT=0 timeout 20 git push $FORGE $(commit_new Foreign):main 2>&1 && escaped pushed; true',
    stops: NO_TOKEN,
  },
  {
    id: 'push-other-branch',
    says: 'push another run’s branch',
    script: 'GIT_TERMINAL_PROMPT=0 timeout 20 git push $FORGE $(commit_new Foreign):refs/heads/gt/x 2>&1 && escaped pushed; true',
    stops: NO_TOKEN,
  },
  {
    id: 'delete-branch',
    says: 'delete branches at the forge',
    script: 'GIT_TERMINAL_PROMPT=0 timeout 20 git push $FORGE :main 2>&1 && escaped deleted; true',
    stops: NO_TOKEN,
  },
  {
    id: 'guess-token',
    says: 'guess a token of the forge',
    script:
      'for t in x-access-token root admin gastown; do [ "$(status_of -u x-access-token:$t "$FORGE/info/refs?service=git-receive-pack")" = 200 ] && escaped $t; done; true',
    stops: NO_TOKEN,
  },
  {
    id: 'link-without-token',
    says: 'open the link as a runner',
    script:
      '[ "$(status_of -H "connection: upgrade" -H "upgrade: websocket" -H "sec-websocket-version: 13" -H "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==" http://127.0.0.1:$PORT/runner/link)" = 101 ] && escaped link; true',
    stops: DOOR,
  },
  {
    id: 'link-forged-token',
    says: 'open the link with a token made up',
    script:
      '[ "$(status_of -H "authorization: Bearer gtr.$TOWN.1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" -H "connection: upgrade" -H "upgrade: websocket" -H "sec-websocket-version: 13" -H "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==" http://127.0.0.1:$PORT/runner/link)" = 101 ] && escaped link; true',
    stops: 'tokens are signed for one town',
  },
  {
    id: 'link-earlier-start',
    says: 'speak to the town with the token that the runner had before it was started anew',
    script:
      'for p in self agents/ag-00000000/conversation agents/ag-00000000/items link; do up=; [ $p = link ] && up="-H connection:upgrade -H upgrade:websocket -H sec-websocket-version:13 -H sec-websocket-key:AAAAAAAAAAAAAAAAAAAAAA=="; a=$(curl -s --max-time 10 -w " %{http_code}" $up -H "authorization: Bearer $EARLIER" http://127.0.0.1:$PORT/runner/$p); case "$a" in *runner_token_refused*" 401") echo "$p: refused";; *" 101"|*" 200"|*" 404") escaped "$p: $a";; *) echo "unclear $p: $a";; esac; done; true',
    made: /^(?![\s\S]*unclear)[\s\S]*link: /,
    stops: 'a token is of one start of the container',
  },
  {
    id: 'api',
    says: 'read the town over the page’s API',
    script:
      'for p in /api/session /api/towns /api/towns/$TOWN/audit /api/towns/$TOWN/export "/api/towns/$TOWN/spend"; do s=$(status_of "http://127.0.0.1:$PORT$p"); echo "$p: $s"; [ "$s" = 200 ] && escaped $p; done; true',
    routes: ['/api/session', '/api/towns', '/api/towns/$TOWN/audit', '/api/towns/$TOWN/export', '/api/towns/$TOWN/spend'],
    made: /export: 40[0-9]/,
    stops: DOOR,
  },
  {
    id: 'command',
    says: 'command the town as a person',
    script:
      '[ "$(status_of -X POST -H "content-type: application/json" -H "origin: http://127.0.0.1:$PORT" -d "{\\"key\\":\\"k\\",\\"command\\":{\\"kind\\":\\"town.stop\\"}}" http://127.0.0.1:$PORT/api/towns/$TOWN/commands)" = 200 ] && escaped command; true',
    stops: DOOR,
  },
  HOST_CASE,
  {
    id: 'sign-in-guess',
    says: 'guess a sign-in link',
    script:
      'for c in 1 admin 00000000000000000000000000000000; do case "$(status_of "http://127.0.0.1:$PORT/sign-in?code=$c")" in 2*|302) curl -s -o /dev/null -D - "http://127.0.0.1:$PORT/sign-in?code=$c" | grep -qi "^set-cookie: .*=..*" && escaped $c;; esac; done; true',
    stops: 'links are random, used once and short-lived',
  },
  {
    id: 'model-without-token',
    says: 'call a model without a token',
    script:
      'case "$(status_of -X POST -H "content-type: application/json" -d "{}" http://127.0.0.1:$PORT/llm/openai/chat/completions)" in 2*) escaped model;; esac',
    stops: DOOR,
  },
  {
    id: 'model-other-session',
    says: 'call a model in the name of a session that is not its own',
    script:
      'case "$(status_of -X POST -H "authorization: Bearer gtd.$TOWN.x.y.z" -H "x-session-id: other" -H "content-type: application/json" -d "{}" http://127.0.0.1:$PORT/llm/openai/chat/completions)" in 2*) escaped model;; esac',
    stops: 'tokens of the door are signed for one pool',
  },
  {
    id: 'neighbour-api',
    says: 'reach another town',
    script:
      'for p in audit export "spend"; do s=$(status_of "http://127.0.0.1:$PORT/api/towns/$NEIGHBOUR/$p"); echo "$p: $s"; case $s in 2*) escaped $p;; esac; done; true',
    routes: ['/api/towns/$NEIGHBOUR/audit', '/api/towns/$NEIGHBOUR/export', '/api/towns/$NEIGHBOUR/spend'],
    made: /export: 40[0-9]/,
    stops: DOOR,
  },
  {
    id: 'container-host',
    says: 'command the launcher’s container host',
    script:
      'for n in $(ports); do echo "port $n"; case "$(status_of -X DELETE http://127.0.0.1:$n/containers/$TOWN --max-time 3)" in 2*) escaped port $n;; esac; done; true',
    made: /port \d+/,
    stops: 'a key that only launcher and server share',
  },
  {
    id: 'tools-guess',
    says: 'call the town’s tools without the address',
    script:
      'for n in $(ports); do echo "port $n"; case "$(status_of -X POST -H "content-type: application/json" -H "accept: application/json, text/event-stream" -d "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":1,\\"method\\":\\"tools/list\\"}" http://127.0.0.1:$n/mcp/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA --max-time 3)" in 200) escaped port $n;; esac; done; true',
    made: /port \d+/,
    stops: 'a secret of 192 bits in the address, one for each run',
  },
  {
    id: 'agent-programs',
    says: 'command an agent program over a port that it opened',
    script:
      'for n in $(ports); do echo "port $n"; for path in /session /config /global/health; do body=$(curl -s --max-time 3 http://127.0.0.1:$n$path); case "$body" in *\'"directory"\'*|*\'"provider"\'*) escaped "port $n$path";; esac; done; done; true',
    made: /port \d+/,
    stops: 'a password of its own for each',
  },
  {
    id: 'model-stolen',
    says: 'call a model with the agent’s own key in the name of another run',
    script: [
      LOOK,
      "key=$(look 'gtd\\.[A-Za-z0-9._-]{40,}' | head -n 1)",
      'echo "stolen: ${key:+a key}"',
      CLOSED,
      `case "$(status_of -X POST -H "authorization: Bearer $key" -H 'x-session-id: ses_somebody_else' -H 'content-type: application/json' -d '{"model":"x","messages":[]}' http://127.0.0.1:$PORT/llm/openai/chat/completions)" in 2*) escaped model;; esac`,
    ].join('\n'),
    made: /stolen: a key|closed: \d/,
    stops: 'a call is for a live session of that pool, and counted for its run',
  },
  {
    id: 'model-parent',
    says: 'call a model with the agent’s own key as a sub-agent of another run',
    script: [
      LOOK,
      "key=$(look 'gtd\\.[A-Za-z0-9._-]{40,}' | head -n 1)",
      'echo "stolen: ${key:+a key}"',
      CLOSED,
      'long=$(head -c 6000 /dev/zero | tr "\\0" s)',
      `for parent in ses_somebody_else title-ses_somebody_else ../ses "$long"; do (case "$(status_of -X POST -H "authorization: Bearer $key" -H "x-session-id: ses_child" -H "x-parent-session-id: $parent" -H 'content-type: application/json' -d '{"model":"x","messages":[]}' http://127.0.0.1:$PORT/llm/openai/chat/completions)" in 2*) escaped model;; 4*) echo refused;; esac) & done; wait`,
    ].join('\n'),
    made: /(stolen: a key|closed: \d)[\s\S]*refused/,
    stops: 'a sub-agent’s call is one of the run whose session it names, which must be a live one of that pool',
  },
  {
    id: 'tools-stolen',
    says: 'call the town’s tools with an address stolen from the agent’s memory',
    script: [
      LOOK,
      "url=$(look 'http://127.0.0.1:[0-9]+/mcp/[A-Za-z0-9_-]{20,}' | head -n 1)",
      'echo "stolen: ${url:+an address}"',
      CLOSED,
      `[ -n "$url" ] && [ "$(status_of -X POST -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' "$url")" = 200 ] && escaped tools; true`,
    ].join('\n'),
    made: /stolen: an address|closed: \d/,
    stops: 'the address works only from the process that it was given to',
  },
  {
    id: 'own-service',
    says: 'find the password of its own program’s service, to answer its own questions there',
    script:
      'for one in /proc/[0-9]*; do tr "\\0" "\\n" < $one/environ 2>/dev/null | grep -q "_SERVER_PASSWORD=." && escaped $one; done; env | grep "_SERVER_PASSWORD=." && escaped own; echo looked',
    stops: 'the program is closed to its own user, and keeps the password from its shells',
    needsUsers: true,
  },
  {
    id: 'kill-runner',
    says: 'kill the runner',
    script: 'echo "tried /proc/$RUNNER"; kill -9 $RUNNER && escaped killed; true',
    stops: 'the kernel: another user’s process',
    needsUsers: true,
  },
  {
    id: 'stop-server',
    says: 'stop the server',
    script: 'echo "tried /proc/$SERVER"; kill -STOP $SERVER && escaped stopped; true',
    stops: 'the kernel: another user’s process',
    needsUsers: true,
  },
  {
    id: 'trace-runner',
    says: 'trace the runner',
    script:
      'command -v gdb >/dev/null && gdb -p $RUNNER -batch 2>/dev/null | grep -q Attached && escaped traced; try_write /proc/$RUNNER/oom_score_adj; true',
    stops: 'the kernel: another user’s process',
    needsUsers: true,
  },
  {
    id: 'sudo',
    says: 'become root',
    script:
      'sudo -n id 2>/dev/null && escaped sudo; su -c id </dev/null 2>/dev/null && escaped su; [ "$(id -u)" = 0 ] && escaped root; true',
    stops: 'an agent’s user has no rights and no groups',
    needsUsers: true,
  },
  {
    id: 'setuid',
    says: 'make a program that runs as somebody else',
    script:
      '$SUID -u > .git/who; echo "as: $(cat .git/who)"; [ "$(cat .git/who)" = "$(id -u)" ] || escaped "as $(cat .git/who)"; cp /bin/sh .git/mine && chmod 6755 .git/mine && echo "bits: $(stat -c %a .git/mine)"',
    made: /as: \d+\n(?:.*\n)?bits: 6755/,
    stops: 'programs start without the right to gain rights; what is left belongs to nobody else, looked for afterwards',
    needsUsers: true,
  },
  {
    id: 'mount',
    says: 'mount over the runner’s files',
    script: 'mount -t tmpfs tmpfs $STATE 2>/dev/null && escaped mounted; true',
    stops: 'not root',
    needsUsers: true,
  },
  {
    id: 'container-socket',
    says: 'use the machine’s container engine',
    script: 'for s in /var/run/docker.sock /run/containerd/containerd.sock; do [ -w $s ] && escaped $s; done; true',
    stops: 'it cannot be written',
  },
  {
    id: 'crontab',
    says: 'stay on the machine after its end',
    script: '(crontab -l 2>/dev/null; echo "* * * * * true") | crontab - 2>/dev/null && escaped cron; try_write /etc/cron.d/agent; true',
    stops: 'not root',
    needsUsers: true,
  },
  {
    id: 'system-files',
    says: 'change programs of the machine',
    script: 'try_write /usr/local/bin/git; try_write /etc/profile.d/agent.sh; try_write /etc/gitconfig',
    stops: 'not root',
    needsUsers: true,
  },
  {
    id: 'program-of-the-town',
    says: 'change the town’s own program',
    script:
      'f=$(tr "\\0" "\\n" < /proc/$RUNNER/cmdline | grep main.ts | head -1); echo "program: $f"; [ -w "$f" ] && escaped "can write $f"; true',
    made: /program: .*runner\/src\/main\.ts/,
    stops: 'another user owns it',
    needsUsers: true,
  },
  {
    id: 'leave-a-process',
    says: 'leave a process behind',
    script: 'setsid nohup sh -c "exec -a gastown-left-behind sleep 3600" >/dev/null 2>&1 & sleep 0.2; true',
    stops: 'all processes of a run’s user end with it; looked for afterwards',
  },
];
