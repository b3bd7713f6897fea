/**
 * What an agent may write into the tree of a commit with git's own tools, by a name that leads elsewhere, or into git's own files. `entries`: mode, name and content of one folder; a `160000` names a commit.
 */
export interface HostileTree {
  readonly id: string;
  readonly entries: readonly (readonly [mode: '100644' | '120000' | '160000' | '40000', name: string, content: string])[];
}
const FILE = '100644';
const FOLDER = '40000';

export const HOSTILE_CASES: readonly HostileTree[] = [
  { id: 'up', entries: [[FILE, '..', 'x']] },
  { id: 'up-as-folder', entries: [[FOLDER, '..', 'x']] },
  { id: 'here', entries: [[FOLDER, '.', 'x']] },
  { id: 'nothing', entries: [[FILE, '', 'x']] },
  { id: 'path-in-a-name', entries: [[FILE, '../../evil', 'x']] },
  { id: 'path-from-the-top', entries: [[FILE, '/tmp/evil', 'x']] },
  { id: 'git', entries: [[FOLDER, '.git', 'x']] },
  { id: 'git-as-file', entries: [[FILE, '.git', 'gitdir: /tmp/evil']] },
  { id: 'git-capitals', entries: [[FOLDER, '.GIT', 'x']] },
  { id: 'git-mixed', entries: [[FOLDER, '.giT', 'x']] },
  { id: 'git-short-name', entries: [[FOLDER, 'git~1', 'x']] },
  { id: 'git-stream', entries: [[FILE, '.git::$INDEX_ALLOCATION', 'x']] },
  { id: 'git-stream-file', entries: [[FILE, '.git:config', 'x']] },
  { id: 'git-dot-behind', entries: [[FOLDER, '.git.', 'x']] },
  { id: 'git-space-behind', entries: [[FOLDER, '.git ', 'x']] },
  { id: 'git-without-width', entries: [[FOLDER, '.g\u200cit', 'x']] },
  { id: 'git-one-way-mark', entries: [[FOLDER, '.gi\u200et', 'x']] },
  { id: 'git-as-link', entries: [['120000', '.git', '/tmp/evil']] },
  { id: 'modules-as-link', entries: [['120000', '.gitmodules', '/etc/passwd']] },
  { id: 'modules-as-folder', entries: [[FOLDER, '.gitmodules', 'x']] },
  { id: 'module-address-is-an-option', entries: [[FILE, '.gitmodules', '[submodule "a"]\n\tpath = a\n\turl = -u./evil\n']] },
  { id: 'module-name-leads-out', entries: [[FILE, '.gitmodules', '[submodule "../../evil"]\n\tpath = a\n\turl = https://x.example/a\n']] },
  { id: 'module-path-is-an-option', entries: [[FILE, '.gitmodules', '[submodule "a"]\n\tpath = -evil\n\turl = https://x.example/a\n']] },
  {
    id: 'module-runs-a-command',
    entries: [[FILE, '.gitmodules', '[submodule "a"]\n\tpath = a\n\turl = https://x.example/a\n\tupdate = !touch evil\n']],
  },
  {
    id: 'twice',
    entries: [
      [FILE, 'a', 'x'],
      [FILE, 'a', 'y'],
    ],
  },
  {
    id: 'file-and-folder',
    entries: [
      [FILE, 'a', 'x'],
      [FOLDER, 'a', 'y'],
    ],
  },
];
