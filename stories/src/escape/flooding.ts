import type { Case } from './case.ts';

/** Too much of everything: the town stays usable, which is looked at afterwards. */
export const FLOODING: readonly Case[] = [
  {
    id: 'output-flood',
    says: 'flood the transcript with output',
    script: 'yes flood | head -c 30000000; true',
    stops: 'items are cut to their limit',
  },
  {
    id: 'one-line-flood',
    says: 'flood it with one endless line',
    script: 'head -c 20000000 /dev/zero | tr "\\0" A; true',
    stops: 'items are cut to their limit',
  },
  {
    id: 'escape-sequences',
    says: 'send control sequences to whoever watches',
    script: `printf '\\033]0;owned\\007\\033[2J\\033]52;c;b3duZWQ=\\007<script>alert(1)</script><img src=x onerror=alert(1)>\\n'`,
    stops: 'the page shows text; a terminal’s replies are not taken',
  },
  {
    id: 'zero-bytes',
    says: 'send bytes that are no text',
    script: 'head -c 100000 /dev/urandom; printf "\\000{\\"cursor\\":1}\\n"; true',
    stops: 'frames are typed; what is no text is replaced',
  },
  {
    id: 'many-files',
    says: 'make very many files',
    script: 'mkdir many && cd many && seq 20000 | xargs touch && cd .. && rm -rf many; true',
    stops: 'they end with the worktree',
  },
  {
    id: 'big-file',
    says: 'commit a very big file',
    script:
      'head -c 60000000 /dev/urandom > big.bin && git add big.bin && git -c core.hooksPath=/dev/null -c core.fsmonitor=false commit -qm big && git reset -q --hard HEAD~1; true',
    stops: 'a pack that is too big is refused; what is not on the branch is not taken',
  },
  {
    id: 'processes',
    says: 'start very many processes',
    script: 'for i in $(seq 200); do sleep 20 & done; true',
    stops: 'they end with the run’s user',
  },
];
