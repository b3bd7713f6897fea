import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** What a smart-HTTP request asks for. */
export interface GitRequest {
  /** `owner/name` or `name`, without `.git`. */
  readonly repo: string;
  readonly service: 'git-upload-pack' | 'git-receive-pack';
  /** The part of the path after the repository. */
  readonly endpoint: 'info/refs' | 'git-upload-pack' | 'git-receive-pack';
}

const ENDPOINT = /^((?:\/[A-Za-z0-9_][\w.-]*){1,3})\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** Reads the path of a request; null for anything that is not git's smart protocol (the old file protocol too). */
export function parseGitRequest(method: string, rawUrl: string): GitRequest | null {
  // The raw path is matched, not a normalised one: `..` and `%2e` never get as far as the file system.
  const [path = '', query = ''] = rawUrl.split('?', 2);
  const [, repoPath, endpoint] = ENDPOINT.exec(path) ?? [];
  if (repoPath === undefined || repoPath.includes('..')) return null;
  const repo = repoPath.slice(1).replace(/\.git$/, '');
  if (endpoint === 'info/refs') {
    const service = new URLSearchParams(query).get('service');
    if (method !== 'GET' || (service !== 'git-upload-pack' && service !== 'git-receive-pack')) return null;
    return { repo, service, endpoint };
  }
  if (method !== 'POST' || (endpoint !== 'git-upload-pack' && endpoint !== 'git-receive-pack')) return null;
  return { repo, service: endpoint, endpoint };
}

/** The bare repository under the root, or null when there is none or a link leads out of the root. */
export async function repositoryPath(root: string, repo: string): Promise<string | null> {
  const inside = await realpath(root);
  const head = await realpath(join(inside, `${repo}.git`, 'HEAD')).catch(absent);
  return head?.startsWith(inside + sep) ? join(inside, `${repo}.git`) : null;
}

function absent(cause: unknown): null {
  if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR' || cause.code === 'ELOOP'))
    return null;
  throw cause;
}
