/** A bare Git repository on this machine, used through Git itself. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

export type TreeEntry = {
  readonly path: string
  readonly sha: string
  readonly mode: string
  readonly type: string
  readonly bytes: number
}
/** `mode`: as Git has it; a file that is not executable if not given. */
export type FileContent = { readonly path: string; readonly text: string; readonly mode?: string }

export type GitRepository = {
  readonly folder: string
  /** Null: there is no such branch. */
  head(branch: string): Promise<string | null>
  branches(): Promise<readonly string[]>
  tree(commit: string): Promise<readonly TreeEntry[]>
  blob(sha: string): Promise<Buffer>
  /** Null: the commit has no such file. */
  file(commit: string, path: string): Promise<string | null>
  message(commit: string): Promise<string>
  treeOf(commit: string): Promise<string>
  /** Writes a tree with these files, based on another tree or on nothing. */
  writeTree(base: string | null, files: readonly FileContent[]): Promise<string>
  writeCommit(tree: string, parents: readonly string[], message: string): Promise<string>
  setBranch(branch: string, commit: string): Promise<void>
  deleteBranch(branch: string): Promise<void>
  /** Atomic. False: the branch does not end with `from`, and nothing is changed. `from` null: the branch must not exist. */
  moveBranch(branch: string, from: string | null, to: string | null): Promise<boolean>
  isAncestor(commit: string, of: string): Promise<boolean>
  /** The merged tree. Null: the two conflict. */
  mergedTree(into: string, from: string): Promise<string | null>
  /** What `head` adds since the merge base. */
  diff(base: string, head: string): Promise<string>
}

/** git update-ref's old value for a branch that must not exist: https://git-scm.com/docs/git-update-ref */
const NO_COMMIT = '0'.repeat(40)

const IDENTITY = {
  GIT_AUTHOR_NAME: 'rolemedic[bot]',
  GIT_AUTHOR_EMAIL: 'rolemedic@example.com',
  GIT_COMMITTER_NAME: 'rolemedic[bot]',
  GIT_COMMITTER_EMAIL: 'rolemedic@example.com',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
}

export async function gitRepository(path: string): Promise<GitRepository> {
  // Git runs inside the folder, so a relative path would be wrong.
  const folder = resolve(path)
  mkdirSync(folder, { recursive: true })
  const run = (
    args: readonly string[],
    options: { readonly input?: string; readonly env?: Record<string, string> } = {},
  ) => git(folder, args, options)
  await run(['init', '--quiet', '--bare', '--initial-branch=main', '.'])
  const line = async (...given: Parameters<typeof run>) => (await run(...given)).toString('utf8').trim()

  return {
    folder,
    head: branch => line(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]).catch(() => null),
    async branches() {
      const text = await line(['for-each-ref', '--format=%(refname:short)', 'refs/heads'])
      return text === '' ? [] : text.split('\n')
    },
    async tree(commit) {
      const text = (await run(['ls-tree', '-r', '-l', '-z', commit])).toString('utf8')
      return text.split('\0').flatMap(entry => {
        const found = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(entry)
        if (found === null) return []
        const [, mode = '', type = '', sha = '', bytes = '0', path = ''] = found
        return [{ path, sha, mode, type, bytes: Number(bytes) || 0 }]
      })
    },
    blob: sha => run(['cat-file', 'blob', sha]),
    file: (commit, path) =>
      run(['cat-file', 'blob', `${commit}:${path}`])
        .then(bytes => bytes.toString('utf8'))
        .catch(() => null),
    message: commit => line(['show', '-s', '--format=%B', commit]),
    treeOf: commit => line(['rev-parse', `${commit}^{tree}`]),
    async writeTree(base, files) {
      const index = join(folder, `index-${randomUUID()}`)
      const env = { GIT_INDEX_FILE: index }
      try {
        await run(base === null ? ['read-tree', '--empty'] : ['read-tree', base], { env })
        for (const { path, text, mode = '100644' } of files) {
          const sha = await line(['hash-object', '-w', '--stdin'], { input: text })
          await run(['update-index', '--add', '--cacheinfo', `${mode},${sha},${path}`], { env })
        }
        return await line(['write-tree'], { env })
      } finally {
        rmSync(index, { force: true })
      }
    },
    writeCommit: (tree, parents, message) =>
      line(['commit-tree', tree, ...parents.flatMap(parent => ['-p', parent])], { input: message }),
    setBranch: async (branch, commit) => void (await run(['update-ref', `refs/heads/${branch}`, commit])),
    deleteBranch: async branch => void (await run(['update-ref', '-d', `refs/heads/${branch}`])),
    moveBranch: (branch, from, to) =>
      run(
        to === null
          ? ['update-ref', '-d', `refs/heads/${branch}`, from ?? NO_COMMIT]
          : ['update-ref', `refs/heads/${branch}`, to, from ?? NO_COMMIT],
      ).then(
        () => true,
        () => false,
      ),
    isAncestor: (commit, of) =>
      run(['merge-base', '--is-ancestor', commit, of]).then(
        () => true,
        () => false,
      ),
    // Exit status 1 means conflicts: https://git-scm.com/docs/git-merge-tree
    mergedTree: (into, from) =>
      line(['merge-tree', '--write-tree', into, from]).then(
        text => text.split('\n')[0] ?? null,
        () => null,
      ),
    diff: (base, head) => line(['diff', '--no-color', `${base}...${head}`]),
  }
}

const MAX_OUTPUT_BYTES = 64_000_000

function git(
  folder: string,
  args: readonly string[],
  { input, env }: { readonly input?: string; readonly env?: Record<string, string> },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd: folder,
      encoding: 'buffer',
      maxBuffer: MAX_OUTPUT_BYTES,
      env: { PATH: process.env['PATH'] ?? '', ...IDENTITY, GIT_DIR: folder, ...env },
    } as const
    const child = execFile('git', [...args], options, (error, stdout, stderr) =>
      error === null
        ? resolve(stdout)
        : reject(new Error(`git ${args[0]}: ${stderr.toString('utf8').trim() || error.message}`, { cause: error })),
    )
    child.stdin?.on('error', () => {})
    child.stdin?.end(input ?? '')
  })
}
