/** The notes of one merge request, with a token of the scope `api`. https://docs.gitlab.com/api/notes/#merge-requests */
import { MergeRequestNotes } from '@gitbeaker/core'
import type { GitlabOptions } from './gitlab-host.ts'
import { gitlabRequester } from './gitlab-requester.ts'

const PER_PAGE = 100

/** Returns GitLab's answer unparsed. Every method throws only `HostError`. */
export type GitlabNotes = {
  /** Starts at 1. A page with fewer than `perPage` notes is the last. */
  page(page: number): Promise<unknown>
  readonly perPage: number
  add(body: string): Promise<unknown>
  edit(id: number, body: string): Promise<unknown>
}

export function gitlabNotes(
  { project, request }: { readonly project: string; readonly request: number },
  { apiUrl: host, token, ...bounds }: GitlabOptions,
): GitlabNotes {
  const notes = new MergeRequestNotes({ host, token, requesterFn: gitlabRequester(bounds), rateLimits: {} })
  return {
    page: page => notes.all(project, request, { perPage: PER_PAGE, page }),
    perPage: PER_PAGE,
    add: body => notes.create(project, request, body),
    edit: (id, body) => notes.edit(project, request, id, { body }),
  }
}
