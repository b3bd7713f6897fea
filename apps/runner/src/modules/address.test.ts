import { expect, test } from 'vitest';
import { HOSTILE_ADDRESSES } from '@gastown/protocol/testing';
import { HOSTILE_CASES } from './address.hostile.ts';
import { moduleAddress, refusedInside } from './address.ts';

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

test.each(HOSTILE_CASES)('$id: a submodule at $address has the token at the rig’s own host alone (GT-7, I15)', ({ address, leads }) => {
  expect(asked(address)).toEqual(leads === undefined ? 'refused' : [leads.to, leads.as]);
});
test.each(HOSTILE_ADDRESSES)('$id: nor is a submodule asked at $address', ({ address }) => {
  expect(asked(address)).toBe('refused');
});

test('a stranger’s repository does not send us into the machine’s own network, unless it is there itself (I15)', async () => {
  const asks = (to: string, from: string, anonymous = true) => refusedInside({ gitUrl: to, anonymous }, { gitUrl: from, anonymous: true });
  expect(await asks('https://169.254.169.254/latest', 'https://140.82.121.4/a')).toContain('own network');
  expect(await asks('https://10.0.0.1/b', 'git@forge.example:a')).toContain('own network');
  expect(await asks('https://10.0.0.1/b', 'https://10.0.0.1/a')).toBe(null);
  for (const from of ['https://10.0.0.1:8443/a', 'http://10.0.0.1/a', 'ssh://git@10.0.0.1/a'])
    expect(await asks('https://10.0.0.1/b', from)).toContain('own network');
  expect(await asks('https://10.0.0.1:6443/b', 'https://10.0.0.1/a')).toContain('own network');
  expect(await asks('https://10.0.0.1:8443/b', 'https://10.0.0.1:8443/a')).toBe(null);
  expect(await asks('https://10.0.0.1:443/b', 'https://10.0.0.1/a')).toBe(null);
  expect(await asks('https://140.82.121.4/b', 'https://10.0.0.1/a')).toBe(null);
  expect(await asks('https://10.0.0.1/b', 'https://140.82.121.4/a', false)).toBe(null);
});
