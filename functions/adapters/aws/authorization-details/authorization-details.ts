/**
 * AWS's evaluation behind an authorization id.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html
 */

import { setTimeout as delay } from 'node:timers/promises'
import { type Fact, known, unknown } from '../../../../core/base/index.ts'
import {
  type AwsEvaluation,
  type DetailsPage,
  denyingPolicies,
  detailsPageIn,
  evaluationInDetails,
} from '../../../../core/denial/index.ts'
import type { AwsExplanations } from '../../../ports/aws-explanations.ts'
import type { AccountAccess } from '../iam/account-access.ts'
import { readAuthorizationPolicies } from './authorization-policies.ts'
import { getFromToolbox, type ToolboxOptions, type ToolboxRequest } from './iam-toolbox.ts'

export type AuthorizationDetailsOptions = ToolboxOptions & { readonly sleep?: (ms: number) => Promise<unknown> }

/** AWS records a denial some seconds after it happened and returns 404 until then. The waits total about a minute. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000]
const MAX_PAGES = 20
const TIMEOUT_MS = 10_000
const MAX_BYTES = 8_000_000

/** Uses the credentials that read the account. */
export function authorizationDetails(
  access: (accountId: string) => AccountAccess,
  options: AuthorizationDetailsOptions = {},
): AwsExplanations['authorizationDetails'] {
  return (accountId, region, authorizationId) => {
    const { credentials } = access(accountId).iam.config
    return readAuthorizationDetails({ region, authorizationId, credentials }, options)
  }
}

export async function readAuthorizationDetails(
  request: ToolboxRequest,
  options: AuthorizationDetailsOptions = {},
): Promise<Fact<AwsEvaluation>> {
  // Both come from an error message and become part of a host name and a path.
  if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(request.region)) return unknown(`${request.region} is no Region`)
  if (!/^[0-9a-z]{1,128}$/.test(request.authorizationId))
    return unknown('the authorization id has another form than AWS documents')
  const pages: DetailsPage[] = []
  let nextToken: string | null = null
  do {
    const page = await pageOf(request, nextToken, options)
    if (!page.known) return page
    pages.push(page.value)
    nextToken = page.value.nextToken ?? null
  } while (nextToken !== null && pages.length < MAX_PAGES)
  const evaluation = evaluationInDetails(pages)
  if (!evaluation.ok) return unknown(evaluation.error)
  const policies = await readAuthorizationPolicies(request, denyingPolicies(pages), options)
  return known({ ...evaluation.value, policies })
}

async function pageOf(
  request: ToolboxRequest,
  nextToken: string | null,
  { sleep = delay, ...options }: AuthorizationDetailsOptions,
): Promise<Fact<DetailsPage>> {
  for (const waitMs of [...WAITS_MS, null]) {
    const answer = await send(request, nextToken, options)
    if (answer.kind === 'page') {
      const page = detailsPageIn(answer.body)
      return page.ok ? known(page.value) : unknown(page.error)
    }
    if (answer.kind === 'refused' || waitMs === null) return unknown(answer.why)
    await sleep(waitMs)
  }
  return unknown('AWS has not recorded the authorization details')
}

type Answer =
  | { readonly kind: 'page'; readonly body: string }
  | { readonly kind: 'later' | 'refused'; readonly why: string }

async function send(request: ToolboxRequest, nextToken: string | null, options: ToolboxOptions): Promise<Answer> {
  const get = {
    path: `/authorization-details/${request.authorizationId}`,
    query: nextToken === null ? {} : { nextToken },
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  }
  try {
    const { status, body } = await getFromToolbox(request, get, options)
    return answerOf(status, body)
  } catch (error) {
    return { kind: 'later', why: `the authorization details cannot be reached: ${wordsOf(error)}` }
  }
}

function answerOf(status: number, body: string): Answer {
  if (status === 200) return { kind: 'page', body }
  if (status === 404)
    return { kind: 'later', why: 'AWS has not recorded the authorization details: they are kept for 24 hours' }
  if (status === 403) {
    return { kind: 'refused', why: 'reading authorization details needs iam:GetRequestAuthorizationDetails' }
  }
  const kind = status === 429 || status >= 500 ? 'later' : 'refused'
  return { kind, why: `the authorization details were answered with HTTP ${status}` }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : 'unknown error'
}
