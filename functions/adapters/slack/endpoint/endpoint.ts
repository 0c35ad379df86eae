/** One HTTP request of Slack, answered in time: verified, parsed, handled, and only then told about. */
import { setTimeout as delay } from 'node:timers/promises'
import { RolemedicError } from '../../../domain/base/errors.ts'
import type { ChatRequest } from '../../../domain/proposal/click.ts'
import type { Handled } from '../../../ports/chat-handler.ts'
import type { Observer } from '../../../ports/observer.ts'
import { REASON_BLOCK } from '../blocks/reason-block.ts'
import { parseSlackBody } from './payload.ts'
import type { SignedRequest, SlackVerifier } from './verify-request.ts'

export type HttpAnswer = {
  readonly statusCode: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

export type SlackEndpointDeps = {
  /** Asked for with every request, as secrets rotate; `atMostMs`: with secrets that were read no longer ago. */
  readonly verifier: (options?: { readonly atMostMs: number }) => Promise<SlackVerifier>
  readonly handle: (request: ChatRequest) => Promise<Handled>
  readonly observer: Observer
  /** Slack gives up after 3 s: the rest is for the network. */
  readonly patienceMs?: number
}

/** A secret that was rotated is taken up so soon; nor does a flood of forged requests ask for it more often. */
const SECRETS_AGAIN_MS = 10_000

export function slackEndpoint(deps: SlackEndpointDeps): (request: SignedRequest) => Promise<HttpAnswer> {
  const { observer, patienceMs = 2_400 } = deps
  return async request => {
    const patience = new AbortController()
    const timeUp = delay(patienceMs, null, { signal: patience.signal, ref: false }).catch(() => null)
    try {
      const verified = await verify(request, deps)
      if (!verified.ok) {
        observer.log('warn', 'unverified request', { code: verified.error.code, why: verified.error.message })
        observer.count('UnverifiedRequests')
        return answer(401)
      }
      const parsed = parseSlackBody(verified.value)
      if (!parsed.ok) {
        observer.log('warn', 'unreadable request', { why: parsed.error.message })
        return answer(400)
      }
      const handling = deps.handle(parsed.value)
      const handled = await Promise.race([handling, timeUp])
      if (handled === null) {
        handling.catch(error => observer.log('error', 'request failed late', { error: codeOf(error) }))
        // A failure is what Slack shows at the button. Whatever was decided is stored, and `sweep` carries it on.
        observer.log('error', 'request not handled in time', { kind: parsed.value.kind })
        observer.count('LateRequests')
        return answer(504)
      }
      const telling = handled.tell().catch(error => observer.log('warn', 'not told', { error: codeOf(error) }))
      await Promise.race([telling, timeUp])
      if (handled.wrongReason !== undefined)
        return answer(200, { response_action: 'errors', errors: { [REASON_BLOCK]: handled.wrongReason } })
      return answer(200, handled.reply === null ? undefined : { response_type: 'ephemeral', ...handled.reply })
    } catch (error) {
      observer.log('error', 'request failed', { error: codeOf(error) })
      observer.count('FailedRequests')
      return answer(500)
    } finally {
      patience.abort()
    }
  }
}

async function verify(request: SignedRequest, { verifier }: SlackEndpointDeps): Promise<ReturnType<SlackVerifier>> {
  const verified = (await verifier())(request)
  if (verified.ok || verified.error.code !== 'slack-signature') return verified
  return (await verifier({ atMostMs: SECRETS_AGAIN_MS }))(request)
}

function answer(statusCode: number, body?: object): HttpAnswer {
  return body === undefined
    ? { statusCode, headers: {}, body: '' }
    : { statusCode, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) }
}

/** Never a body or a secret: the code, or the first words. */
function codeOf(error: unknown): string {
  if (error instanceof RolemedicError) return `${error.code}: ${error.message}`.slice(0, 300)
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'not an error'
}
