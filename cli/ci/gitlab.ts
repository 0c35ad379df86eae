/** Notes on a merge request. https://docs.gitlab.com/api/notes/#merge-requests */
import * as z from 'zod'
import { answerOf, BOUNDS, type Comments, isStatus } from './comments.ts'

type Env = { readonly [name: string]: string | undefined }

const notesSchema = z.array(z.object({ id: z.int(), body: z.string(), system: z.optional(z.boolean()) }))

const MAX_PAGES = 30

/** Null: there is no merge request or no token. The token of the job cannot write notes. */
export function gitlabComments(env: Env): Comments | null {
  const { CI_API_V4_URL: base, CI_MERGE_REQUEST_PROJECT_ID: project, CI_MERGE_REQUEST_IID: request } = env
  const token = env['ROLEMEDIC_COMMENT_TOKEN']
  if (!base || !token || !project || !/^\d+$/.test(project) || !request || !/^\d+$/.test(request)) return null
  const apiUrl = base.replace(/\/api\/v4\/?$/, '')
  const list = `/projects/${project}/merge_requests/${request}/notes`
  // Loaded here, because most commands never comment.
  const notesOf = async () => {
    const { gitlabNotes } = await import('../../functions/adapters/gitlab/index.ts')
    const options = { apiUrl, token: async () => token, clock: Date.now, ...BOUNDS }
    return gitlabNotes({ project, request: Number(request) }, options)
  }
  type Notes = Awaited<ReturnType<typeof notesOf>>
  const ours = async (mark: string, notes: Notes): Promise<number | null> => {
    for (let page = 1; page <= MAX_PAGES; page++) {
      const what = `GET ${list}?per_page=${notes.perPage}&page=${page}`
      const given = notesSchema.parse(await answerOf(what, () => notes.page(page)))
      const found = given.find(one => one.system !== true && one.body.startsWith(mark))
      if (found !== undefined) return found.id
      if (given.length < notes.perPage) return null
    }
    return null
  }
  const update = async (mark: string, body: string, notes: Notes): Promise<boolean> => {
    const id = await ours(mark, notes)
    if (id === null) return false
    try {
      await answerOf(`PUT ${list}/${id}`, () => notes.edit(id, body))
      return true
    } catch (error) {
      // The note belongs to somebody else.
      if (!isStatus(error, 401, 403, 404)) throw error
      return false
    }
  }
  return {
    update: async (mark, body) => update(mark, body, await notesOf()),
    async upsert(mark, body) {
      const notes = await notesOf()
      if (await update(mark, body, notes)) return 'updated'
      await answerOf(`POST ${list}`, () => notes.add(body))
      return 'added'
    },
  }
}
