/** https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html */
import { describe, expect, it } from 'vitest'
import { decodedAt, decodedIn } from '../../../core/denial/message/decoded-text.ts'
import { fromDecoded } from '../../../core/denial/message/denial-in-text.ts'

const CALLER = 'arn:aws:iam::111122223333:user/ci'
const ROLE = 'arn:aws:iam::111122223333:role/orders'

const message = ({
  allowed = false,
  explicitDeny = false,
  action = 'iam:PassRole',
  resource = ROLE as string | null,
  region = 'eu-west-1',
  key = 'aws:Region',
} = {}) => ({
  allowed,
  explicitDeny,
  matchedStatements: { items: [] },
  context: {
    principal: { id: 'AIDAEXAMPLE', arn: CALLER },
    action,
    ...(resource === null ? {} : { resource }),
    conditions: { items: [{ key, values: { items: [{ value: region }] } }] },
  },
})
const json = (value: unknown): string => JSON.stringify(value)
const read = (text: string) => {
  const decoded = decodedIn(text)
  return decoded && { ...decoded, evaluation: decoded.evaluation !== null }
}
const DENIED = { action: 'iam:PassRole', resource: ROLE, principal: CALLER, explicitDeny: false, evaluation: true }

describe('a text that is a decoded message', () => {
  it.each([
    ['the message', json(message())],
    ['the message between blanks', `\n  ${json(message())}\n`],
    ['the response of STS', json({ DecodedMessage: json(message()) })],
    ['an indented message', JSON.stringify(message(), null, 4)],
  ])('is read whole: %s', (_, text) => {
    expect(read(text)).toEqual(DENIED)
  })

  it.each([
    ['a request that was allowed', json(message({ allowed: true }))],
    ['a response that holds no text', json({ DecodedMessage: message() })],
    ['a part of it', json({ context: message().context })],
    ['the other part of it', json({ allowed: false })],
    ['other JSON', '{"a":1}'],
    ['a list', json([message()])],
    ['no JSON', `{${json(message())}`],
    ['a number', '1'],
    ['null', 'null'],
  ])('is none of another kind: %s', (_, text) => {
    expect(decodedIn(text)).toBeNull()
  })

  it('tells an explicit deny', () => {
    expect(read(json(message({ explicitDeny: true })))?.explicitDeny).toBe(true)
  })
})

describe('a decoded message within a text', () => {
  const at = (text: string, word = 'explicitDeny') => decodedAt(text, text.indexOf(word))

  it('is read whole where all of it is there', () => {
    const text = `Decoded: ${json(message())} and {"more":{}}`
    const decoded = at(text)
    expect(decoded).toMatchObject({ action: 'iam:PassRole', resource: ROLE, principal: CALLER, explicitDeny: false })
    expect(decoded?.evaluation?.context['aws:region']).toEqual({ state: 'present', values: ['eu-west-1'] })
    const far = `${'x'.repeat(30_000)} ${json(message())}`
    expect(at(far)?.evaluation).not.toBeNull()
  })

  it('is read in part where its end is missing', () => {
    const cut = json(message({ explicitDeny: true })).replace(/,"conditions".*$/, '')
    expect(at(`It says ${cut}`)).toEqual({
      action: 'iam:PassRole',
      resource: ROLE,
      principal: CALLER,
      explicitDeny: true,
      evaluation: null,
    })
    expect(at('explicitDeny: false, action: "sts:AssumeRole"')).toEqual({
      action: 'sts:AssumeRole',
      resource: null,
      principal: null,
      explicitDeny: false,
      evaluation: null,
    })
  })

  it.each([
    ['that was allowed', '{"allowed": true, "explicitDeny": false, "context": {"action": "iam:PassRole"'],
    ['without an action', '{"allowed": false, "explicitDeny": false, "context": {'],
    [
      'whose action is further away than 24,000 characters',
      `explicitDeny ${' '.repeat(24_000)}"action":"iam:PassRole"`,
    ],
    ['whose action is more than 200 characters before', `"action":"iam:PassRole"${' '.repeat(200)}explicitDeny`],
  ])('is none %s', (_, text) => {
    expect(at(text)).toBeNull()
  })

  it('is denied although another part of the text says that something is allowed', () => {
    const text = `{"allowed": false, "explicitDeny": false, "context": {"action": "iam:PassRole", ${' '.repeat(240)}"allowed": true`
    expect(at(text)).toMatchObject({ action: 'iam:PassRole' })
  })

  it('has its action at most 200 characters before the keyword', () => {
    const text = `"action":"iam:PassRole"${' '.repeat(177)}explicitDeny`
    expect(text.indexOf('explicitDeny')).toBe(200)
    expect(at(text)).toMatchObject({ action: 'iam:PassRole' })
  })
})

describe('the denial of a decoded message', () => {
  const denial = (values: Parameters<typeof message>[0]) => fromDecoded(decodedIn(json(message(values))))

  it('names caller, role, reason and region, and what AWS knew', () => {
    expect(denial({})).toMatchObject({
      action: 'iam:PassRole',
      principal: { kind: 'user', arn: CALLER },
      resource: ROLE,
      reason: 'none-given',
      region: 'eu-west-1',
      awsEvaluation: { source: 'decoded-message', allowed: false },
      // Nothing is around it.
      hints: {
        tool: null,
        provider: null,
        roleBeside: null,
        notBootstrapped: false,
        roleExists: false,
        noMfaSerial: false,
      },
      message: `The decoded message denies iam:PassRole on ${ROLE} to ${CALLER}.`,
    })
    expect(denial({ explicitDeny: true })?.reason).toBe('explicit-deny')
    expect(denial({ key: 'aws:RequestedRegion', region: 'us-east-1' })?.region).toBe('us-east-1')
    expect(denial({ key: 'aws:SourceIp', region: '192.0.2.1' })?.region).toBeNull()
  })

  it('names no role and no caller where the message does not', () => {
    expect(denial({ resource: null })).toMatchObject({
      resource: null,
      message: `The decoded message denies iam:PassRole to ${CALLER}.`,
    })
    const part = fromDecoded(decodedAt('explicitDeny: true, action: "sts:AssumeRole"', 0))
    expect(part).toMatchObject({
      resource: null,
      region: null,
      reason: 'explicit-deny',
      message: 'The decoded message denies sts:AssumeRole to its caller.',
    })
  })

  it('is none for another action', () => {
    expect(denial({ action: 's3:GetObject' })).toBeNull()
    expect(fromDecoded(null)).toBeNull()
  })
})
