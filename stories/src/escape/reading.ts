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
    script: 'try_read /proc/$(runner)/environ',
    stops: KERNEL,
    needsUsers: true,
  },
  {
    id: 'launcher-environment',
    says: 'read the launcher’s environment',
    script: 'for p in $(pids_of cli/src/main); do try_read /proc/$p/environ; done',
    stops: KERNEL,
    needsUsers: true,
  },
  {
    id: 'workerd-environment',
    says: 'read the server’s environment',
    script: 'try_read /proc/$(workerd)/environ',
    stops: KERNEL,
    needsUsers: true,
  },
  {
    id: 'runner-memory',
    says: 'read the runner’s memory',
    script: 'try_read /proc/$(runner)/maps; dd if=/proc/$(runner)/mem bs=1 count=1 2>/dev/null >/dev/null && escaped memory',
    stops: KERNEL,
    needsUsers: true,
  },
  {
    id: 'runner-files',
    says: 'look at the files that the runner holds open',
    script: 'try_list /proc/$(runner)/fd; try_list /proc/$(runner)/cwd/',
    stops: KERNEL,
    needsUsers: true,
  },
  { id: 'server-memory', says: 'read the server’s memory', script: 'try_read /proc/$(workerd)/maps', stops: KERNEL, needsUsers: true },
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
      'echo $STATE/towns/$TOWN/rigs/$OTHER/mirror.git/objects >> .git/objects/info/alternates 2>/dev/null; git rev-list --all --objects 2>/dev/null | while read -r o _; do git cat-file -p $o 2>/dev/null; done | grep -a "OTHER-RIG-[C]ANARY" && escaped objects',
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
    says: 'have the runner read a file for it through a link in the worktree',
    script:
      'ln -sf $STATE/keys.json AGENTS.md; ln -sf $STATE/keys.json CLAUDE.md; git add AGENTS.md 2>/dev/null; git commit -qm link 2>/dev/null; git rm -q --cached AGENTS.md 2>/dev/null; git reset -q --hard HEAD~1 2>/dev/null; rm -f AGENTS.md CLAUDE.md; true',
    stops: 'the runner reads no file of a worktree with its own rights',
  },
];
