import type { Case } from './case.ts';

/** What the code of a branch may try when it is tested: these run as a gate. */
export const GATES: readonly Case[] = [
  {
    id: 'gate-keys',
    says: 'read keys from a gate',
    script: 'try_read $STATE/keys.json; try_list $STATE',
    stops: 'gates run as a user of their own',
    needsUsers: true,
  },
  {
    id: 'gate-runner',
    says: 'read the runner from a gate',
    script: 'try_read /proc/$RUNNER/environ; kill -0 $RUNNER && escaped signal; true',
    stops: 'gates run as a user of their own',
    needsUsers: true,
  },
  {
    id: 'gate-agents',
    says: 'read agents’ homes from a gate',
    script: 'for d in $STATE/towns/$TOWN/agents/*; do try_list $d/home; done; try_list $STATE/towns/$TOWN/agents',
    stops: 'gates run as a user of their own',
    needsUsers: true,
  },
  {
    id: 'gate-mirror',
    says: 'write the mirror from a gate',
    script: 'try_write $STATE/towns/$TOWN/rigs/$RIG/mirror.git/config; true',
    stops: 'the runner alone writes the mirror',
    needsUsers: true,
  },
  {
    id: 'gate-environment',
    says: 'find a key in a gate’s environment',
    script: 'env | grep -iE "(key|token|secret)=[A-Za-z0-9._-]{12,}" && escaped environment; true',
    stops: 'a gate’s environment is made for it',
  },
  {
    id: 'gate-tree',
    says: 'change the tree that the next gate judges',
    script:
      'echo tampered > judged.txt; git update-index --assume-unchanged judged.txt 2>/dev/null; git config core.fsmonitor true 2>/dev/null; true',
    stops: 'tracked files are put back by an index that only the runner holds; the next gate looks',
  },
  {
    id: 'gate-process',
    says: 'leave a process behind that changes the tree later',
    script: '(setsid nohup sh -c "while :; do echo tampered > judged.txt; sleep 0.05; done" >/dev/null 2>&1 &) ; true',
    stops: 'all processes of the gate’s user end with it; the next gate looks',
  },
  {
    id: 'gate-chain',
    says: 'leave a chain of processes behind, each of which starts the next and exits',
    script: 'echo "echo tampered > judged.txt; sh chain >/dev/null 2>&1 & exit" > chain; (setsid sh chain >/dev/null 2>&1 &) ; true',
    stops: 'all processes of the gate’s user are ended at one stroke; the next gate looks',
    needsUsers: true,
  },
];
