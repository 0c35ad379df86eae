/** A repository with pull requests, which both APIs serve. A file next to it stores the pull requests. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { type FileContent, type GitRepository, gitRepository } from './git-repository.ts'

const pullSchema = z.object({
  number: z.number(),
  branch: z.string(),
  into: z.string(),
  title: z.string(),
  body: z.string(),
  state: z.enum(['open', 'merged', 'closed']),
  head: z.string(),
  comments: z.array(z.string()),
  reviewers: z.array(z.string()),
  /** True for a pull request from a branch of this name in a fork. */
  isFork: z.boolean().default(false),
})
export type HostedPull = z.infer<typeof pullSchema>

export type HostedProject = {
  readonly name: string
  readonly defaultBranch: string
  readonly git: GitRepository
  pulls(): readonly HostedPull[]
  open(pull: Pick<HostedPull, 'branch' | 'into' | 'title' | 'body'>): Promise<HostedPull | string>
  /** Opens a pull request as an outside user from a fork. */
  openFromFork(pull: Pick<HostedPull, 'branch' | 'into' | 'title' | 'body'>): HostedPull
  change(
    number: number,
    changes: Partial<Pick<HostedPull, 'title' | 'body' | 'state' | 'comments' | 'reviewers'>>,
  ): HostedPull | null
  /** Merges as a person. Returns a text if the merge is not possible. */
  merge(number: number): Promise<HostedPull | string>
  close(number: number): HostedPull | null
  conflicts(pull: HostedPull): Promise<boolean>
  push(branch: string, files: readonly FileContent[], message: string): Promise<string>
}

const NEW = { comments: [], reviewers: [], isFork: false }

export async function hostedProject(
  folder: string,
  {
    name,
    files,
    defaultBranch = 'main',
  }: { readonly name: string; readonly files: readonly FileContent[]; readonly defaultBranch?: string },
): Promise<HostedProject> {
  mkdirSync(folder, { recursive: true })
  const statePath = join(folder, 'pulls.json')
  const git = await gitRepository(join(folder, 'repository.git'))
  const pulls: HostedPull[] = existsSync(statePath)
    ? z.array(pullSchema).parse(JSON.parse(readFileSync(statePath, 'utf8')))
    : []
  const save = () => writeFileSync(statePath, JSON.stringify(pulls))
  const replace = (next: HostedPull): HostedPull => {
    pulls[pulls.findIndex(({ number }) => number === next.number)] = next
    save()
    return next
  }
  const find = (number: number) => pulls.find(one => one.number === number) ?? null

  const project: HostedProject = {
    name,
    defaultBranch,
    git,
    pulls: () => pulls,
    async open(asked) {
      const head = await git.head(asked.branch)
      if (head === null || (await git.head(asked.into)) === null) return 'head or base is invalid'
      if (pulls.some(one => one.state === 'open' && !one.isFork && one.branch === asked.branch))
        return `A pull request already exists for ${asked.branch}.`
      const base = await git.head(asked.into)
      if (head === base) return `No commits between ${asked.into} and ${asked.branch}`
      const pull: HostedPull = { ...asked, number: pulls.length + 1, state: 'open', head, ...NEW }
      pulls.push(pull)
      save()
      return pull
    },
    openFromFork(asked) {
      const pull: HostedPull = { ...asked, number: pulls.length + 1, state: 'open', head: '', ...NEW, isFork: true }
      pulls.push(pull)
      save()
      return pull
    },
    change(number, changes) {
      const pull = find(number)
      return pull === null ? null : replace({ ...pull, ...changes })
    },
    async merge(number) {
      const pull = find(number)
      if (pull === null || pull.state !== 'open') return 'it is not open'
      const [into, from] = await Promise.all([git.head(pull.into), git.head(pull.branch)])
      if (into === null || from === null) return 'a branch is gone'
      const tree = await git.mergedTree(into, from)
      if (tree === null) return 'it conflicts'
      const commit = await git.writeCommit(tree, [into, from], `Merge pull request #${number} from ${pull.branch}\n`)
      await git.setBranch(pull.into, commit)
      await git.deleteBranch(pull.branch)
      return replace({ ...pull, head: from, state: 'merged' })
    },
    close(number) {
      const pull = find(number)
      return pull === null || pull.state !== 'open' ? null : replace({ ...pull, state: 'closed' })
    },
    async conflicts(pull) {
      const [into, from] = await Promise.all([git.head(pull.into), git.head(pull.branch)])
      return pull.state === 'open' && into !== null && from !== null && (await git.mergedTree(into, from)) === null
    },
    async push(branch, pushed, message) {
      const parent = await git.head(branch)
      const commit = await git.writeCommit(
        await git.writeTree(parent, pushed),
        parent === null ? [] : [parent],
        message,
      )
      await git.setBranch(branch, commit)
      return commit
    },
  }
  if ((await git.head(defaultBranch)) === null && files.length > 0)
    await project.push(defaultBranch, files, 'The code as it is deployed\n')
  return project
}
