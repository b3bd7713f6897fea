import type { Case } from './case.ts';

const AS_AGENT = 'git in a worktree runs as the agent’s user, and the mirror takes a pack, not a repository';
const MIRROR = '$STATE/towns/$TOWN/rigs/$RIG/mirror.git';

/** Things left where the runner, the gates or the next agents will come across them. Whether one ran with other rights is read afterwards from what they wrote. */
export const PLANTING: readonly Case[] = [
  {
    id: 'hooks',
    says: 'plant hooks',
    script: [
      `for h in pre-commit post-checkout reference-transaction pre-push post-merge update pre-receive; do for d in .git/hooks "$(git rev-parse --git-common-dir)/hooks" ${MIRROR}/hooks; do mkdir -p "$d" 2>/dev/null; plant "$d/$h"; done; done 2>/dev/null`,
      'git -c core.hooksPath=.git/hooks checkout -q HEAD',
      'echo "planted: $(wc -l < $PLANTED)"',
    ].join('\n'),
    // With the agent's own rights it does run: so what a planted program writes is seen.
    made: /planted: +[1-9]|planted: [1-9]/,
    stops: AS_AGENT,
  },
  {
    id: 'hooks-path',
    says: 'point hooks elsewhere',
    script:
      'd=/tmp/escape-hooks-$(id -u); mkdir -p $d && plant $d/post-checkout; git config core.hooksPath $d && echo "hooks: $(git config core.hooksPath)"',
    made: /hooks: \/tmp/,
    stops: AS_AGENT,
  },
  {
    id: 'fsmonitor',
    says: 'plant a program that git asks for changes',
    script: 'git config core.fsmonitor "$TELL" && echo "set: $(git config core.fsmonitor)"',
    made: /set: sh/,
    stops: AS_AGENT,
  },
  {
    id: 'filter',
    says: 'plant a git filter',
    script:
      'git config filter.evil.clean "$TELL; cat"; git config filter.evil.smudge "$TELL; cat"; mkdir -p .git/info; echo "* filter=evil" > .git/info/attributes && echo "set: $(git config filter.evil.clean)"',
    made: /set: sh/,
    stops: AS_AGENT,
  },
  {
    id: 'ssh-command',
    says: 'plant the program that connects',
    script: 'git config core.sshCommand "$TELL"; git config core.gitProxy "$TELL" && echo "set: $(git config core.gitProxy)"',
    made: /set: sh/,
    stops: AS_AGENT,
  },
  {
    id: 'external-programs',
    says: 'plant pagers, editors, signers, diff and merge programs',
    script:
      'for k in core.pager core.editor gpg.program diff.external credential.helper core.askPass sequence.editor; do git config $k "$TELL"; done; git config merge.evil.driver "$TELL"; git config uploadpack.packObjectsHook "$TELL" && echo "set: $(git config uploadpack.packObjectsHook)"',
    made: /set: sh/,
    stops: AS_AGENT,
  },
  {
    id: 'alias',
    says: 'replace git’s own commands',
    script: 'git config alias.status "!$TELL"; git config alias.fetch "!$TELL" && echo "set: $(git config alias.fetch)"',
    made: /set: !sh/,
    stops: AS_AGENT,
  },
  {
    id: 'rewritten-address',
    says: 'have the runner talk to another forge',
    script:
      'git config url."http://127.0.0.1:9/".insteadOf http://; git config remote.origin.url http://127.0.0.1:9/x.git; git config http.proxy http://127.0.0.1:9; true',
    stops: 'the runner’s git reads only the mirror’s settings',
  },
  {
    id: 'mirror-settings',
    says: 'change the mirror’s settings',
    script: `try_write ${MIRROR}/config; try_write ${MIRROR}/HEAD; true`,
    stops: 'the runner alone writes the mirror',
    needsUsers: true,
  },
  {
    id: 'lfs-store',
    says: 'write the LFS store, or the filter that others run',
    script: 'for f in filter.ts objects/x x; do try_write $STATE/towns/$TOWN/rigs/$RIG/mirror.git/lfs/$f; done; true',
    stops: 'the runner alone writes the mirror',
    needsUsers: true,
  },
  {
    id: 'mirror-refs',
    says: 'move other branches in the mirror',
    script: [
      `m="git -C ${MIRROR} -c safe.directory=*"; echo "head: $($m rev-parse refs/remotes/origin/main)"`,
      '$m update-ref refs/remotes/origin/main $(commit_new "Moved") 2>/dev/null && escaped moved; $m update-ref refs/heads/gt/evil $(git rev-parse HEAD) 2>/dev/null && escaped made; true',
    ].join('\n'),
    made: /head: [0-9a-f]{40}/,
    stops: 'the runner alone writes the mirror',
    needsUsers: true,
  },
  {
    id: 'mirror-objects',
    says: 'damage the mirror’s objects',
    script: `for f in $(find ${MIRROR}/objects -type f 2>/dev/null | head -3); do echo "tried $f"; (chmod u+w $f && echo x > $f) 2>/dev/null && escaped $f; done; true`,
    made: /tried \//,
    stops: 'the runner alone writes the mirror',
    needsUsers: true,
  },
  {
    id: 'replace',
    says: 'show other commits than there are',
    script: 'git replace HEAD "$(git commit-tree -m fake "HEAD^{tree}")"; echo "replaced: $(git replace -l | wc -l)"',
    made: /replaced: +?[1-9]|replaced: [1-9]/,
    stops: 'what is landed is built in the mirror, without replaced objects',
  },
  {
    id: 'git-link',
    says: 'make its repository another one',
    script:
      'echo "tried $STATE/towns/$TOWN/rigs/$OTHER/mirror.git"; mv .git .git-away; ln -s $STATE/towns/$TOWN/rigs/$OTHER/mirror.git .git; git log -1 --format=%s 2>/dev/null | grep -q . && escaped log; rm -f .git; mv .git-away .git',
    stops: 'a group for each rig',
    needsUsers: true,
  },
  {
    id: 'path-programs',
    says: 'plant programs in front of the machine’s',
    script: [
      'mkdir -p ~/bin ./node_modules/.bin; for n in git node sh; do for d in ~/bin ./node_modules/.bin; do plant $d/$n "exec $(command -v $n) \\"\\$@\\""; done; done',
      'for f in ~/.profile ~/.bashrc; do printf "%s\\nexport PATH=~/bin:\\$PATH\\n" "$TELL" >> $f; done',
      'keep node_modules/.bin',
    ].join('\n'),
    made: /kept [0-9a-f]/,
    stops: 'the runner’s PATH is its own',
  },
  {
    id: 'agent-settings',
    says: 'plant a plugin of the agent in the repository',
    script: [
      'mkdir -p .kilo/plugin .opencode/plugin; printf \'import {appendFileSync} from "node:fs"; appendFileSync("%s", "plugin ran\\\\n"); export default {}\\n\' "$PLANTED" | tee .kilo/plugin/evil.js > .opencode/plugin/evil.js',
      'printf \'{"plugin":["./.kilo/plugin/evil.js"],"mcp":{"evil":{"type":"local","enabled":true,"command":["sh","-c","echo plugin ran >> %s"]}}}\\n\' "$PLANTED" | tee kilo.json > opencode.json',
      'keep .kilo .opencode kilo.json opencode.json',
    ].join('\n'),
    made: /kept [0-9a-f]/,
    stops: 'agents start without a repository’s settings (Codex starts the tool servers that they name, as the agent’s user)',
  },
  {
    id: 'locks',
    says: 'leave locks behind',
    script: `touch .git/config.lock .git/packed-refs.lock; try_write ${MIRROR}/packed-refs.lock; true`,
    stops: 'the runner alone writes the mirror',
    needsUsers: true,
  },
  {
    id: 'branch-names',
    says: 'make branches with names that are options and commands',
    script: `t='\${IFS}'; for n in "--upload-pack=touch$t$PLANTED.branch" "\\$(echo\${t}branch>>$PLANTED)" '-f' 'a;id' 'x\`id\`'; do git update-ref "refs/heads/$n" HEAD; done; echo "branches: $(git for-each-ref refs/heads | wc -l)"`,
    made: /branches: +?[4-9]|branches: [4-9]/,
    stops: 'no shell, names are checked, and only the work branch is taken',
  },
  {
    id: 'file-names',
    says: 'make files whose names are options, commands and escapes',
    script: `mkdir -p names && cd names && for n in '--help' '-rf' '$(touch file-name-ran)' ';touch file-name-ran' "$(printf 'a\\033[2Jb')" "$(printf 'new\\nline')" '"quoted"'; do echo name > "./$n"; done; cd ..; keep names`,
    made: /kept [0-9a-f]/,
    stops: 'paths are data everywhere; landed, and looked for afterwards',
  },
  {
    id: 'unremovable',
    says: 'make folders that cannot be removed',
    script:
      'mkdir -p locked/deep && touch locked/deep/file && chmod 000 locked/deep && chmod 500 locked; (d=$(printf "%074d" 0); for i in $(seq 60); do mkdir $d 2>/dev/null && cd $d 2>/dev/null || break; done); echo "locked: $(stat -c %a locked)"',
    made: /locked: 500/,
    stops: 'what a run leaves is removed with the rights of its owner, opened first; looked for afterwards',
  },
  {
    id: 'temporary-files',
    says: 'plant links where temporary files are made',
    script: 'for n in gastown gate unborn runner; do ln -sf $STATE/keys.json /tmp/$n-$(id -u); done; echo "tried $STATE/keys.json"',
    stops: 'the runner makes none in shared folders; the file that the links lead to is looked at afterwards',
  },
];

/** Left while the work is handed in and a turn ends; then taken away, so that the work can land. */
export const PIPES: Case = {
  id: 'pipes',
  says: 'hang git with a pipe in place of a file',
  script: 'mkdir -p piped && mkfifo piped/.gitignore && echo "pipe: $(stat -c %F piped/.gitignore)"',
  made: /pipe: fifo/,
  stops: 'every git command has a time limit',
};
