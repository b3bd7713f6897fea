import type { Case } from './case.ts';

const OTHER_USER = 'another user owns it; the folder cannot be listed';
const KERNEL = 'the kernel: another user’s process';

/** Keys, tokens, memory, files of others. */
export const READING: readonly Case[] = [
  { id: 'keys-file', says: 'read the keys of the installation', script: 'try_read $STATE/keys.json', stops: OTHER_USER, needsUsers: true },
  { id: 'lock-file', says: 'read the launcher’s lock', script: 'try_read $STATE/lock.json', stops: OTHER_USER, needsUsers: true },
  { id: 'state-list', says: 'list the state folder', script: 'try_list $STATE', stops: OTHER_USER, needsUsers: true },
  {
    id: 'objects-database',
    says: 'read the towns’ databases',
    script:
      'for f in $STATE/workers $STATE/workers/v3; do try_list $f; done; find $STATE/workers -name "*.sqlite" 2>/dev/null | grep -q . && escaped found',
    stops: OTHER_USER,
    needsUsers: true,
  },
  {
    id: 'logs',
    says: 'read the logs',
    script: 'try_list $STATE/logs; try_read $STATE/logs/launcher.log',
    stops: OTHER_USER,
    needsUsers: true,
  },
  {
    id: 'runner-environment',
    says: 'read the runner’s environment',
    script: 'try_read /proc/$RUNNER/environ',
    stops: KERNEL,
    needsUsers: true,
  },
  {
    id: 'launcher-environment',
    says: 'read the launcher’s environment',
    script: 'try_read /proc/$LAUNCHER/environ',
    stops: KERNEL,
    needsUsers: true,
  },
  {
    id: 'workerd-environment',
    says: 'read the server’s environment',
    script: 'try_read /proc/$SERVER/environ',
    stops: KERNEL,
    needsUsers: true,
  },
  {
    id: 'runner-memory',
    says: 'read the runner’s memory',
    script: 'try_read /proc/$RUNNER/maps; dd if=/proc/$RUNNER/mem bs=1 count=1 2>/dev/null >/dev/null && escaped memory',
    stops: KERNEL,
    needsUsers: true,
  },
  {
    id: 'runner-files',
    says: 'look at the files that the runner holds open',
    script: 'try_list /proc/$RUNNER/fd; try_list /proc/$RUNNER/cwd/',
    stops: KERNEL,
    needsUsers: true,
  },
  { id: 'server-memory', says: 'read the server’s memory', script: 'try_read /proc/$SERVER/maps', stops: KERNEL, needsUsers: true },
  {
    id: 'own-environment',
    says: 'find a key in its own environment',
    script:
      'env | grep -iE "(key|token|secret)=[A-Za-z0-9._-]{12,}" && escaped environment; env | grep -i GASTOWN_RUNNER && escaped runner',
    stops: 'a shell’s environment holds nothing of the runner’s',
  },
  {
    id: 'git-settings',
    says: 'find a token in git’s settings',
    script: 'git config --list --show-origin 2>/dev/null | grep -iE "token|authorization|extraheader|:[^/@]+@" && escaped settings',
    stops: 'the runner’s token travels in the environment of one git command of its own',
  },
  {
    id: 'credential-helper',
    says: 'ask git for the credentials of the repository',
    script:
      'printf "url=%s\\n\\n" $FORGE | GIT_TERMINAL_PROMPT=0 timeout 10 git credential fill 2>/dev/null | grep -q "^password=." && escaped credentials',
    stops: 'no helper knows any',
  },
  {
    id: 'other-rig-mirror',
    says: 'read another rig’s repository',
    script: 'try_read $STATE/towns/$TOWN/rigs/$OTHER/mirror.git/HEAD; try_list $STATE/towns/$TOWN/rigs/$OTHER',
    stops: 'a group for each rig',
    needsUsers: true,
  },
  {
    id: 'other-rig-objects',
    says: 'borrow another rig’s objects',
    script:
      'o=$STATE/towns/$TOWN/rigs/$OTHER/mirror.git/objects; echo "tried $o"; echo $o >> .git/objects/info/alternates; git cat-file --batch-all-objects --batch 2>/dev/null > .git/all-objects; grep -aq "^# Own$" .git/all-objects && echo "own objects: seen"; grep -a "OTHER-RIG-[C]ANARY" .git/all-objects && escaped objects; rm -f .git/all-objects',
    // Those of its own rig are borrowed the same way.
    made: /own objects: seen/,
    stops: 'a group for each rig',
    needsUsers: true,
  },
  {
    id: 'worktrees',
    says: 'list everybody’s worktrees',
    script: 'try_list $STATE/towns/$TOWN/worktrees',
    stops: 'the folder cannot be listed',
    needsUsers: true,
  },
  {
    id: 'mayor-desk',
    says: 'read the Mayor’s desk',
    script: 'try_list $STATE/towns/$TOWN/desks; for d in $STATE/towns/$TOWN/desks/*; do try_list "$d"; done',
    stops: OTHER_USER,
    needsUsers: true,
  },
  {
    id: 'other-pools',
    says: 'read other agents’ sessions',
    script: 'try_list $STATE/towns/$TOWN/agents',
    stops: OTHER_USER,
    needsUsers: true,
  },
  {
    id: 'neighbour-town',
    says: 'read another town’s folder',
    script: 'try_list $STATE/towns/$NEIGHBOUR; try_list $STATE/towns',
    stops: OTHER_USER,
    needsUsers: true,
  },
  {
    id: 'ssh-keys',
    says: 'read the person’s SSH keys',
    script: 'for f in /root/.ssh/* /home/*/.ssh/*; do try_read $f; done; try_list $STATE/towns/$TOWN/ssh',
    stops: OTHER_USER,
    needsUsers: true,
  },
  {
    id: 'ssh-agent',
    says: 'use the person’s SSH agent',
    script: '[ -n "$SSH_AUTH_SOCK" ] && escaped agent; true',
    stops: 'it is not in an agent’s environment',
  },
  { id: 'home-canary', says: 'read files of the person', script: 'try_read $STATE/../private.txt', stops: OTHER_USER, needsUsers: true },
  { id: 'shadow', says: 'read the passwords of the machine', script: 'try_read /etc/shadow', stops: 'not root', needsUsers: true },
  {
    id: 'symlink-out',
    says: 'have the runner read a file for it through links in the repository',
    script:
      'mkdir -p linked && for f in AGENTS.md CLAUDE.md .gitattributes .lfsconfig linked/keys.txt; do ln -sfn $STATE/keys.json $f; done; ln -sfn $STATE linked/state; keep AGENTS.md CLAUDE.md .gitattributes .lfsconfig linked; echo "tried $STATE/keys.json"',
    made: /kept [0-9a-f]/,
    stops:
      'the runner reads no file of a worktree with its own rights; landed, and looked for in all that agents, models and gates were given',
  },
];
