import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Denial } from '../../functions/core/denial/denial.ts'
import { parseMessage, parseRecord } from '../../functions/core/denial/parse-denial.ts'
import { recordsIn } from '../../functions/core/denial/records.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 400)

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f', 'aws-eusc']
const ACTIONS = [
  'iam:PassRole',
  'sts:AssumeRole',
  'sts:AssumeRoleWithWebIdentity',
  'sts:AssumeRoleWithSAML',
  'sts:TagSession',
  'sts:SetSourceIdentity',
  'iam:CreateServiceLinkedRole',
]

/** Every reason of AWS's grammar, with the words that say it. */
const REASONS: readonly (readonly [reason: string, words: (action: string) => string])[] = [
  ['none-given', () => ''],
  ['no-identity-policy', action => ` because no identity-based policy allows the ${action} action`],
  ['no-resource-policy', action => ` because no resource-based policy allows the ${action} action`],
  ['no-boundary', action => ` because no permissions boundary allows the ${action} action`],
  ['no-session-policy', action => ` because no session policy allows the ${action} action`],
  ['no-scp', action => ` because no service control policy allows the ${action} action`],
  ['no-rcp', action => ` because no resource control policy allows the ${action} action`],
  ['no-vpce-policy', action => ` because no VPC endpoint policy allows the ${action} action`],
  ['no-trust-policy', action => ` because no role trust policy allows the ${action} action`],
  ['explicit-deny', () => ' with an explicit deny'],
  ['explicit-deny-identity', () => ' with an explicit deny in an identity-based policy'],
  ['explicit-deny-resource', () => ' with an explicit deny in a resource-based policy'],
  ['explicit-deny-boundary', () => ' with an explicit deny in a permissions boundary'],
  ['explicit-deny-session', () => ' with an explicit deny in a session policy'],
  ['explicit-deny-session', () => ' with an explicit deny in a sessions policy'],
  ['explicit-deny-scp', () => ' with an explicit deny in a service control policy'],
  ['explicit-deny-rcp', () => ' with an explicit deny in a resource control policy'],
  ['explicit-deny-vpce', () => ' with an explicit deny in a VPC endpoint policy'],
  ['explicit-deny-trust', () => ' with an explicit deny in the role trust policy'],
]

/** The characters of IAM names; a name that ends like a sentence cannot be told from one. */
const NAME_CHARS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-'
const name = (maxLength: number) =>
  fc
    .string({ unit: fc.constantFrom(...NAME_CHARS), minLength: 1, maxLength })
    .map(text => `${text.replace(/[.,]+$/, '')}x`)
const path = fc.oneof(
  fc.constant('/'),
  fc.array(name(12), { minLength: 1, maxLength: 3 }).map(steps => `/${steps.join('/')}/`),
)
const account = fc.integer({ min: 1, max: 999_999_999_999 }).map(number => String(number).padStart(12, '0'))
const blob = fc.base64String({ minLength: 20, maxLength: 200 }).map(text => text.replace(/[+/=]/g, '_'))
const authorizationId = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'),
  minLength: 20,
  maxLength: 30,
})

type Parts = {
  readonly partition: string
  readonly action: string
  readonly subject: { readonly arn: string; readonly kind: string; readonly name: string }
  readonly resource: string | null
  readonly quoted: boolean
  readonly reason: (typeof REASONS)[number]
  readonly policyArn: string | null
  readonly authorizationId: string | null
  readonly blob: string | null
  readonly sdkTail: boolean
}

