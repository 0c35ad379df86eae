/**
 * One repository on GitHub or GitHub Enterprise, as a GitHub App with `contents: write` and `pull_requests: write`.
 * https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
 */
import * as z from 'zod'
import { type CodeHost, HostError, type HostFile, type HostPull, isTransient } from '../../ports/git/code-host.ts'
import { movedOn } from '../git-http/host-failure.ts'
import type { GithubRequests } from './github-requests.ts'

const sha = z.string().regex(/^[0-9a-f]{40,64}$/)
const repository = z.object({ node_id: z.string() })
const ref = z.object({ object: z.object({ sha, type: z.string() }) })
const commit = z.object({ sha, tree: z.object({ sha }), message: z.string() })
const tree = z.object({
  tree: z.array(z.object({ path: z.string(), type: z.string(), mode: z.string(), sha, size: z.number().optional() })),
  truncated: z.boolean(),
})
const blob = z.object({ content: z.string(), encoding: z.string() })
const created = z.object({ sha })
const pull = z.object({
  number: z.int().min(1),
  html_url: z.url(),
  state: z.enum(['open', 'closed']),
  merged_at: z.string().nullable().optional(),
  mergeable: z.boolean().nullable().optional(),
  base: z.object({ ref: z.string() }),
  /** Null: that repository is deleted. */
  head: z.object({ repo: z.object({ full_name: z.string() }).nullable() }),
})

/** https://docs.github.com/en/graphql/reference/git#updaterefs */
const UPDATE_REFS = 'mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }'
const updated = z.object({ updateRefs: z.object({ clientMutationId: z.string().nullable() }) })

const FILE_MODE = '100644'
const EXECUTABLE = '100755'
/** GitHub ignores the case of names. */
const isSame = (name: string | undefined, other: string): boolean => name?.toLowerCase() === other.toLowerCase()

