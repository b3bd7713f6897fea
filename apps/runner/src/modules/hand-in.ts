import { failure, ok, refuse, Sha } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { gitFailure } from '../git/failures.ts';
import { bringModules } from './bring.ts';
import type { Asking } from './bring.ts';
import { namedModules } from './listed.ts';

/**
 * Whether a branch may go to the target with what it says of submodules. New addresses are for people: whoever could land one would make the runner read that repository for the next run. A recorded commit must be one that the
 * submodule's repository has, for agents push to their rig alone.
 */
export async function handInModules(asking: Asking, base: Sha | null, head: Sha): Promise<Result<null>> {
  const { git, mirror } = asking;
  const links = await changedLinks(asking, base, head);
  if (!links.ok) return links;
  const listed = await namedModules(git, mirror.path, head);
  if (!listed.ok) return listed;
  const known = await addressesOf(asking, base, head);
  if (!known.ok) return known;
  const { value: named } = listed;
  const fresh = named.filter(({ url }) => !known.value.has(url));
  if (fresh.length > 0)
    return no(
      `.gitmodules has new addresses: ${fresh.map(({ path }) => path).join(', ')}. Which repositories are read along is for people to say: leave .gitmodules as the target branch has it, commit, and call again, or ask a person (escalate).`,
      fresh.map(({ path }) => path),
    );
  if (links.value.length === 0) return ok(null);
  const stray = links.value.filter((path) => named.every((each) => each.path !== path));
  if (stray.length > 0)
    return no(
      `These folders are repositories of their own and no submodules: ${stray.join(', ')}. Take them out (git rm --cached), remove their .git if their files belong here, commit, and call again.`,
      stray,
    );
  const { here, missing } = await bringModules(asking, head, base, false);
  const whys = new Map(missing.map(({ path, why }) => [path, why]));
  const lost = links.value
    .filter((path) => here.every((each) => each.path !== path))
    .map((path) => ({ path, why: whys.get(path) ?? whys.get('.gitmodules') ?? 'it could not be looked at' }));
  if (lost.length === 0) return ok(null);
  return no(
    `These submodules are at commits that cannot be had: ${lost.map(({ path, why }) => `${path} (${why})`).join(', ')}. What is committed inside a submodule is not pushed: take a commit that its repository has (git -C PATH checkout COMMIT, then git add PATH) or the one of the target branch, commit, and call again.`,
    lost.map(({ path }) => path),
  );
}

/** Those of the target, as it is and where the branch left it. */
async function addressesOf({ git, mirror }: Asking, base: Sha | null, head: Sha): Promise<Result<Set<string | null>>> {
  const known = new Set<string | null>();
  if (base === null) return ok(known);
  const parted = Sha.safeParse((await git({ cwd: mirror.path }, 'merge-base', base, head)).out.trim());
  for (const commit of parted.success ? [base, parted.data] : [base]) {
    const named = await namedModules(git, mirror.path, commit);
    if (!named.ok) return named;
    for (const { url } of named.value) known.add(url);
  }
  return ok(known);
}

/** Folders whose recorded commit is not that of the target. */
async function changedLinks({ git, mirror }: Asking, base: Sha | null, head: Sha): Promise<Result<string[]>> {
  const range = base === null ? [EMPTY_TREE, head] : [`${base}...${head}`];
  const told = await git(
    { cwd: mirror.path },
    'diff',
    '--raw',
    '-z',
    '--no-renames',
    '--diff-filter=d',
    '--ignore-submodules=none',
    ...range,
  );
  if (!told.ok) return refuse(gitFailure(told, 'The changed submodules could not be read'));
  const fields = told.out.split('\0');
  return ok(fields.flatMap((field, at) => (/^:\d{6} 160000 /.test(field) ? [fields[at + 1]!] : [])));
}
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

const no = (message: string, paths: readonly string[]): Result<never> =>
  refuse(failure('not_pushed', message, { files: paths.slice(0, 200) }));
