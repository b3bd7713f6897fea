import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createBareRepo } from '@gastown/rehearsal';
import type { Tree } from './tree.ts';

const run = promisify(execFile);
const WHO = 'Somebody <somebody@example.invalid> 1767225600 +0000';

/** A repository on this disk, as its server has it. Commits are made in it without a worktree. */
export class Forge {
  readonly bare: string;
  /** What others pushed to the target, oldest first. */
  readonly pushed: string[] = [];
  readonly #trees = new Map<string, Tree>();

  private constructor(bare: string) {
    this.bare = bare;
  }

  static async open(bare: string, first: Tree): Promise<Forge> {
    const forge = new Forge(await createBareRepo(bare));
    await forge.push(first, 'First');
    return forge;
  }

  async git(...args: string[]): Promise<string> {
    const { stdout } = await run('git', ['-C', this.bare, ...args], { maxBuffer: 64 << 20 });
    return stdout.trim();
  }

  /** Null: there is no such branch. */
  async head(branch: string): Promise<string | null> {
    return (await this.git('for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`)) || null;
  }

  async treeOf(commit: string): Promise<Tree> {
    const known = this.#trees.get(commit) ?? (await this.#read(commit));
    this.#trees.set(commit, known);
    return known;
  }
  async #read(commit: string): Promise<Tree> {
    const entries = (await this.git('ls-tree', '-r', '--format=%(objectname) %(path)', commit)).split('\n').filter(Boolean);
    const objects = entries.map((line) => line.slice(0, 40));
    const contents = split(await this.#fed(['cat-file', '--batch'], `${objects.join('\n')}\n`), objects.length);
    return new Map(entries.map((line, at) => [line.slice(41), contents[at] ?? '']));
  }

  /** One commit with exactly this tree; its branch is moved to it, wherever it was. */
  async commit(branch: string, tree: Tree, message: string, parents: readonly string[]): Promise<string> {
    const [from, ...merged] = parents;
    const lines = [
      `commit refs/heads/${branch}\nmark :1\ncommitter ${WHO}\ndata ${Buffer.byteLength(message)}\n${message}\n`,
      from === undefined ? '' : `from ${from}\n`,
      ...merged.map((parent) => `merge ${parent}\n`),
      'deleteall\n',
      ...[...tree].map(([path, content]) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`),
      'get-mark :1\ndone\n',
    ];
    const made = (await this.#fed(['fast-import', '--quiet', '--force', '--done'], lines.join(''))).trim();
    this.#trees.set(made, tree);
    return made;
  }

  /** Somebody who is not of the town pushes to the target. */
  async push(tree: Tree, message: string): Promise<void> {
    const head = await this.head('main');
    this.pushed.push(await this.commit('main', tree, message, head === null ? [] : [head]));
  }

  #fed(args: string[], input: string): Promise<string> {
    const running = run('git', ['-C', this.bare, ...args], { maxBuffer: 64 << 20 });
    running.child.stdin?.end(input);
    return running.then(({ stdout }) => stdout);
  }
}

/** The answers of `cat-file --batch`: a line with the size, and so many bytes. The contents here are plain ASCII. */
function split(text: string, count: number): string[] {
  const contents: string[] = [];
  for (let at = 0; contents.length < count;) {
    const end = text.indexOf('\n', at);
    const size = Number(text.slice(at, end).split(' ')[2]);
    contents.push(text.slice(end + 1, end + 1 + size));
    at = end + size + 2;
  }
  return contents;
}
