import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type SignedSlackRequest, slackVerifier } from '../../functions/adapters/slack/endpoint/verify-request.ts'

/** The example of Slack's page "Verifying requests from Slack". Its signature was not made by this code. */
const SLACKS_SECRET = '8f742231b10e8888abcd99yyyzzz85a5'
const SLACKS_BODY =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
const SLACKS_SIGNATURE = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'
const SLACKS_SECOND = 1531420618

const SECRET = '0123456789abcdef0123456789abcdef'
const AT = 1_795_521_600

function signed(
  body: string | Buffer,
  second: number | string = AT,
  secret = SECRET,
  version = 'v0',
): SignedSlackRequest {
  const digest = createHmac('sha256', secret).update(`${version}:${second}:`).update(body).digest('hex')
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(second),
      'x-slack-signature': `${version}=${digest}`,
    },
    body: body.toString(),
    isBase64Encoded: false,
  }
}

const at = (second: number, secrets: readonly string[] = [SECRET]) =>
  slackVerifier({ secrets, clock: () => second * 1000 })
const withHeader = (request: SignedSlackRequest, name: string, value: string): SignedSlackRequest => ({
  ...request,
  headers: { ...request.headers, [name]: value },
})

describe('a request from Slack', () => {
  it('is accepted with the signature of Slack’s own example', () => {
    const request: SignedSlackRequest = {
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'X-Slack-Request-Timestamp': String(SLACKS_SECOND),
        'X-Slack-Signature': SLACKS_SIGNATURE,
      },
      body: SLACKS_BODY,
      isBase64Encoded: false,
    }
    const result = at(SLACKS_SECOND, [SLACKS_SECRET])(request)
    expect(result.ok && result.value.toString()).toBe(SLACKS_BODY)
  })

  it.each([
    'application/json',
    'application/jsonish',
    'text/plain',
    'multipart/form-data',
    '',
    'application/x-www-form-urlencodedish',
  ])('is refused as %j, however well it is signed: Slack sends it as a form', type => {
    expect(at(AT)(withHeader(signed('a=1'), 'content-type', type))).toMatchObject({
      ok: false,
      error: { code: 'slack-form' },
    })
  })

  it('is accepted as a form of any character set, and refused without a body', () => {
    const type = 'application/x-www-form-urlencoded; charset=utf-8'
    expect(at(AT)(withHeader(signed('a=1'), 'content-type', type)).ok).toBe(true)
    expect(at(AT)(signed('')).ok).toBe(false)
  })

  it('is accepted up to 300 s after it was signed, and not later', () => {
    expect(at(AT + 300)(signed('a=1')).ok).toBe(true)
    expect(at(AT + 301)(signed('a=1')).ok).toBe(false)
  })

  it('is accepted up to 300 s before our clock, and not from further in the future', () => {
    expect(at(AT - 300)(signed('a=1')).ok).toBe(true)
    expect(at(AT - 301)(signed('a=1')).ok).toBe(false)
    expect(at(AT - 30 * 86_400)(signed('a=1')).ok).toBe(false)
  })

  it('is refused with another signature version, although its digest is right for that version', () => {
    expect(at(AT)(signed('a=1', AT, SECRET, 'v9')).ok).toBe(false)
    expect(at(AT)(signed('a=1', AT, SECRET, 'v1')).ok).toBe(false)
  })

  it('is refused when the right digest stands behind another version, or behind more than the version', () => {
    const request = signed('a=1')
    const digest = String(request.headers['x-slack-signature']).slice('v0='.length)
    for (const odd of [`v1=${digest}`, `xv0=${digest}`, `v0=${digest}0`])
      expect(at(AT)(withHeader(request, 'x-slack-signature', odd)).ok).toBe(false)
  })

  it('is refused when it is larger than a million bytes, however well it is signed', () => {
    expect(at(AT)(signed('a'.repeat(1_000_000))).ok).toBe(true)
    expect(at(AT)(signed('a'.repeat(1_000_001)))).toMatchObject({ ok: false, error: { code: 'slack-size' } })
  })

  it('is refused when one byte of the body has changed', () => {
    expect(at(AT)({ ...signed('a=1'), body: 'a=2' }).ok).toBe(false)
    expect(at(AT)({ ...signed('a=1'), body: undefined }).ok).toBe(false)
  })

  it('is refused when the timestamp was exchanged for a newer one', () => {
    expect(at(AT + 600)(withHeader(signed('a=1'), 'x-slack-request-timestamp', String(AT + 600))).ok).toBe(false)
  })

  it.each(['', 'abc', '-1', '1e9', '0x6B', ' 1795521600', '1795521600.5', 'NaN', 'Infinity', '٣', '9'.repeat(30)])(
    'is refused with the timestamp %j, even when that text is what was signed',
    odd => {
      expect(at(AT)(signed('a=1', odd)).ok).toBe(false)
    },
  )

  it.each(['', 'v0=', `v0=${'0'.repeat(64)}`, `v0=${'0'.repeat(63)}`, `v0=${'g'.repeat(64)}`, 'v0=ÿ'.repeat(20)])(
    'is refused, and does not throw, with the signature %j',
    odd => {
      expect(at(AT)(withHeader(signed('a=1'), 'x-slack-signature', odd)).ok).toBe(false)
    },
  )

  it('is refused without its headers, or with one of them twice', () => {
    expect(at(AT)({ headers: {}, body: 'a=1', isBase64Encoded: false }).ok).toBe(false)
    expect(at(AT)(withHeader(signed('a=1'), 'X-Slack-Signature', SLACKS_SIGNATURE)).ok).toBe(false)
  })

  it('is verified over the bytes of a base64 body, not over text made of them', () => {
    const bytes = Buffer.from([0x61, 0x3d, 0xff, 0x00, 0xc3, 0xa9])
    const request = { ...signed(bytes), body: bytes.toString('base64'), isBase64Encoded: true }
    const result = at(AT)(request)
    expect(result.ok && [...result.value]).toEqual([0x61, 0x3d, 0xff, 0x00, 0xc3, 0xa9])
  })

  it('is verified with characters outside ASCII in a text body', () => {
    expect(at(AT)(signed('text=grüße 👋')).ok).toBe(true)
  })

  it('is accepted with either of two secrets while one is rotated, and with no third', () => {
    const [older, newer, third] = ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32)]
    const verify = at(AT, [older ?? '', newer ?? ''])
    expect(verify(signed('a=1', AT, older)).ok).toBe(true)
    expect(verify(signed('a=1', AT, newer)).ok).toBe(true)
    expect(verify(signed('a=1', AT, third)).ok).toBe(false)
  })

  it('cannot be verified by a verifier without a usable secret: construction fails', () => {
    expect(() => at(AT, [])).toThrow('no Slack signing secret')
    expect(() => at(AT, [''])).toThrow('too short')
    expect(() => at(AT, [SECRET, 'short'])).toThrow('too short')
    expect(() => at(AT, [`${SECRET}\n`])).toThrow('white space')
  })

  it('is not parsed before it passes: unsigned garbage is a refusal', () => {
    const garbage = { headers: {}, body: 'payload=%7Bnot json', isBase64Encoded: false }
    expect(at(AT)(garbage)).toMatchObject({ ok: false, error: { code: 'slack-timestamp' } })
    expect(at(AT)({ headers: {}, body: 'ssl_check=1', isBase64Encoded: false }).ok).toBe(false)
  })
})
