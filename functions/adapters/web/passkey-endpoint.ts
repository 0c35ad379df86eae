/** Requests of the pages that ask for a passkey. No cookie, no third party, no script but the one file. */
import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { neutralText, type Result, utc } from '../../../core/base/index.ts'
import { type Assertion, assertionSchema } from '../../domain/authority/index.ts'
import type { PageAnswer } from '../../domain/card/index.ts'
import type { Observer } from '../../ports/observer.ts'
import { approvalHtml, enrollHtml, noApprovalHtml } from './passkey-pages.ts'

export type EndpointRequest = {
  readonly method: string
  readonly path: string
  readonly body: string | undefined
  readonly isBase64Encoded: boolean
}
export type EndpointAnswer = {
  readonly statusCode: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

const SCRIPT = new URL('passkey.js', import.meta.url)
const STYLE = new URL('passkey.css', import.meta.url)

const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'publickey-credentials-get=(self), publickey-credentials-create=(self)',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

const MAX_BODY_CHARS = 40_000
const answer = (statusCode: number, type: string, body: string): EndpointAnswer => ({
  statusCode,
  headers: { 'content-type': `${type}; charset=utf-8`, ...SECURITY },
  body,
})
const page = (body: string, statusCode = 200) => answer(statusCode, 'text/html', body)
const json = (value: object, statusCode = 200) => answer(statusCode, 'application/json', JSON.stringify(value))
const NOT_FOUND = answer(404, 'text/plain', 'There is no such page.')
const UNREADABLE = json({ ok: false, message: 'This is not what the page sends.' }, 400)

const bytes = z.string().check(z.maxLength(1400), z.regex(/^[\w-]+$/))
const approval = z.strictObject({ credentialId: bytes, userHandle: z.nullable(bytes), assertion: assertionSchema })
const confirmation = z.strictObject({
  code: z.string().check(z.maxLength(12_000)),
  userId: z.string().check(z.maxLength(64)),
  credentialId: bytes,
  assertion: assertionSchema,
})

type Signed = Assertion & { readonly credentialId: string; readonly userHandle: string | null }

export type ApprovalDeps = {
  readonly page: (nonce: string) => Promise<PageAnswer>
  readonly approve: (nonce: string, signed: Signed) => Promise<{ readonly ok: boolean; readonly message: string }>
  readonly observer: Observer
}

/** `/approve/<nonce>` */
export function approvalEndpoint({ page: shown, approve, observer }: ApprovalDeps) {
  return guarded(observer, async ({ method, path, body }) => {
    const name = /^\/approve\/([\w.-]{1,64})$/.exec(path)?.[1]
    if (name === undefined) return NOT_FOUND
    const file = await fileOf(name)
    if (file !== null) return method === 'GET' ? file : NOT_FOUND
    if (method === 'GET') {
      const found = await shown(name)
      return found.kind === 'page' ? page(approvalHtml(found.page)) : page(noApprovalHtml(found.why), 410)
    }
    const sent = sentIn(approval, body)
    if (method !== 'POST' || sent === null) return method === 'POST' ? UNREADABLE : NOT_FOUND
    const { assertion, ...whose } = sent
    const { ok, message } = await approve(name, { ...assertion, ...whose })
    return json({ ok, message: neutralText(message) }, ok ? 200 : 409)
  })
}

type Confirmed = Result<{ readonly userId: string; readonly effectiveMs: number | null }, string>

export type EnrollPageDeps = {
  readonly deploymentId: string
  readonly confirm: (
    code: string,
    by: Assertion & { readonly userId: string; readonly credentialId: string },
  ) => Promise<Confirmed>
  /** Of a bot on this machine: the person who runs it is its administrator. Absent: a command with AWS credentials. */
  readonly confirmHere?: (code: string) => Promise<Confirmed>
  readonly observer: Observer
}

/** `/enroll`, `/enroll/confirm`, and on this machine `/enroll/here`. */
export function enrollEndpoint({ deploymentId, confirm, confirmHere, observer }: EnrollPageDeps) {
  async function confirmed(body: string | undefined): Promise<Confirmed | null> {
    const sent = sentIn(confirmation, body)
    if (sent === null) return null
    const { code, assertion, ...whose } = sent
    return confirm(code, { ...assertion, ...whose })
  }
  async function ownRequest(body: string | undefined): Promise<Confirmed | null> {
    const sent = sentIn(z.strictObject({ code: confirmation.shape.code }), body)
    return sent === null || confirmHere === undefined ? null : confirmHere(sent.code)
  }
  return guarded(observer, async ({ method, path, body }) => {
    if (path === '/enroll')
      return method === 'GET' ? page(enrollHtml(deploymentId, confirmHere !== undefined)) : NOT_FOUND
    const name = /^\/enroll\/([\w.-]{1,64})$/.exec(path)?.[1] ?? ''
    const file = await fileOf(name)
    if (file !== null) return method === 'GET' ? file : NOT_FOUND
    if (method !== 'POST') return NOT_FOUND
    const done = name === 'confirm' ? await confirmed(body) : name === 'here' ? await ownRequest(body) : null
    if (done === null) return UNREADABLE
    if (!done.ok) return json({ ok: false, message: neutralText(`Not confirmed: ${done.error}.`) }, 409)
    const { userId, effectiveMs } = done.value
    const counts = effectiveMs === null ? 'One more person has to.' : `It counts from ${utc(effectiveMs)} on.`
    return json({ ok: true, message: `The passkey of ${userId} is confirmed. ${counts}` })
  })
}

async function fileOf(name: string): Promise<EndpointAnswer | null> {
  if (name === 'passkey.js') return answer(200, 'text/javascript', await readFile(SCRIPT, 'utf8'))
  return name === 'passkey.css' ? answer(200, 'text/css', await readFile(STYLE, 'utf8')) : null
}

function sentIn<T>(schema: z.core.$ZodType<T>, body: string | undefined): T | null {
  try {
    const read = z.safeParse(schema, JSON.parse(body ?? ''))
    return read.success ? read.data : null
  } catch {
    return null
  }
}

/** A fault is logged, and says nothing about itself. */
function guarded(observer: Observer, work: (request: EndpointRequest) => Promise<EndpointAnswer>) {
  return async ({ body, isBase64Encoded, ...request }: EndpointRequest): Promise<EndpointAnswer> => {
    try {
      if ((body?.length ?? 0) > MAX_BODY_CHARS) return UNREADABLE
      const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString('utf8') : body
      return await work({ ...request, body: text, isBase64Encoded: false })
    } catch (error) {
      observer.log('error', 'page_failed', { error: error instanceof Error ? error.name : 'unknown' })
      observer.count('FailedRequests')
      return json({ ok: false, message: 'This could not be finished. Try again.' }, 500)
    }
  }
}
