/**
 * Calls of GitHub's APIs, either as an App's installation, with tokens for one repository and two permissions, or with the token of a job.
 */

import { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/core'
import type { Endpoints } from '@octokit/types'
import * as z from 'zod'
import { HOUR_MS, MINUTE_MS } from '../../../core/base/index.ts'
import type { Clock } from '../../ports/clock.ts'
import { HostError } from '../../ports/git/code-host.ts'
import { boundedFetch, type HostFailure, hostError, isRateLimited, textWithin } from '../git-http/host-failure.ts'

export type AppCredentials = { readonly appId: string; readonly privateKey: string }

type Repository = { readonly owner: string; readonly repo: string }
type Parameters = { readonly [name: string]: unknown }
/** As GitHub describes its API: a path or a parameter that it does not have is not compiled. https://github.com/github/rest-api-description */
type Route = keyof Endpoints
type ParametersOf<R extends Route> = Omit<Endpoints[R]['parameters'], keyof Repository>
type NoOthers<P, R extends Route> = { readonly [name in Exclude<keyof P, keyof Endpoints[R]['parameters']>]: never }

export type Send = {
  <R extends Route, P extends ParametersOf<R>, T>(
    route: R,
    parameters: P & NoOthers<P, R>,
    schema: z.core.$ZodType<T>,
  ): Promise<T>
  /** Null: 404. */
  orMissing<R extends Route, P extends ParametersOf<R>, T>(
    route: R,
    parameters: P & NoOthers<P, R>,
    schema: z.core.$ZodType<T>,
  ): Promise<T | null>
  /** False: GitHub refuses the request. */
  accepted<R extends Route, P extends ParametersOf<R>>(route: R, parameters: P & NoOthers<P, R>): Promise<boolean>
  /** A mutation of the GraphQL API. */
  mutation<T>(document: string, input: Parameters, schema: z.core.$ZodType<T>): Promise<T>
}
export type GithubRequests = (repository: Repository) => Send

export type GithubOptions = {
  readonly apiUrl: string
  readonly credentials: () => Promise<AppCredentials>
  readonly clock: Clock
  readonly timeoutMs?: number
  readonly maxAnswerBytes?: number
}

const TIMEOUT_MS = 15_000
/** A list of files has 7 MB at most. https://docs.github.com/en/rest/git/trees#get-a-tree */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
/** GitHub's installation tokens expire after an hour. */
const TOKEN_MS = HOUR_MS - 10 * MINUTE_MS
/** Requests no more than these, even if the app has more. Without `workflows`, GitHub refuses commits that change workflows. */
const PERMISSIONS = { contents: 'write', pull_requests: 'write', metadata: 'read' } as const

export function githubRequests({
  apiUrl,
  credentials,
  clock,
  timeoutMs = TIMEOUT_MS,
  maxAnswerBytes = MAX_ANSWER_BYTES,
}: GithubOptions): GithubRequests {
  const tokens = new Map<string, { readonly token: string; readonly untilMs: number }>()
  const request = { fetch: boundedAnswers(timeoutMs, maxAnswerBytes) }

  async function tokenFor({ owner, repo }: Repository): Promise<string> {
    const key = `${owner}/${repo}`
    const before = tokens.get(key)
    if (before !== undefined && clock() < before.untilMs) return before.token
    const { appId, privateKey } = await credentials()
    const auth = { appId, privateKey }
    const app = new Octokit({ baseUrl: apiUrl, authStrategy: createAppAuth, auth, request })
    const { data } = await app.request('GET /repos/{owner}/{repo}/installation', { owner, repo })
    const asked = { type: 'installation', installationId: data.id, repositoryNames: [repo], permissions: PERMISSIONS }
    const given = (await app.auth(asked)) as { readonly token: string }
    tokens.set(key, { token: given.token, untilMs: clock() + TOKEN_MS })
    return given.token
  }

  return repository => {
    async function asApp(run: (octokit: Octokit) => Promise<unknown>): Promise<unknown> {
      try {
        const auth = await tokenFor(repository)
        return await run(new Octokit({ baseUrl: apiUrl, auth, request }))
      } catch (error) {
        const refusal = refusalOf(error, clock())
        if (refusal.status === 401) tokens.clear()
        throw refusal
      }
    }
    const call = (route: string, parameters: Parameters) =>
      asApp(async octokit => (await octokit.request(route, { ...repository, ...parameters })).data)
    const send = async <T>(route: string, parameters: Parameters, schema: z.core.$ZodType<T>): Promise<T> =>
      read(schema, await call(route, parameters))
    const unless = async <T>(problems: readonly string[], run: () => Promise<T>, otherwise: T): Promise<T> => {
      try {
        return await run()
      } catch (error) {
        if (error instanceof HostError && problems.includes(error.problem)) return otherwise
        throw error
      }
    }
    return Object.assign(send, {
      orMissing: <T>(route: string, parameters: Parameters, schema: z.core.$ZodType<T>) =>
        unless<T | null>(['missing'], () => send(route, parameters, schema), null),
      accepted: (route: string, parameters: Parameters) =>
        unless(['invalid', 'missing', 'forbidden'], () => call(route, parameters).then(() => true), false),
      mutation: async <T>(document: string, input: Parameters, schema: z.core.$ZodType<T>) =>
        read(schema, await asApp(octokit => octokit.graphql(document, { input }))),
    })
  }
}

export type TokenOptions = {
  readonly apiUrl: string
  readonly token: string
  readonly clock: Clock
  readonly timeoutMs: number
  readonly maxAnswerBytes: number
}

/** Returns GitHub's answer unparsed. Throws only `HostError`. */
export type GithubCall = <R extends Route, P extends Endpoints[R]['parameters']>(
  route: R,
  parameters: P & NoOthers<P, R>,
) => Promise<unknown>

/**
 * Calls with the token of a job.
 * https://docs.github.com/en/actions/concepts/security/github_token
 */
export function githubCalls({ apiUrl, token, clock, timeoutMs, maxAnswerBytes }: TokenOptions): GithubCall {
  const request = { fetch: boundedAnswers(timeoutMs, maxAnswerBytes) }
  const octokit = new Octokit({ baseUrl: apiUrl, userAgent: 'rolemedic', request })
  // By default the client sends the older scheme `token`.
  const headers = { authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' }
  return async (route, parameters) => {
    try {
      return (await octokit.request<string>(route, { ...parameters, headers })).data
    } catch (error) {
      throw refusalOf(error, clock())
    }
  }
}

function boundedAnswers(timeoutMs: number, maxBytes: number): typeof fetch {
  const send = boundedFetch(timeoutMs)
  return async (input, init) => {
    const response = await send(input, init)
    const text = await textWithin(maxBytes, response)
    if (text === null) throw new HostError('invalid', 'GitHub gave an answer that is too large to be read')
    return new Response(text === '' ? null : text, response)
  }
}

function read<T>(schema: z.core.$ZodType<T>, given: unknown): T {
  const parsed = z.safeParse(schema, given)
  if (parsed.success) return parsed.data
  throw new HostError('unavailable', 'GitHub gave an answer that cannot be read', { cause: parsed.error })
}

const graphqlRefusal = z.object({
  errors: z.tuple([z.object({ type: z.string().optional(), message: z.string() })], z.unknown()),
  headers: z.record(z.string(), z.unknown()),
})
/** The status that REST has for the same error. */
const STATUS_OF: ReadonlyMap<string, number> = new Map([
  ['RATE_LIMITED', 429],
  ['NOT_FOUND', 404],
  ['FORBIDDEN', 403],
])

function refusalOf(error: unknown, nowMs: number): HostError {
  if (error instanceof HostError) return error
  // The client wraps errors of its `fetch`.
  const thrown = error instanceof Error ? error.cause : null
  if (thrown instanceof HostError) return thrown
  const failure = failureOf(error)
  return hostError('GitHub', failure, failure === null && thrown instanceof Error ? thrown : error, nowMs)
}

/** Null: there was no answer. */
function failureOf(error: unknown): HostFailure | null {
  const refusal = graphqlRefusal.safeParse(error)
  if (refusal.success) {
    const { headers, errors } = refusal.data
    const [{ type = '', message: text }] = errors
    // https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#exceeding-the-rate-limit
    return { status: isRateLimited({ headers, text }) ? 429 : (STATUS_OF.get(type) ?? 422), headers, text }
  }
  if (typeof error !== 'object' || error === null || !('status' in error) || typeof error.status !== 'number')
    return null
  // Without an answer, the client invents a status.
  const response = 'response' in error && typeof error.response === 'object' ? error.response : null
  if (response === null) return null
  const { headers = {}, data = null } = response as {
    readonly headers?: HostFailure['headers']
    readonly data?: unknown
  }
  const text = typeof data === 'object' && data !== null ? JSON.stringify(data) : String(error)
  return { status: error.status, headers, text }
}