export function githubHost(place: { readonly repository: string }, requests: GithubRequests): CodeHost {
  const [owner = '', repo = ''] = place.repository.split('/')
  const at = { owner, repo }
  const send = requests(at)

  const pullOf = (given: z.infer<typeof pull>): HostPull => ({
    number: given.number,
    url: given.html_url,
    state: given.state === 'open' ? 'open' : given.merged_at ? 'merged' : 'closed',
    into: given.base.ref,
    conflicts: given.mergeable === undefined || given.mergeable === null ? null : !given.mergeable,
  })

  /** Of the files that were listed last: a commit names the mode of each. */
  let executables: ReadonlySet<string> = new Set()
  let nodeId: string | null = null
  async function repositoryId(): Promise<string> {
    nodeId ??= (await send('GET /repos/{owner}/{repo}', {}, repository)).node_id
    return nodeId
  }
  async function endOf(branch: string): Promise<string | null> {
    // Not `branches/{branch}`, which follows a renamed branch.
    const found = await send.orMissing('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `heads/${branch}` }, ref)
    return found?.object.sha ?? null
  }
  /** Compares and sets in one step, which only GitHub's GraphQL API can. `to`: null deletes the branch. */
  async function move(branch: string, from: string, to: string | null): Promise<void> {
    const afterOid = to ?? '0'.repeat(from.length)
    const refUpdates = [{ name: `refs/heads/${branch}`, beforeOid: from, afterOid, force: true }]
    const input = { repositoryId: await repositoryId(), refUpdates }
    try {
      await send.mutation(UPDATE_REFS, input, updated)
    } catch (error) {
      if (!(error instanceof HostError) || isTransient(error)) throw error
      // GitHub does not document how it reports that the branch has moved on.
      const end = await endOf(branch)
      if (end === from) throw error
      if (end !== to) throw movedOn('GitHub', branch, { cause: error })
    }
  }

  return {
    async head(branch) {
      const end = await endOf(branch)
      if (end === null) {
        // Distinguishes a missing branch from a repository that cannot be read.
        await send('GET /repos/{owner}/{repo}', {}, repository)
        return null
      }
      const { message } = await send('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: end }, commit)
      return { commit: end, message }
    },

    async files(commit_sha) {
      const listed = await send(
        'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
        { tree_sha: commit_sha, recursive: '1' },
        tree,
      )
      executables = new Set(listed.tree.filter(({ mode }) => mode === EXECUTABLE).map(({ path }) => path))
      const files = listed.tree.flatMap(({ path, type, mode, sha: id, size }): readonly HostFile[] =>
        // A symbolic link would redirect an edit.
        type === 'blob' && mode !== '120000' ? [{ path, id, bytes: size ?? null }] : [],
      )
      const entries = listed.tree.flatMap(({ path, type, mode, sha: id }) =>
        type === 'tree' ? [] : [{ path, mode, id }],
      )
      return { files, entries, complete: !listed.truncated }
    },

    async text({ id }) {
      const found = await send.orMissing('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', { file_sha: id }, blob)
      return found === null
        ? null
        : utf8TextOf(Buffer.from(found.content, found.encoding === 'base64' ? 'base64' : 'utf8'))
    },

    async commit({ branch, base, replaces, message, files }) {
      const { tree: baseTree } = await send(
        'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
        { commit_sha: base },
        commit,
      )
      const modeOf = (path: string) => (executables.has(path) ? EXECUTABLE : FILE_MODE)
      const entries = files.map(
        ({ path, text }) => ({ path, mode: modeOf(path), type: 'blob', content: text }) as const,
      )
      const made = await send(
        'POST /repos/{owner}/{repo}/git/trees',
        { base_tree: baseTree.sha, tree: entries },
        created,
      )
      // If the author is omitted, GitHub signs the commit in the name of the app.
      const next = await send(
        'POST /repos/{owner}/{repo}/git/commits',
        { message, tree: made.sha, parents: [base] },
        created,
      )
      if (replaces === null)
        await send('POST /repos/{owner}/{repo}/git/refs', { ref: `refs/heads/${branch}`, sha: next.sha }, ref)
      else await move(branch, replaces, next.sha)
      return next.sha
    },

    deleteBranch: (branch, commit) => move(branch, commit, null),

    async pull(branch) {
      const query = {
        head: `${owner}:${branch}`,
        state: 'all',
        sort: 'created',
        direction: 'desc',
        per_page: 100,
      } as const
      const listed = await send('GET /repos/{owner}/{repo}/pulls', query, z.array(pull))
      // A fork may belong to the same organization and have a branch of this name too.
      const newest = listed.find(one => isSame(one.head.repo?.full_name, `${owner}/${repo}`))
      if (newest === undefined) return null
      // The list does not say whether the pull request can be merged.
      const one = await send('GET /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number: newest.number }, pull)
      return pullOf(one)
    },

    async openPull({ branch, into, title, body }) {
      const asked = { head: branch, base: into, title, body, maintainer_can_modify: false }
      return pullOf(await send('POST /repos/{owner}/{repo}/pulls', asked, pull))
    },

    async updatePull(pull_number, content) {
      await send('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number, ...content }, pull)
    },

    async closePull(pull_number) {
      await send('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number, state: 'closed' }, pull)
    },

    async comment(issue_number, body) {
      await send(
        'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
        { issue_number, body },
        z.object({ id: z.number() }),
      )
    },

    async askReviewers(pull_number, owners) {
      const left: string[] = []
      for (const one of owners) {
        // Reviewers are teams of the same organization and people. GitHub finds nobody by e-mail address.
        const team = one.startsWith(`@${owner}/`) ? one.slice(owner.length + 2) : null
        const isPerson = /^@[A-Za-z0-9-]{1,39}$/.test(one)
        if (team === null && !isPerson) {
          left.push(one)
          continue
        }
        const who = team === null ? { reviewers: [one.slice(1)] } : { team_reviewers: [team] }
        // Sent one by one, because GitHub refuses a whole list if one of them is not a collaborator.
        const isAsked = await send.accepted('POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers', {
          pull_number,
          ...who,
        })
        if (!isAsked) left.push(one)
      }
      return left
    },
  }
}

/** Null: not UTF-8 text. */
export function utf8TextOf(bytes: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}
