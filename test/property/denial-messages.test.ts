import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordsIn } from '../../core/denial/cloudtrail/cloudtrail-record.ts'
import type { Denial } from '../../core/denial/denial.ts'
import { parseMessage, parseRecord } from '../../core/denial/parse-denial.ts'
import { ANY_CHAR } from '../fixtures/any-char.ts'
import { type Parts, parts, sentence } from './denial-sentences.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 400)

function expectParts(denial: Denial, p: Parts): void {
  expect(denial.action).toBe(p.action)
  expect(denial.principal.arn).toBe(p.subject.arn)
  expect(denial.principal.kind).toBe(p.subject.kind)
  expect(denial.principal.name ?? '').toBe(p.subject.name)
  expect(denial.resource).toBe(p.resource)
  expect(denial.reason).toBe(p.reason[0])
  expect(denial.reasonPolicyArn).toBe(p.policyArn)
  expect(denial.authorizationId).toBe(p.authorizationId)
  expect(denial.encodedMessage).toEqual(p.blob === null ? null : { blob: p.blob, cut: p.cut !== '' })
  if (p.subject.arn !== null || p.resource !== null) expect(denial.partition).toBe(p.partition)
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
        // Inside JSON, the quotes would be escaped.
        const spoken = { ...p, on: p.on?.replaceAll('"', '') ?? null }
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

/** Wraps like Terraform, never inside a word. */
function wrapped(text: string, width: number): string {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map(line => `│ ${line}`).join('\n')
}

describe('a message that says less', () => {
  it('is not one of our denials when it names no action, for any caller and reason', () => {
    fc.assert(
      fc.property(parts, p => {
        const parsed = parseMessage(
          sentence(p)
            .replace(/(to perform)(:? )\S+/g, '$1 this operation')
            .replaceAll(p.action, 'it'),
        )
        expect(parsed.kind).toBe('not-ours')
        if (parsed.kind === 'not-ours') expect(/decode/.test(parsed.why)).toBe(p.blob !== null)
      }),
      { numRuns: RUNS },
    )
  })

  it('names the action by its form where AWS has a form of its own', () => {
    const forms = fc.constantFrom(
      ['Cross-account pass role is not allowed.', 'iam:PassRole', 'cross-account-pass-role'] as const,
      ['Roles may not be assumed by root accounts.', 'sts:AssumeRole', 'root-cannot-assume'] as const,
    )
    const around = fc.constantFrom(['', ''], ['Error: ', ' (Service: Lambda, Status Code: 403)'], ['│ ', '\n│ \n'])
    fc.assert(
      fc.property(forms, around, ([text, action, reason], [before, after]) => {
        expect(read(`${before}${text}${after}`)).toMatchObject({
          action,
          reason,
          resource: null,
          reasonPolicyArn: null,
        })
      }),
    )
  })

  it('keeps its parts, and a blob known to be cut, where CloudTrail ends it after 1,024 characters', () => {
    const long = fc.base64String({ minLength: 1_024, maxLength: 1_400 }).map(text => text.replace(/[+/=]/g, '-'))
    fc.assert(
      fc.property(parts, long, (sampled, whole) => {
        const p = { ...sampled, blob: whole, cut: '' as const }
        const errorMessage = sentence(p).slice(0, 1_024)
        const shown = /failure message: (.+)$/.exec(errorMessage)?.[1]
        fc.pre(shown !== undefined)
        const record = { eventSource: 'ec2.amazonaws.com', eventName: 'RunInstances', errorCode: 'AccessDenied' }
        const parsed = parseRecord({ ...record, errorMessage })
        if (parsed.kind !== 'denial') throw new Error(`${parsed.kind}: ${parsed.why}`)
        expect(parsed.denial.encodedMessage).toEqual({ blob: shown, cut: true })
        expect(parsed.denial.reason).toBe(p.reason[0])
        expect(parsed.denial.resource).toBe(p.resource)
        expect(parsed.denial.reasonPolicyArn).toBe(p.policyArn)
      }),
      { numRuns: RUNS },
    )
  })
})

describe('a message that is not read right yet', () => {
  const role = 'arn:aws:iam::111122223333:role/orders-build'

  it('finds its blob after a resource without an ARN, no reason, and an SDK’s tail', () => {
    const text =
      'User: arn:aws:iam::111122223333:user/ann is not authorized to perform: iam:PassRole on resource: role orders-task. Encoded authorization failure message: AAAABBBBCCCCDDDDEEEE (Service: Ecs, Status Code: 400)'
    expect(read(text).encodedMessage).toEqual({ blob: 'AAAABBBBCCCCDDDDEEEE', cut: false })
  })

  it('is about a service by name where a log puts the text into JSON', () => {
    const text = `CodeBuild is not authorized to perform: sts:AssumeRole on resource: ${role}`
    expect(read(JSON.stringify({ level: 'error', err: { message: text } })).principal.name).toBe(
      'codebuild.amazonaws.com',
    )
  })

  it('is about the named service even if a line before it mentions a user', () => {
    const text = `ecs-tasks.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${role}`
    expect(read(`User: nobody did anything yet.\n${text}`).principal.name).toBe('ecs-tasks.amazonaws.com')
  })
})

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
    const soup = fc.array(fc.oneof(words, fc.string({ unit: ANY_CHAR })), { maxLength: 20 }).map(list => list.join(''))
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: ANY_CHAR })), text => {
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
