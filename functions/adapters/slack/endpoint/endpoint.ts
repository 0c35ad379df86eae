/** Handles one HTTP request of Slack within its time limit: verify, parse, handle, then announce in the channel. */

import { setTimeout as delay } from 'node:timers/promises'
import { RolemedicError } from '../../../../core/base/index.ts'
import type { ChatRequest } from '../../../domain/proposal/index.ts'
import type { Handled } from '../../../ports/chat-handler.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Observer } from '../../../ports/observer.ts'
import { REASON_BLOCK, TICKET_BLOCK } from '../blocks/form-blocks.ts'
import { parseSlackBody } from './payload.ts'
import { type SignedSlackRequest, type SlackVerifier, slackShaped } from './verify-request.ts'

export type HttpAnswer = {
  readonly statusCode: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

export type SlackEndpointDeps = {
  /** Created for every request, because secrets rotate. `atMostMs`: the maximum age of the cached secrets. */
  readonly verifier: (options?: { readonly atMostMs: number }) => Promise<SlackVerifier>
  readonly handle: (request: ChatRequest) => Promise<Handled>
  /** Says to the person who pressed that it could not be finished. */
  readonly notifyFailed: (request: PressRequest) => Promise<void>
  readonly observer: Observer
  readonly clock: Clock
  /** From the time when AWS received the request. Slack times out after 3 s, and the remainder is for the network. */
  readonly timeoutMs?: number
}

export type ReceivedRequest = SignedSlackRequest & {
  /** Before the function started. Absent: now. */
  readonly receivedAtMs?: number
}

type PressRequest = Extract<ChatRequest, { kind: 'click' | 'form' }>
const isPress = (request: ChatRequest): request is PressRequest => request.kind === 'click' || request.kind === 'form'

/** The delay until a rotated secret takes effect. A flood of forged requests reads the secret no more often. */
const SECRETS_AGAIN_MS = 10_000

const BLOCKS = { reason: REASON_BLOCK, ticket: TICKET_BLOCK } as const

export function slackEndpoint(deps: SlackEndpointDeps): (request: ReceivedRequest) => Promise<HttpAnswer> {
  const { observer, clock, timeoutMs = 2_600 } = deps
  return async request => {
    const timer = new AbortController()
    const spentMs = Math.max(0, clock() - (request.receivedAtMs ?? clock()))
    const timeUp = delay(Math.max(0, timeoutMs - spentMs), null, { signal: timer.signal, ref: false }).catch(() => null)
    try {
      const verified = await verify(request, deps)
      if (!verified.ok) {
        observer.log('warn', 'request_unverified', { code: verified.error.code, why: verified.error.message })
        observer.count('UnverifiedRequests')
        return answer(401)
      }
      const parsed = parseSlackBody(verified.value)
      if (!parsed.ok) {
        observer.log('warn', 'request_unreadable', { why: parsed.error.message })
        return answer(400)
      }
      if (parsed.value.kind === 'url-verification') {
        observer.log('info', 'request_url_verified')
        return answer(200, { challenge: parsed.value.challenge })
      }
      if (isPress(parsed.value)) return accepted(await press(parsed.value, timeUp, deps))
      const handling = deps.handle(parsed.value)
      const handled = await Promise.race([handling, timeUp])
      if (handled === null) {
        handling.catch(error => observer.log('error', 'request_failed_late', { error: codeOf(error) }))
        // Slack repeats an event up to three times, the first time at once. No person waits for it.
        if (parsed.value.kind === 'home' || parsed.value.kind === 'members') return answer(503)
        reportLate(parsed.value, observer)
        return answer(504)
      }
      if (handled.again === true) return answer(503)
      await Promise.race([announced(handled.notify, observer), timeUp])
      return accepted(handled)
    } catch (error) {
      observer.log('error', 'request_failed', { error: codeOf(error) })
      observer.count('FailedRequests')
      return answer(500)
    } finally {
      timer.abort()
    }
  }
}

/**
 * Carried through also when its time is up: Slack sends it once, Lambda stops after the answer, and only words say what came of a press at
 * which Slack shows an error.
 */
async function press(
  request: PressRequest,
  timeUp: Promise<null>,
  { handle, notifyFailed, observer }: SlackEndpointDeps,
): Promise<Handled> {
  try {
    const handling = handle(request)
    const inTime = await Promise.race([handling, timeUp])
    if (inTime === null) reportLate(request, observer)
    const handled = inTime ?? (await handling)
    await announced(inTime === null ? (handled.late ?? handled.notify) : handled.notify, observer)
    return handled
  } catch (error) {
    await announced(() => notifyFailed(request), observer)
    throw error
  }
}

function reportLate({ kind }: ChatRequest, observer: Observer): void {
  observer.log('error', 'request_late', { kind })
  observer.count('LateRequests')
}

const announced = (notify: () => Promise<void>, observer: Observer): Promise<void> =>
  notify().catch(error => observer.log('warn', 'announcement_failed', { error: codeOf(error) }))

function accepted({ wrong, reply }: Handled): HttpAnswer {
  if (wrong !== undefined)
    return answer(200, { response_action: 'errors', errors: { [BLOCKS[wrong.input]]: wrong.message } })
  return answer(200, reply === null ? undefined : { response_type: 'ephemeral', ...reply })
}

/** Reads secrets only for requests that have Slack's form. */
async function verify(
  request: SignedSlackRequest,
  { verifier, clock }: SlackEndpointDeps,
): Promise<ReturnType<SlackVerifier>> {
  const shaped = slackShaped(request, clock)
  if (!shaped.ok) return shaped
  const verified = (await verifier())(request)
  if (verified.ok || verified.error.code !== 'slack-signature') return verified
  return (await verifier({ atMostMs: SECRETS_AGAIN_MS }))(request)
}

function answer(statusCode: number, body?: object): HttpAnswer {
  return body === undefined
    ? { statusCode, headers: {}, body: '' }
    : { statusCode, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) }
}

/** The error code, or the start of the message. Never a body or a secret. */
function codeOf(error: unknown): string {
  if (error instanceof RolemedicError) return `${error.code}: ${error.message}`.slice(0, 300)
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'not an error'
}
