/**
 * What differs between forges, as data (GT-10): told apart by the name of their host, which of a server of one's own mostly says it (`gitlab.example.org`). A repository anywhere
 * else is worked with all the same; only its pages are not known.
 */
interface Forge {
  /** A part of the host's name. */
  readonly word: string;
  /** In the place of whose password a token is sent. GitHub takes any, GitLab takes tokens of OAuth for this one alone. */
  readonly tokenUser: string;
  /** Where it shows things, behind the address of the repository. */
  readonly commits: string;
  readonly branches: string;
}

const FORGES: readonly Forge[] = [
  { word: 'github', tokenUser: 'x-access-token', commits: 'commit', branches: 'tree' },
  { word: 'gitlab', tokenUser: 'oauth2', commits: '-/commit', branches: '-/tree' },
];
const TOKEN_USER = 'x-access-token';

/** The name is sent with the rig's token to its own server alone. */
export const tokenUser = (gitUrl: string): string => found(gitUrl)?.forge.tokenUser ?? TOKEN_USER;

/** Null: nobody knows where its pages are. */
export function commitLink(gitUrl: string, sha: string): string | null {
  const at = found(gitUrl);
  return at && `${at.page}/${at.forge.commits}/${sha}`;
}
export function branchLink(gitUrl: string, branch: string): string | null {
  const at = found(gitUrl);
  return at && `${at.page}/${at.forge.branches}/${branch.split('/').map(encodeURIComponent).join('/')}`;
}

function found(gitUrl: string): { forge: Forge; page: string } | null {
  const { scheme, host, path } = WAYS.map((way) => way.exec(gitUrl.trim())?.groups).find((parts) => parts !== undefined) ?? {};
  if (host === undefined || path === undefined) return null;
  const words = host.toLowerCase().replace(/:\d+$/, '').split(/[.-]/);
  const forge = FORGES.find(({ word }) => words.includes(word));
  const repository = path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  if (forge === undefined || repository === '') return null;
  // Behind a wall that lets only the web through, both answer SSH at a host of its own.
  const page = scheme === undefined ? `https://${host.replace(/^(?:alt)?ssh\./i, '')}` : `${scheme.toLowerCase()}://${host}`;
  return { forge, page: `${page}/${repository}` };
}

/** An address of the web, which may have a port that its pages have too; of SSH, whose port is another one; and git's short way to write the latter. */
const WAYS: readonly RegExp[] = [
  /^(?<scheme>https?):\/\/(?<host>[a-z0-9.-]+(?::\d+)?)\/(?<path>[^?#]+)$/i,
  /^ssh:\/\/(?:[^@/]*@)?(?<host>[a-z0-9.-]+)(?::\d+)?\/(?<path>[^?#]+)$/i,
  /^(?:[a-z0-9._-]+@)?(?<host>[a-z0-9.-]+):(?!\/\/)(?<path>[^?#]+)$/i,
];