const parts: fc.Arbitrary<Parts> = fc
  .record({
    partition: fc.constantFrom(...PARTITIONS),
    action: fc.constantFrom(...ACTIONS),
    caller: fc.constantFrom('user', 'session', 'sso', 'linked', 'root', 'federated'),
    accountId: account,
    callerPath: path,
    callerName: name(40),
    sessionName: name(60),
    rolePath: path,
    roleName: name(60),
    hasResource: fc.boolean(),
    quoted: fc.boolean(),
    reason: fc.constantFrom(...REASONS),
    policyName: fc.option(name(40)),
    authorizationId: fc.option(authorizationId),
    blob: fc.option(blob),
    sdkTail: fc.boolean(),
  })
  .map(({ partition, accountId, caller, ...rest }) => {
    const sts = `arn:${partition}:sts::${accountId}`
    const iam = `arn:${partition}:iam::${accountId}`
    const subjects: { readonly [caller: string]: Parts['subject'] } = {
      user: { arn: `${iam}:user${rest.callerPath}${rest.callerName}`, kind: 'user', name: rest.callerName },
      session: {
        arn: `${sts}:assumed-role/${rest.callerName}/${rest.sessionName}`,
        kind: 'role',
        name: rest.callerName,
      },
      sso: {
        arn: `${sts}:assumed-role/AWSReservedSSO_Deploy_0123456789abcdef/${rest.sessionName}`,
        kind: 'sso-role',
        name: 'AWSReservedSSO_Deploy_0123456789abcdef',
      },
      linked: {
        arn: `${sts}:assumed-role/AWSServiceRoleForBackup/${rest.sessionName}`,
        kind: 'service-linked-role',
        name: 'AWSServiceRoleForBackup',
      },
      root: { arn: `${iam}:root`, kind: 'root', name: '' },
      federated: { arn: `${sts}:federated-user/${rest.callerName}`, kind: 'federated-user', name: rest.callerName },
    }
    const explicit = rest.reason[0].startsWith('explicit-deny-')
    return {
      ...rest,
      partition,
      subject: subjects[caller] ?? { arn: '', kind: '', name: '' },
      resource: rest.hasResource ? `${iam}:role${rest.rolePath}${rest.roleName}` : null,
      policyArn: explicit && rest.policyName !== null ? `${iam}:policy/${rest.policyName}` : null,
    }
  })

/** The sentence as AWS's documentation puts it together. */
function sentence(p: Parts): string {
  const on = p.resource === null ? '' : ` on resource: ${p.quoted ? `"${p.resource}"` : p.resource}`
  const policy = p.policyArn === null ? '' : `: ${p.policyArn}`
  const console = 'https://eu-west-1.console.aws.amazon.com/iam/home?region=eu-west-1#/authorization-details'
  const details =
    p.authorizationId === null
      ? ''
      : `. Go to ${console}/${p.authorizationId} for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: ${p.authorizationId}`
  const encoded = p.blob === null ? '' : `. Encoded authorization failure message: ${p.blob}`
  const tail = p.sdkTail ? ' (Service: Ecs, Status Code: 400, Request ID: 37158697-a9c5-4ce8-8044-812c988dea0a)' : ''
  return `User: ${p.subject.arn} is not authorized to perform: ${p.action}${on}${p.reason[1](p.action)}${policy}${details}${encoded}${tail}`
}

function expectParts(denial: Denial, p: Parts): void {
  expect(denial.action).toBe(p.action)
  expect(denial.principal.arn).toBe(p.subject.arn)
  expect(denial.principal.kind).toBe(p.subject.kind)
  expect(denial.principal.name ?? '').toBe(p.subject.name)
  expect(denial.resource).toBe(p.resource)
  expect(denial.reason).toBe(p.reason[0])
  expect(denial.reasonPolicyArn).toBe(p.policyArn)
  expect(denial.authorizationId).toBe(p.authorizationId)
  expect(denial.encodedMessage?.blob ?? null).toBe(p.blob)
  expect(denial.partition).toBe(p.partition)
}

function read(text: string): Denial {
  const parsed = parseMessage(text)
  if (parsed.kind !== 'denial') throw new Error(`${parsed.kind}: ${parsed.why}`)
  return parsed.denial
}

