/** Notes on a merge request. https://docs.gitlab.com/api/notes/#merge-requests */
import { z } from 'zod'
import type { Comments } from './comments.ts'
import { ApiError, api } from './http.ts'

type Env = { readonly [name: string]: string | undefined }

const notesSchema = z.array(z.object({ id: z.int(), body: z.string(), system: z.optional(z.boolean()) }))

const PAGE = 100
const MAX_PAGES = 30

/** Null without a merge request or a token. The job's own token cannot write notes. */
export function gitlabComments(env: Env): Comments | null {
  const { CI_API_V4_URL: base, CI_MERGE_REQUEST_PROJECT_ID: project, CI_MERGE_REQUEST_IID: request } = env
  const token = env['ROLEMEDIC_COMMENT_TOKEN']
  if (!base || !token || !/^\d+$/.test(project ?? '') || !/^\d+$/.test(request ?? '')) return null
  const ask = api(base, { 'private-token': token })
  const list = `/projects/${project}/merge_requests/${request}/notes`
  const ours = async (mark: string): Promise<number | null> => {
    for (let page = 1; page <= MAX_PAGES; page++) {
      const notes = notesSchema.parse(await ask('GET', `${list}?per_page=${PAGE}&page=${page}`))
      const found = notes.find(({ body, system }) => system !== true && body.startsWith(mark))
      if (found !== undefined) return found.id
      if (notes.length < PAGE) return null
    }
    return null
  }
  return {
    async upsert(mark, body) {
      const id = await ours(mark)
      if (id !== null) {
        try {
          await ask('PUT', `${list}/${id}`, { body })
          return 'updated'
        } catch (error) {
          // Somebody else's note cannot be edited.
          if (!(error instanceof ApiError && [401, 403, 404].includes(error.status))) throw error
        }
      }
      await ask('POST', list, { body })
      return 'added'
    },
  }
}
