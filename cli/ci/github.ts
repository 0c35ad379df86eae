/** Comments on a pull request. https://docs.github.com/en/rest/issues/comments */
import { z } from 'zod'
import type { Comments } from './comments.ts'
import { ApiError, api } from './http.ts'

type Env = { readonly [name: string]: string | undefined }

const eventSchema = z.object({ pull_request: z.object({ number: z.int().min(1) }) })
const commentsSchema = z.array(
  z.object({ id: z.int(), body: z.nullish(z.string()), user: z.nullish(z.object({ type: z.optional(z.string()) })) }),
)

const PAGE = 100
const MAX_PAGES = 30

/** Null without a pull request or a token. */
export async function githubComments(env: Env, readFile: (path: string) => Promise<string>): Promise<Comments | null> {
  const { GITHUB_EVENT_PATH: file, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = env
  if (!file || !token || !repository || !/^[\w.-]+\/[\w.-]+$/.test(repository)) return null
  const event = eventSchema.safeParse(json(await readFile(file).catch(() => '')))
  if (!event.success) return null
  const ask = api(env['GITHUB_API_URL'] ?? 'https://api.github.com', {
    authorization: `Bearer ${token}`,
    'x-github-api-version': '2022-11-28',
  })
  const issues = `/repos/${repository}/issues`
  const list = `${issues}/${event.data.pull_request.number}/comments`
  const ours = async (mark: string): Promise<number | null> => {
    for (let page = 1; page <= MAX_PAGES; page++) {
      const comments = commentsSchema.parse(await ask('GET', `${list}?per_page=${PAGE}&page=${page}`))
      // A person can write the mark too: only a bot's comment is replaced.
      const found = comments.filter(({ body, user }) => user?.type === 'Bot' && body?.startsWith(mark)).at(-1)
      if (found !== undefined) return found.id
      if (comments.length < PAGE) return null
    }
    return null
  }
  return {
    async upsert(mark, body) {
      const id = await ours(mark)
      if (id !== null) {
        try {
          await ask('PATCH', `${issues}/comments/${id}`, { body })
          return 'updated'
        } catch (error) {
          // The comment of another app cannot be edited, and a deleted one is gone.
          if (!(error instanceof ApiError && [403, 404].includes(error.status))) throw error
        }
      }
      await ask('POST', list, { body })
      return 'added'
    },
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
