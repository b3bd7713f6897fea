import { expect, test } from 'vitest';
import { gitFailure } from './failures.ts';

const said = (...lines: string[]): string =>
  gitFailure({ ok: false, exitCode: 128, timedOut: false, out: '', error: lines.join('\n') }, 'Could not read it').message;

test('what git says in several lines is kept apart, without the words that each begins with (I10)', () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    [
      'a folder that is no repository',
      [
        "fatal: '/srv/x' does not appear to be a git repository",
        'fatal: Could not read from remote repository.',
        '',
        'Please make sure you have the correct access rights',
        'and the repository exists.',
      ],
      "'/srv/x' does not appear to be a git repository; Could not read from remote repository",
    ],
    [
      'a server that speaks, and git about it',
      [
        'remote: error: denying ref deletion for refs/heads/gt/x',
        'remote: ',
        'To /srv/x.git',
        ' ! [remote rejected] gt/x (deletion prohibited)',
        "error: failed to push some refs to '/srv/x.git'",
      ],
      "remote: error: denying ref deletion for refs/heads/gt/x; ! [remote rejected] gt/x (deletion prohibited); failed to push some refs to '/srv/x.git'",
    ],
    ['one line', ["fatal: couldn't find remote ref refs/heads/main"], "couldn't find remote ref refs/heads/main"],
    ['a word twice', ['error: fatal: bad object HEAD;'], 'bad object HEAD'],
    ['lines that git does not mark', ['warning: odd', 'bad line.'], 'warning: odd; bad line'],
    ['words alone', ['fatal:'], 'git ended with exit code 128'],
    ['nothing', [], 'git ended with exit code 128'],
  ];
  for (const [id, lines, words] of cases) expect([id, said(...lines)]).toEqual([id, `Could not read it: ${words}`]);
});

test('a machine that has no room is told as that, and no repository as away (I10)', () => {
  const told = (error: string) => gitFailure({ ok: false, exitCode: 128, timedOut: false, out: '', error }, 'Could not read it').code;
  expect(
    [
      'fatal: cannot fork: Resource temporarily unavailable',
      'error: cannot create async process: Too many open files',
      'fatal: mmap failed: Cannot allocate memory',
      'The process that starts programs was lost: spawn /usr/bin/node EMFILE',
      'fatal: write error: No space left on device',
    ].map(told),
  ).toEqual(['machine_full', 'machine_full', 'machine_full', 'machine_full', 'disk_full']);
});
