import { describe, expect, it } from 'vitest'
import type { PolicyDocument, Statement } from '../../../core/iam/policy/policy-document.ts'
import { cut, difference, printed } from '../../../functions/domain/card/documents.ts'

const pass: Statement = {
  Sid: 'Pass',
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: 'arn:aws:iam::111122223333:role/app',
}
const read: Statement = { Sid: 'Read', Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: '*' }
const document = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement })
const shown = (before: PolicyDocument | null, after: PolicyDocument | null) =>
  difference(before, after).map(line => `${line.sign}${line.text}`)

describe('a change shown as a diff', () => {
  it('shows a new document as its statements alone', () => {
    expect(shown(null, document(pass))).toEqual([
      '+{',
      '+  "Sid": "Pass",',
      '+  "Effect": "Allow",',
      '+  "Action": "iam:PassRole",',
      '+  "Resource": "arn:aws:iam::111122223333:role/app"',
      '+}',
    ])
  })

  it('keeps two lines around a change, and stands … for the others', () => {
    const wider = { ...read, Resource: 'arn:aws:s3:::logs/*' }
    expect(shown(document(read, pass), document(wider, pass))).toEqual([
      '…',
      '   "Effect": "Allow",',
      '   "Action": ["s3:GetObject", "s3:ListBucket"],',
      '-  "Resource": "*"',
      '+  "Resource": "arn:aws:s3:::logs/*"',
      ' }',
      ' {',
      '…',
    ])
  })

  it('shows a changed Version, which decides what variables mean', () => {
    expect(shown({ ...document(pass), Version: '2008-10-17' }, document(pass))).toEqual([
      '-"Version": "2008-10-17"',
      '+"Version": "2012-10-17"',
      ' {',
      '   "Sid": "Pass",',
      '…',
    ])
  })

  it('shows nothing for equal documents', () => {
    expect(shown(document(read, pass), document(read, pass))).toEqual([])
  })

  it('counts the lines that are cut', () => {
    expect(cut(difference(null, document(pass)), 2)).toMatchObject({
      left: 4,
      lines: [{ text: '{' }, { text: '  "Sid": "Pass",' }],
    })
  })
})

describe('an external id', () => {
  const trust = (id: string | string[], key = 'sts:ExternalId'): PolicyDocument =>
    document({
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::444455556666:root' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { [key]: id } },
    })

  it.each(['sts:ExternalId', 'STS:externalID'])('is never shown, under the key %s', key => {
    const text = [...printed(trust(['s3cr3t-one', 's3cr3t-two'], key)), ...shown(null, trust('s3cr3t-one', key))].join(
      '\n',
    )
    expect(text).not.toContain('s3cr3t')
    expect(text).toContain('(not shown)')
  })

  it('that changes is shown as a change', () => {
    const diff = shown(trust('s3cr3t-one'), trust('s3cr3t-two')).join('\n')
    expect(diff).not.toContain('s3cr3t')
    expect(diff).toContain('(not shown, new)')
  })
})

describe('text from outside in a document', () => {
  it('cannot reorder the line or reach the terminal', () => {
    const hostile = document({ ...pass, Sid: 'a\u202eb\u0007c\u001b[31md' })
    const text = printed(hostile).join('\n')
    for (const sign of ['\u202e', '\u0007', '\u001b']) expect(text).not.toContain(sign)
  })

  it('says where a line was cut, as an approver would take it for the whole', () => {
    // An IAM path has up to 512 characters.
    const Resource = `arn:aws:iam::111122223333:role/${'p'.repeat(500)}/app`
    const line = printed(document({ ...pass, Resource })).find(text => text.includes('Resource'))
    // 400 of: "Resource": "arn:aws:iam::111122223333:role/ (44), then 356 of the path.
    expect(line).toBe(`      "Resource": "arn:aws:iam::111122223333:role/${'p'.repeat(356)}…`)
  })

  it('is cut between two characters, and never in the middle of one', () => {
    // The first sign of the rocket, which has two, would be the 400th.
    const Resource = `arn:aws:iam::111122223333:role/${'p'.repeat(355)}🚀/app`
    const line = printed(document({ ...pass, Resource })).find(text => text.includes('Resource'))
    expect(line).toBe(`      "Resource": "arn:aws:iam::111122223333:role/${'p'.repeat(355)}…`)
  })
})

describe('a printed document', () => {
  const oneLine = (resource: string) => printed({ Statement: [{ ...pass, Resource: [resource] }] })

  it('has short lists and single members on one line', () => {
    expect(printed({ Statement: [{ ...pass, Condition: { Bool: { a: 'b' } } }] })).toEqual([
      '{',
      '  "Statement": [',
      '    {',
      '      "Sid": "Pass",',
      '      "Effect": "Allow",',
      '      "Action": "iam:PassRole",',
      '      "Resource": "arn:aws:iam::111122223333:role/app",',
      '      "Condition": { "Bool": { "a": "b" } }',
      '    }',
      '  ]',
      '}',
    ])
  })

  it('breaks a list of more than 72 characters', () => {
    // `["` and `"]` around it.
    expect(oneLine('x'.repeat(68))).toContain(`      "Resource": ["${'x'.repeat(68)}"]`)
    expect(oneLine('x'.repeat(69))).toContain(`        "${'x'.repeat(69)}"`)
  })
})
