import { expect, test } from 'vitest';
import { moduleAddress } from './address.ts';

const HTTPS = 'https://forge.example/acme/web.git';
const asked = (text: string, gitUrl = HTTPS, anonymous = false): unknown => {
  const found = moduleAddress(text, { gitUrl, anonymous });
  return found.ok ? [found.value.gitUrl, found.value.anonymous ? 'anybody' : 'rig'] : 'refused';
};

test.each([
  ['../part.git', HTTPS, 'https://forge.example/acme/part.git'],
  ['../../other/part', `${HTTPS}/`, 'https://forge.example/other/part'],
  ['./inside.git', HTTPS, 'https://forge.example/acme/web.git/inside.git'],
  ['../part.git', 'git@forge.example:acme/web.git', 'git@forge.example:acme/part.git'],
  ['../part.git', 'forge.example:web.git', 'forge.example:part.git'],
  ['../part.git', 'git@forge.example:/srv/web.git', 'git@forge.example:/srv/part.git'],
  ['../part.git', 'ssh://git@forge.example:2222/acme/web.git', 'ssh://git@forge.example:2222/acme/part.git'],
  ['../part.git', '/srv/git/web.git', '/srv/git/part.git'],
  ['../part.git', 'file:///srv/git/web.git', 'file:///srv/git/part.git'],
  ['https://forge.example/acme/part.git', HTTPS, 'https://forge.example/acme/part.git'],
  ['git@forge.example:acme/part.git', HTTPS, 'https://forge.example/acme/part.git'],
  ['ssh://git@forge.example/acme/part.git', HTTPS, 'https://forge.example/acme/part.git'],
])('%s beside %s is %s, reached as the rig is', (text, rig, url) => {
  expect(asked(text, rig)).toEqual([url, 'rig']);
});

test.each(['https://other.example/x.git', 'https://forge.example.evil.example/acme/web.git', 'https://forge.example:8443/acme/part.git'])(
  '%s is fetched as by anybody: the token goes to the origin of the rig alone (GT-7)',
  (text) => {
    expect(asked(text)).toEqual([text, 'anybody']);
  },
);

test.each([
  ['http://169.254.169.254/latest', HTTPS],
  ['http://forge.example/acme/part.git', HTTPS],
  ['https://user:secret@forge.example/acme/part.git', HTTPS],
  ['git@other.example:acme/part.git', HTTPS],
  ['--upload-pack=touch /tmp/x', HTTPS],
  ['-u', HTTPS],
  ['ext::sh -c touch', HTTPS],
  ['/etc', HTTPS],
  ['file:///etc', HTTPS],
  ['../../../up', HTTPS],
  ['../../x', 'git@forge.example:web.git'],
  ['ssh://-oProxyCommand=x/part', 'git@forge.example:acme/web.git'],
  ['root@forge.example:acme/part.git', 'git@forge.example:acme/web.git'],
  ['git@other.example:acme/part.git', 'git@forge.example:acme/web.git'],
  ['git@forge.example:part.git', '/srv/git/web.git'],
  ['', HTTPS],
])('%s beside %s is not asked', (text, rig) => {
  expect(asked(text, rig)).toBe('refused');
});

test('what a stranger’s repository names is fetched as by anybody, on the rig’s own host too', () => {
  expect(asked('../next.git', 'https://other.example/a/b.git', true)).toEqual(['https://other.example/a/next.git', 'anybody']);
  expect(asked('https://forge.example/acme/private.git', 'https://other.example/a/b.git', true)).toEqual([
    'https://forge.example/acme/private.git',
    'anybody',
  ]);
  expect(asked('git@forge.example:acme/private.git', 'https://other.example/a/b.git', true)).toBe('refused');
});
