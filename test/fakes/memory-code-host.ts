/** A repository with pull requests in memory, and an editor that adds one line per change. */
import type { CodeHost, HostPull } from '../../functions/ports/git/code-host.ts'
import { HostError } from '../../functions/ports/git/code-host.ts'
import type { EditCode } from '../../functions/publish/publish.ts'

type Branch = { commit: string; message: string; files: Map<string, string> }
export type MemoryPull = {
  number: number
  branch: string
  into: string
  state: HostPull['state']
  title: string
  body: string
  comments: string[]
  reviewers: string[]
  conflicts: boolean
}

export const REPOSITORY = {
  host: 'github.com',
  repository: 'acme/orders',
  branch: 'main',
  paths: ['**'],
  kind: 'terraform',
} as const

export function memoryCodeHost(files: { readonly [path: string]: string } = { 'main.tf': '# roles\n' }) {
  const branches = new Map<string, Branch>([
    ['main', { commit: 'main0', message: 'start', files: new Map(Object.entries(files)) }],
  ])
  const pulls: MemoryPull[] = []
  let commits = 0
  const shown = (pull: MemoryPull): HostPull => ({
    number: pull.number,
    url: `https://github.com/acme/orders/pull/${pull.number}`,
    state: pull.state,
    into: pull.into,
    conflicts: pull.conflicts,
  })
  const byCommit = (commit: string) =>
    [...branches.values()].find(branch => branch.commit === commit)?.files ?? new Map<string, string>()
  const endOf = (branch: string) => branches.get(branch)?.commit ?? null
  const one = (number: number): MemoryPull => {
    const pull = pulls.find(each => each.number === number)
    if (pull === undefined) throw new HostError('missing', 'no such pull request')
    return pull
  }
  const host: CodeHost = {
    head: async branch => {
      const found = branches.get(branch)
      return found === undefined ? null : { commit: found.commit, message: found.message }
    },
    files: async commit => {
      const listed = [...byCommit(commit)].map(([path, text]) => ({ path, id: `${path} ${text}`, bytes: text.length }))
      const entries = listed.map(({ path, id }) => ({ path, id, mode: '100644' }))
      return { files: listed, entries, complete: true }
    },
    text: async ({ path }, commit) => byCommit(commit).get(path) ?? null,
    async commit({ branch, base, replaces, message, files: changed }) {
      if (branch === 'main') throw new HostError('protected', 'main is protected')
      if (endOf(branch) !== replaces) throw new HostError('conflict', 'the branch has moved on')
      commits += 1
      const next = new Map(byCommit(base))
      for (const { path, text } of changed) next.set(path, text)
      branches.set(branch, { commit: `c${commits}`, message, files: next })
      for (const pull of pulls) if (pull.branch === branch) pull.conflicts = false
      return `c${commits}`
    },
    async deleteBranch(branch, commit) {
      if (![null, commit].includes(endOf(branch))) throw new HostError('conflict', 'the branch has moved on')
      branches.delete(branch)
    },
    pull: async branch => {
      const pull = pulls.findLast(each => each.branch === branch)
      return pull === undefined ? null : shown(pull)
    },
    async openPull({ branch, into, title, body }) {
      if (pulls.some(pull => pull.branch === branch && pull.state === 'open'))
        throw new HostError('invalid', 'there is one already')
      const pull: MemoryPull = {
        number: pulls.length + 1,
        branch,
        into,
        state: 'open',
        title,
        body,
        comments: [],
        reviewers: [],
        conflicts: false,
      }
      pulls.push(pull)
      return shown(pull)
    },
    updatePull: async (number, content) => void Object.assign(one(number), content),
    closePull: async number => void Object.assign(one(number), { state: 'closed' }),
    comment: async (number, body) => void one(number).comments.push(body),
    async askReviewers(number, owners) {
      one(number).reviewers.push(...owners)
      return []
    },
  }
  return {
    host,
    branches,
    pulls,
    /** Merges as a person, which deletes the branch. */
    merge(number: number) {
      const pull = one(number)
      const main = branches.get('main')
      const from = branches.get(pull.branch)
      if (main === undefined || from === undefined) throw new Error('a branch is gone')
      branches.set('main', { commit: `m${number}`, message: 'merge', files: from.files })
      branches.delete(pull.branch)
      pull.state = 'merged'
    },
  }
}
export type MemoryCodeHost = ReturnType<typeof memoryCodeHost>

/** An exact edit of the first file. The line names what is changed. */
export const addLine: EditCode = async (changes, files) => {
  const [file] = files
  if (file === undefined) return { outcome: 'draft', snippet: 'snippet', reason: 'There is no file.' }
  const line = `# ${changes.map(({ digest }) => digest).join(' ')}\n`
  const after = file.text.includes(line) ? file.text : `${file.text}${line}`
  return {
    outcome: 'exact',
    edits: [{ file: file.path, kind: 'terraform', address: 'aws_iam_role.x', before: file.text, after }],
  }
}
