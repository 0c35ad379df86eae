import { describe, expect, it } from 'vitest'
import { fail, ok } from '../../core/base/result.ts'
import { own, richText } from '../../core/base/rich-text.ts'
import { approvalEndpoint, enrollEndpoint } from '../../functions/adapters/web/passkey-endpoint.ts'
import type { Card } from '../../functions/domain/card/card.ts'
import type { ApprovalPage } from '../../functions/domain/card/grants/approval-page.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { assertionBy, deviceOf } from '../fakes/passkeys.ts'
import { NOON } from '../fakes/sample-proposal.ts'

const HOSTILE = '<img src=x onerror=alert(1)>"\''
const CARD = {
  headline: richText`${HOSTILE} was denied`,
  lines: [[own('High risk.')]],
  advice: [],
  status: [richText`Denied: ${HOSTILE}`],
} as unknown as Card
const PAGE: ApprovalPage = {
  ...{ card: CARD, by: HOSTILE, kind: 'approve', endsAtMs: NOON, challenge: 'Y2hhbGxlbmdl', expiresAtMs: NOON },
  ...{ reason: 'orders are down', ticket: HOSTILE, pullRequest: 'with' },
  changes: [{ title: [own('policy')], lines: [{ sign: '+', text: HOSTILE }] }],
}
const sent: unknown[] = []
const approval = approvalEndpoint({
  page: async nonce => (nonce === 'known' ? { kind: 'page', page: PAGE } : { kind: 'no', why: HOSTILE }),
  approve: async (nonce, signed) => {
    sent.push({ nonce, ...signed })
    if (nonce === 'broken') throw new Error('secret words of a fault')
    return { ok: nonce === 'known', message: 'words' }
  },
  observer: SILENT_OBSERVER,
})
const enroll = enrollEndpoint({
  deploymentId: HOSTILE,
  confirm: async code => (code === 'good' ? ok({ userId: 'U0ADA', effectiveMs: NOON }) : fail('it is no code')),
  observer: SILENT_OBSERVER,
})
const get = (path: string) => ({ method: 'GET', path, body: undefined, isBase64Encoded: false })
const post = (path: string, body: unknown) => ({
  method: 'POST',
  path,
  body: JSON.stringify(body),
  isBase64Encoded: false,
})
const device = deviceOf('Ana')
const SIGNED = { credentialId: device.credentialId, userHandle: null, assertion: assertionBy(device, 'Y2hhbGxlbmdl') }

describe('the page of an approval', () => {
  it('shows outside text as text, allows one script of its own, and no frame', async () => {
    const { statusCode, headers, body } = await approval(get('/approve/known'))
    expect(statusCode).toBe(200)
    expect(body).not.toContain('<img')
    expect(body).toContain('&lt;img')
    expect(body.match(/<script/g)).toHaveLength(1)
    expect(body).toContain('<script src="/approve/passkey.js" defer></script>')
    expect(body).toContain('data-challenge="Y2hhbGxlbmdl"')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    expect(headers['strict-transport-security']).toBe('max-age=31536000')
    expect(headers).not.toHaveProperty('set-cookie')
  })

  it('says everything that a person gives with it', async () => {
    const { body } = await approval(get('/approve/known'))
    for (const words of ['Reason: orders are down', 'Ticket: &lt;img', 'with a pull request'])
      expect(body).toContain(words)
  })

  it('that nobody waits for says so, without a button', async () => {
    const { statusCode, body } = await approval(get('/approve/other'))
    expect(statusCode).toBe(410)
    expect(body).not.toContain('id="sign"')
    expect(body).not.toContain('<img')
  })

  it('has a script and a style, within 100 kB together', async () => {
    const all = await Promise.all(['known', 'passkey.js', 'passkey.css'].map(name => approval(get(`/approve/${name}`))))
    expect(all.map(({ headers }) => headers['content-type']?.split(';')[0])).toEqual([
      'text/html',
      'text/javascript',
      'text/css',
    ])
    expect(all.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0)).toBeLessThan(100_000)
  })

  it('takes what the device signed, and says what came of it', async () => {
    expect(await approval(post('/approve/known', SIGNED))).toMatchObject({
      statusCode: 200,
      body: '{"ok":true,"message":"words"}',
    })
    expect(sent.at(-1)).toMatchObject({ nonce: 'known', credentialId: device.credentialId })
    expect(await approval(post('/approve/other', SIGNED))).toMatchObject({ statusCode: 409 })
  })

  it('takes nothing else, and says nothing of a fault', async () => {
    const before = sent.length
    for (const body of [
      null,
      'text',
      {},
      { ...SIGNED, more: 1 },
      { ...SIGNED, credentialId: 'x'.repeat(2_000) },
      { ...SIGNED, userHandle: 7 },
    ])
      expect(await approval(post('/approve/known', body))).toMatchObject({ statusCode: 400 })
    expect(await approval({ ...post('/approve/known', SIGNED), body: 'x'.repeat(50_000) })).toMatchObject({
      statusCode: 400,
    })
    for (const path of [
      '/approve',
      '/approve/',
      '/approve/a/b',
      '/approve/..%2f',
      `/approve/${'a'.repeat(65)}`,
      '/slack',
    ])
      expect(await approval(get(path))).toMatchObject({ statusCode: 404 })
    expect(await approval({ ...get('/approve/known'), method: 'PUT' })).toMatchObject({ statusCode: 404 })
    expect(sent).toHaveLength(before)
    const broken = await approval(post('/approve/broken', SIGNED))
    expect(broken.statusCode).toBe(500)
    expect(broken.body).not.toContain('secret')
  })
})

describe('the page to enroll', () => {
  const confirming = { code: 'good', userId: 'U0BEN', credentialId: device.credentialId, assertion: SIGNED.assertion }

  it('is one page with a script of its own, and has no button of a bot on this machine', async () => {
    const { body } = await enroll(get('/enroll'))
    expect(body).toContain('<script src="/enroll/passkey.js" defer></script>')
    expect(body).not.toContain('id="here"')
    // Before the button: a device forgets a passkey that counts for one that does not yet.
    expect(body.split('id="create"')[0]).toContain(
      'replaces a passkey of this page that the device has for you already',
    )
    expect(body).not.toContain('<img')
    expect(await enroll(post('/enroll/here', { code: 'good' }))).toMatchObject({ statusCode: 400 })
  })

  it('takes confirmations, in base64 too, and says why not', async () => {
    expect(await enroll(post('/enroll/confirm', confirming))).toMatchObject({ statusCode: 200 })
    const body = Buffer.from(JSON.stringify({ ...confirming, code: 'bad' })).toString('base64')
    const refused = await enroll({ ...post('/enroll/confirm', {}), body, isBase64Encoded: true })
    expect(refused).toMatchObject({ statusCode: 409, body: '{"ok":false,"message":"Not confirmed: it is no code."}' })
    expect(await enroll(post('/enroll/confirm', { code: 'good' }))).toMatchObject({ statusCode: 400 })
    expect(await enroll(post('/enroll/other', confirming))).toMatchObject({ statusCode: 400 })
    expect(await enroll(get('/enroll/confirm'))).toMatchObject({ statusCode: 404 })
  })
})
