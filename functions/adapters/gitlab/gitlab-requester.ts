/**
 * Sends the requests of the GitLab client with limits for time and size, once, and classifies refusals. The client's own
 * requester repeats at once even if GitLab asks it to wait.
 */
import { createRequesterFn } from '@gitbeaker/requester-utils'
import type { Clock } from '../../ports/clock.ts'
import { HostError } from '../../ports/git/code-host.ts'
import { boundedFetch, hostError, textWithin } from '../git-http/host-failure.ts'

type Sent = {
  readonly method?: string
  readonly body?: string
  readonly headers?: Record<string, string>
  readonly prefixUrl?: string
  readonly searchParams?: string
}

const TIMEOUT_MS = 15_000
/** GitLab's list of files has no sizes. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024

export function gitlabRequester({
  clock,
  timeoutMs = TIMEOUT_MS,
  maxAnswerBytes = MAX_ANSWER_BYTES,
}: {
  readonly clock: Clock
  readonly timeoutMs?: number
  readonly maxAnswerBytes?: number
}) {
  const send = boundedFetch(timeoutMs)
  return createRequesterFn(
    (_, options) => Promise.resolve(options),
    async (endpoint, options) => {
      const { method = 'GET', body, headers, prefixUrl = '', searchParams } = (options ?? {}) as Sent
      const url = new URL(endpoint, prefixUrl.endsWith('/') ? prefixUrl : `${prefixUrl}/`)
      url.search = searchParams ?? ''
      try {
        const response = await send(url, {
          method,
          ...(body == null ? {} : { body }),
          headers: { 'user-agent': 'rolemedic', ...headers },
        })
        const given = Object.fromEntries(response.headers.entries())
        const text = await textWithin(maxAnswerBytes, response)
        if (text === null) throw tooLarge(maxAnswerBytes)
        if (!response.ok) throw hostError('GitLab', { status: response.status, headers: given, text }, null, clock())
        return { status: response.status, headers: given, body: text === '' ? null : JSON.parse(text) }
      } catch (error) {
        if (error instanceof HostError) throw error
        throw hostError('GitLab', null, error, clock())
      }
    },
  )
}

const tooLarge = (maxBytes: number): HostError =>
  new HostError(
    'invalid',
    `GitLab has a file that is too large to be read (${Math.floor(maxBytes / 1024)} KB at most): name the folders of this account in "paths"`,
  )
