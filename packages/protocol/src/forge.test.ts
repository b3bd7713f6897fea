import { describe, expect, test } from 'vitest';
import { branchLink, commitLink, tokenUser } from './forge.ts';

const SHA = 'a'.repeat(40);

describe('a repository at a forge (GT-10)', () => {
  test.each([
    ['https://github.com/acme/web.git', `https://github.com/acme/web/commit/${SHA}`],
    ['https://github.com/acme/web/', `https://github.com/acme/web/commit/${SHA}`],
    ['git@github.com:acme/web.git', `https://github.com/acme/web/commit/${SHA}`],
    ['ssh://git@ssh.github.com:443/acme/web.git', `https://github.com/acme/web/commit/${SHA}`],
    ['https://gitlab.com/acme/tools/web.git', `https://gitlab.com/acme/tools/web/-/commit/${SHA}`],
    ['git@gitlab.com:acme/tools/web.git', `https://gitlab.com/acme/tools/web/-/commit/${SHA}`],
    ['https://gitlab.example.org:8443/code/acme/web', `https://gitlab.example.org:8443/code/acme/web/-/commit/${SHA}`],
    ['http://my-gitlab.internal/acme/web.git', `http://my-gitlab.internal/acme/web/-/commit/${SHA}`],
    ['ssh://git@gitlab.example.org:2222/acme/web.git', `https://gitlab.example.org/acme/web/-/commit/${SHA}`],
    ['HTTPS://GitLab.com/acme/web.git', `https://GitLab.com/acme/web/-/commit/${SHA}`],
  ])('%s shows its commits at %s (GT-15)', (gitUrl, link) => expect(commitLink(gitUrl, SHA)).toBe(link));

  test.each([
    '/srv/gitlab/web.git',
    'file:///srv/gitlab.com/web.git',
    'https://code.example/gitlab/web.git',
    'https://notgitlab.example/acme/web.git',
    'https://gitlab.com@evil.example/acme/web.git',
    'https://gitlab.com/',
    'javascript:alert(1)//gitlab.com/x',
    'gitlab.com',
    '',
  ])('of %j nobody knows the pages', (gitUrl) => expect([commitLink(gitUrl, SHA), branchLink(gitUrl, 'main')]).toEqual([null, null]));

  test('a branch is shown whatever its name is', () => {
    expect(branchLink('https://gitlab.com/acme/web', 'gt/toast/1a2b')).toBe('https://gitlab.com/acme/web/-/tree/gt/toast/1a2b');
    expect(branchLink('git@github.com:acme/web', 'fix#1?"<x>')).toBe('https://github.com/acme/web/tree/fix%231%3F%22%3Cx%3E');
  });

  test('a token is sent in the place of the password of whom the forge wants', () => {
    expect(['https://gitlab.com/a/b', 'https://gitlab.example.org/code/a/b.git'].map(tokenUser)).toEqual(['oauth2', 'oauth2']);
    expect(['https://github.com/a/b', 'https://code.example/a/b'].map(tokenUser)).toEqual(['x-access-token', 'x-access-token']);
  });
});
