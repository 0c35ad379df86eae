import { neutralText } from '../../core/base/index.ts'
import { HostError } from '../../functions/ports/index.ts'

/** Comments on one pull request or merge request. */
export type Comments = {
  /** Replaces the comment that begins with `mark`, or adds one. */
  upsert(mark: string, body: string): Promise<'updated' | 'added'>
  /** False: there is no such comment. */
  update(mark: string, body: string): Promise<boolean>
}

/** The limits of a request in a CI job. */
export const BOUNDS = { timeoutMs: 10_000, maxAnswerBytes: 8_000_000 } as const

const MAX_WORDS_CHARS = 200

/** Runs a request. The error of a failed one contains `what` and the status, without the host's own text. */
export async function answerOf(what: string, run: () => Promise<unknown>): Promise<unknown> {
  const failed = (words: string, { cause, status }: { readonly cause: unknown; readonly status: number | null }) =>
    new HostError('invalid', `${what}: ${words}`, { cause, ...(status === null ? {} : { status }) })
  let answer: unknown
  try {
    answer = await run()
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    throw failed(wordsOf(error), { cause: error, status: error.status })
  }
  // The client returns text if the answer is not JSON.
  if (typeof answer === 'string' && answer !== '') throw failed(NOT_JSON, { cause: null, status: null })
  return answer
}

const NO_HEADER = 'the token has a line break or another character that no header may have'
const NOT_JSON = 'the answer is not JSON'

function wordsOf({ status, problem, cause }: HostError): string {
  if (status !== null) return String(status)
  if (problem === 'invalid') return 'the answer is too large'
  if (cause instanceof SyntaxError) return NOT_JSON
  // The words about a header that cannot be sent repeat its value, which is the token.
  if (cause instanceof TypeError && /header|ByteString/.test(cause.message)) return NO_HEADER
  return neutralText(cause instanceof Error ? cause.message : '', MAX_WORDS_CHARS)
}

/** True when the host answered with one of these statuses. */
export const isStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof HostError && error.status !== null && statuses.includes(error.status)
