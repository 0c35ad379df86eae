/**
 * One project on GitLab, with a project or group access token of the role Developer and the scope `api`.
 * https://docs.gitlab.com/api/rest/
 */
import {
  Branches,
  Commits,
  MergeRequestNotes,
  MergeRequests,
  Repositories,
  RepositoryFiles,
  Users,
} from '@gitbeaker/core'
import * as z from 'zod'
import type { Clock } from '../../ports/clock.ts'
import { type CodeHost, HostError, type HostFile, type HostPull } from '../../ports/git/code-host.ts'
import { movedOn } from '../git-http/host-failure.ts'
import { utf8TextOf } from '../github/github-host.ts'
import { gitlabRequester } from './gitlab-requester.ts'

export type GitlabOptions = {
  /** Without `/api/v4`. */
  readonly apiUrl: string
  readonly token: () => Promise<string>
  readonly clock: Clock
  readonly timeoutMs?: number
  readonly maxAnswerBytes?: number
}

const sha = z.string().regex(/^[0-9a-f]{40,64}$/)
const branchSchema = z.object({ commit: z.object({ id: sha, message: z.string().nullable().optional() }) })
const treeSchema = z.array(z.object({ id: sha, path: z.string(), type: z.string(), mode: z.string() }))
const fileSchema = z.object({ content: z.string(), encoding: z.string() })
const mergeRequest = z.object({
  iid: z.int().min(1),
  web_url: z.url(),
  project_id: z.int(),
  /** Null: that project is deleted. */
  source_project_id: z.int().nullable(),
  state: z.enum(['opened', 'closed', 'locked', 'merged']),
  target_branch: z.string(),
  has_conflicts: z.boolean().nullable().optional(),
})
const usersSchema = z.array(z.object({ id: z.int(), username: z.string() }))

const MAX_PAGES = 100
const PER_PAGE = 100

export function gitlabHost({ repository }: { readonly repository: string }, options: GitlabOptions): CodeHost {
  const { apiUrl: host, token, ...bounds } = options
  const requesterFn = gitlabRequester(bounds)
  const settings = { host, token, requesterFn, rateLimits: {} }
  const branches = new Branches(settings)
  const repositories = new Repositories(settings)
  const repositoryFiles = new RepositoryFiles(settings)
  const commits = new Commits(settings)
  const mergeRequests = new MergeRequests(settings)
  const notes = new MergeRequestNotes(settings)
  const users = new Users(settings)

  const pullOf = ({ iid, web_url, state, target_branch, has_conflicts }: z.infer<typeof mergeRequest>): HostPull => ({
    number: iid,
    url: web_url,
    state: state === 'merged' ? 'merged' : state === 'closed' ? 'closed' : 'open',
    into: target_branch,
    conflicts: has_conflicts ?? null,
  })
  const headOf = (branch: string) => orMissing(async () => read(branchSchema, await branches.show(repository, branch)))

  return {
    async head(branch) {
      const found = await headOf(branch)
      if (found !== null) return { commit: found.commit.id, message: found.commit.message ?? '' }
      // Distinguishes a missing branch from a project that cannot be read.
      read(z.array(z.unknown()), await branches.all(repository, { perPage: 1, maxPages: 1 }))
      return null
    },

    async files(commit) {
      const options = {
        ref: commit,
        recursive: true,
        perPage: PER_PAGE,
        maxPages: MAX_PAGES,
        pagination: 'keyset',
      } as const
      const listed = read(treeSchema, await repositories.allRepositoryTrees(repository, options))
      const files = listed.flatMap(({ id, path, type, mode }): readonly HostFile[] =>
        type === 'blob' && mode !== '120000' ? [{ path, id, bytes: null }] : [],
      )
      const entries = listed.flatMap(({ path, type, mode, id }) => (type === 'tree' ? [] : [{ path, mode, id }]))
      return { files, entries, complete: listed.length < MAX_PAGES * PER_PAGE }
    },

    async text({ path }, commit) {
      const found = await orMissing(async () => read(fileSchema, await repositoryFiles.show(repository, path, commit)))
      return found === null
        ? null
        : utf8TextOf(Buffer.from(found.content, found.encoding === 'base64' ? 'base64' : 'utf8'))
    },

    async commit({ branch, base, replaces, message, files }) {
      // GitLab's API has no compare-and-set, so a push after this check is overwritten.
      // https://docs.gitlab.com/api/commits/
      if (replaces !== null && (await headOf(branch))?.commit.id !== replaces) throw movedOn('GitLab', branch)
      const actions = files.map(({ path: filePath, text: content }) => ({
        action: 'update' as const,
        filePath,
        content,
      }))
      const onto = { startSha: base, force: replaces !== null }
      const made = read(z.object({ id: sha }), await commits.create(repository, branch, message, actions, onto))
      return made.id
    },

    async deleteBranch(branch, commit) {
      const found = await headOf(branch)
      if (found === null) return
      if (found.commit.id !== commit) throw movedOn('GitLab', branch)
      await orMissing(() => branches.remove(repository, branch))
    },

    async pull(branch) {
      const query = {
        projectId: repository,
        sourceBranch: branch,
        orderBy: 'created_at',
        sort: 'desc',
        perPage: PER_PAGE,
        maxPages: 1,
      } as const
      const listed = read(z.array(mergeRequest), await mergeRequests.all(query))
      // Anybody who may fork the project can give a branch of the fork this name.
      const newest = listed.find(one => one.source_project_id === one.project_id)
      if (newest === undefined) return null
      // The list does not look whether it conflicts: only this request has GitLab look, by the next one at the latest.
      // https://docs.gitlab.com/api/merge_requests/#merge-requests-list-response-notes
      return pullOf(read(mergeRequest, await mergeRequests.show(repository, newest.iid)))
    },

    async openPull({ branch, into, title, body }) {
      const options = { description: body, removeSourceBranch: true, squash: false }
      return pullOf(read(mergeRequest, await mergeRequests.create(repository, branch, into, title, options)))
    },

    async updatePull(iid, { title, body }) {
      await mergeRequests.edit(repository, iid, { title, description: body })
    },

    async closePull(iid) {
      await mergeRequests.edit(repository, iid, { stateEvent: 'close' })
    },

    async comment(iid, body) {
      await notes.create(repository, iid, body)
    },

    async askReviewers(iid, owners) {
      const left: string[] = []
      const ids: number[] = []
      for (const owner of owners) {
        const username = /^@([\w.-]{1,255})$/.exec(owner)?.[1] ?? null
        const found = username === null ? [] : read(usersSchema, await users.all({ username, perPage: 1, maxPages: 1 }))
        const one = found.find(user => user.username.toLowerCase() === username?.toLowerCase())
        // Groups review by the project's approval rules, which read CODEOWNERS themselves.
        if (one === undefined) left.push(owner)
        else ids.push(one.id)
      }
      if (ids.length > 0) await mergeRequests.edit(repository, iid, { reviewerIds: ids })
      return left
    },
  }
}

function read<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new HostError('unavailable', 'GitLab gave an answer that cannot be read', { cause: parsed.error })
}

async function orMissing<T>(run: () => Promise<T>): Promise<T | null> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof HostError && error.problem === 'missing') return null
    throw error
  }
}
