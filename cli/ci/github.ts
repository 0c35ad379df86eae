/** Comments on a pull request. https://docs.github.com/en/rest/issues/comments */
import * as z from 'zod'
import { answerOf, BOUNDS, type Comments, isStatus } from './comments.ts'

type Env = { readonly [name: string]: string | undefined }

const eventSchema = z.object({ pull_request: z.object({ number: z.int().min(1) }) })
const commentsSchema = z.array(
  z.object({ id: z.int(), body: z.nullish(z.string()), user: z.nullish(z.object({ type: z.optional(z.string()) })) }),
)

const PAGE = 100
const MAX_PAGES = 30

/** Null: there is no pull request or no token. */
export async function githubComments(env: Env, readFile: (path: string) => Promise<string>): Promise<Comments | null> {
  const { GITHUB_EVENT_PATH: file, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = env
  if (!file || !token || !repository || !/^[\w.-]+\/[\w.-]+$/.test(repository)) return null
  const event = eventSchema.safeParse(json(await readFile(file).catch(() => '')))
  if (!event.success) return null
  const apiUrl = env['GITHUB_API_URL'] ?? 'https://api.github.com'
  const [owner = '', repo = ''] = repository.split('/')
  const issue_number = event.data.pull_request.number
  const at = { owner, repo, issue_number }
  const issues = `/repos/${repository}/issues`
  const list = `${issues}/${issue_number}/comments`
  const LIST = '/repos/{owner}/{repo}/issues/{issue_number}/comments'
  // Loaded here, because most commands never comment.
  const calls = async () => {
    const { githubCalls } = await import('../../functions/adapters/github/index.ts')
    return githubCalls({ apiUrl, token, clock: Date.now, ...BOUNDS })
  }
  type Call = Awaited<ReturnType<typeof calls>>
  const ours = async (mark: string, call: Call): Promise<number | null> => {
    for (let page = 1; page <= MAX_PAGES; page++) {
      const what = `GET ${list}?per_page=${PAGE}&page=${page}`
      const asked = { ...at, per_page: PAGE, page }
      const comments = commentsSchema.parse(await answerOf(what, () => call(`GET ${LIST}`, asked)))
      // A person can write the mark too, so only a bot's comment is replaced.
      const found = comments.filter(one => one.user?.type === 'Bot' && one.body?.startsWith(mark)).at(-1)
      if (found !== undefined) return found.id
      if (comments.length < PAGE) return null
    }
    return null
  }
  const update = async (mark: string, body: string, call: Call): Promise<boolean> => {
    const comment_id = await ours(mark, call)
    if (comment_id === null) return false
    try {
      const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'
      await answerOf(`PATCH ${issues}/comments/${comment_id}`, () => call(route, { owner, repo, comment_id, body }))
      return true
    } catch (error) {
      // The comment belongs to another app, or it was deleted.
      if (!isStatus(error, 403, 404)) throw error
      return false
    }
  }
  return {
    update: async (mark, body) => update(mark, body, await calls()),
    async upsert(mark, body) {
      const call = await calls()
      if (await update(mark, body, call)) return 'updated'
      await answerOf(`POST ${list}`, () => call(`POST ${LIST}`, { ...at, body }))
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