describe('a message that is put together from parts', () => {
  it('reads back as the same parts, in every combination of the grammar', () => {
    fc.assert(
      fc.property(parts, p => expectParts(read(sentence(p)), p)),
      { numRuns: RUNS },
    )
  })

  it('reads the same inside what Terraform, the CDK and SDKs print around it, with colours', () => {
    const around: readonly ((text: string) => string)[] = [
      text =>
        `\u001b[31m│\u001b[0m \u001b[0m\u001b[1m\u001b[31mError: \u001b[0mcreating ECS Task Definition (orders): ${text}\n│ \n`,
      text =>
        `❌  OrdersStack failed: _ToolkitError: Failed to create ChangeSet: AccessDenied: ${text}\n    at async main (cdk.js:1)`,
      text => `An error occurred (AccessDeniedException) when calling the RegisterTaskDefinition operation: ${text}`,
      text => `{"level":"error","message":"failed","err":${JSON.stringify({ message: text })}}`,
      text => `Deploy started.\r\nUser: nobody did anything yet.\r\n\t${text}`,
    ]
    fc.assert(
      fc.property(parts, fc.constantFrom(...around), (p, wrap) => {
        const spoken = { ...p, quoted: false }
        expectParts(read(wrap(sentence(spoken))), spoken)
      }),
      { numRuns: RUNS },
    )
  })

  it('reads the same when it is wrapped between words', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 40, max: 120 }), (p, width) => {
        expectParts(read(wrapped(sentence(p), width)), p)
      }),
      { numRuns: RUNS },
    )
  })
})

/** As Terraform does: never within a word. */
function wrapped(text: string, width: number): string {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map(line => `│ ${line}`).join('\n')
}

describe('hostile input', () => {
  const shape = fc.record(
    {
      eventSource: fc.oneof(fc.constant('sts.amazonaws.com'), fc.anything()),
      eventName: fc.oneof(fc.constantFrom('AssumeRole', 'AssumeRoleWithWebIdentity', 'RunInstances'), fc.anything()),
      errorCode: fc.oneof(fc.constant('AccessDenied'), fc.anything()),
      errorMessage: fc.oneof(parts.map(sentence), fc.string(), fc.anything()),
      userIdentity: fc.oneof(
        fc.record({ type: fc.anything(), arn: fc.anything(), sessionContext: fc.anything() }, { requiredKeys: [] }),
        fc.anything(),
      ),
      requestParameters: fc.oneof(fc.record({ roleArn: fc.anything() }), fc.anything()),
      resources: fc.anything(),
      eventTime: fc.anything(),
    },
    { requiredKeys: [] },
  )

  it('never makes the parser throw, whatever JSON a record is', () => {
    fc.assert(
      fc.property(fc.oneof(shape, fc.anything(), fc.jsonValue()), value => {
        expect(['denial', 'not-ours', 'unreadable']).toContain(parseRecord(value).kind)
      }),
      { numRuns: RUNS },
    )
  })

  it('never makes the parser throw, whatever a text is', () => {
    const words = fc.constantFrom(
      'User: ',
      'is not authorized to perform: ',
      'iam:PassRole',
      ' on resource: ',
      'arn:aws:',
      '"',
      '\n',
      '│',
    )
    const soup = fc.array(fc.oneof(words, fc.string({ unit: 'binary' })), { maxLength: 20 }).map(list => list.join(''))
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), text => {
        expect(['denial', 'not-ours', 'unreadable']).toContain(parseMessage(text).kind)
        expect(typeof recordsIn(text).ok).toBe('boolean')
      }),
      { numRuns: RUNS },
    )
  })

  it('lets no control character, direction mark or escape sequence into a field', () => {
    const mark = fc.constantFrom(
      '\u0000',
      '\u001b[2J',
      '\u0007',
      '\u202e',
      '\u2066',
      '\u200b',
      '\u00ad',
      '\ufeff',
      '\r',
    )
    fc.assert(
      fc.property(parts, fc.array(fc.tuple(fc.nat(300), mark), { maxLength: 6 }), (p, marks) => {
        let text = sentence(p)
        for (const [at, hostile] of marks) text = `${text.slice(0, at)}${hostile}${text.slice(at)}`
        const parsed = parseMessage(text)
        expect(JSON.stringify(parsed)).not.toMatch(
          /\\u00[01]|\\[bfnrt]|[\u0080-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/,
        )
      }),
      { numRuns: RUNS },
    )
  })
})
