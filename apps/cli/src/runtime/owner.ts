import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Who owns the towns of this machine: the person that git knows here. Null when git knows none; the Worker has a name for that. */
export async function ownerFromGit(): Promise<{ name: string; email: string } | null> {
  const [name, email] = await Promise.all([gitSetting('user.name'), gitSetting('user.email')]);
  return name && email ? { name, email } : null;
}

/** git ends with 1 for a setting that is not made: an answer, not a failure. */
const gitSetting = (name: string): Promise<string> =>
  promisify(execFile)('git', ['config', '--global', '--get', name]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
