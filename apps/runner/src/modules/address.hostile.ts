/** Addresses of submodules, as a commit may name them beside https://forge.example/acme/web.git. */
export interface HostileModule {
  readonly id: string;
  readonly address: string;
  /** Where it leads; absent: it is asked of nobody. None may have the rig's token but what is at the rig's own host. */
  readonly leads?: { readonly to: string; readonly as: 'rig' | 'anybody' };
}

export const HOSTILE_CASES: readonly HostileModule[] = [
  { id: 'climbs-out', address: '../../../evil.example/a/b' },
  { id: 'climbs-out-encoded', address: '../%2e%2e/%2e%2e/%2e%2e/evil', leads: { to: 'https://forge.example/evil', as: 'rig' } },
  { id: 'climbs-and-comes-back', address: '../../acme/../../../evil' },
  { id: 'climbs-with-backslashes', address: '..\\..\\..\\evil' },
  { id: 'begins-with-two-slashes', address: '//evil.example/a/b' },
  {
    id: 'dot-then-two-slashes',
    address: './/evil.example/a',
    leads: { to: 'https://forge.example/acme/web.git/evil.example/a', as: 'rig' },
  },
  {
    id: 'dots-then-a-scheme',
    address: '../https://evil.example',
    leads: { to: 'https://forge.example/acme/https:/evil.example', as: 'rig' },
  },
  { id: 'user-is-the-rig', address: 'https://forge.example@evil.example/a/b' },
  { id: 'user-empty', address: 'https://@forge.example/acme/part.git' },
  { id: 'other-scheme-same-host', address: 'http://forge.example/acme/part.git' },
  {
    id: 'host-in-capitals',
    address: 'https://FORGE.EXAMPLE/acme/part.git',
    leads: { to: 'https://forge.example/acme/part.git', as: 'rig' },
  },
  { id: 'host-with-a-dot-behind', address: 'https://forge.example./a', leads: { to: 'https://forge.example./a', as: 'anybody' } },
  { id: 'host-with-more-before', address: 'https://evilforge.example/a', leads: { to: 'https://evilforge.example/a', as: 'anybody' } },
  { id: 'host-with-more-behind', address: 'https://forge.example.evil/a', leads: { to: 'https://forge.example.evil/a', as: 'anybody' } },
  { id: 'backslash-is-a-slash-for-some', address: 'https://forge.example\\@evil.example/a' },
  { id: 'own-address-backslash', address: 'https://evil.example\\@forge.example/a' },
  { id: 'other-port', address: 'https://forge.example:444/a', leads: { to: 'https://forge.example:444/a', as: 'anybody' } },
  { id: 'own-port', address: 'https://forge.example:443/a', leads: { to: 'https://forge.example/a', as: 'rig' } },
  { id: 'ssh-same-host-other-user', address: 'root@forge.example:a', leads: { to: 'https://forge.example/a', as: 'rig' } },
  { id: 'ssh-command', address: 'ssh://git@forge.example/a;touch evil' },
  { id: 'option', address: '--upload-pack=touch evil' },
  { id: 'path', address: '/proc/self/environ' },
  { id: 'file', address: 'file:///proc/self/environ' },
  { id: 'file-large', address: 'FILE:///etc' },
  { id: 'line-feed', address: '../part.git\nupdate = !touch evil' },
];
