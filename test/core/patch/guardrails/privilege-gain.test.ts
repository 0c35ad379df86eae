import { describe, expect, it } from 'vitest'
import { found } from '../../../../core/base/fact.ts'
import type { Statement } from '../../../../core/iam/policy/policy-document.ts'
import { privilegeGain } from '../../../../core/patch/guardrails/reach/stronger-than-caller.ts'
import { ACCOUNT, allow, DEPLOYER, identity, inline, TASK_ROLE } from '../../../fixtures/patches.ts'

const gain = (role: readonly Statement[], caller: readonly Statement[] = []) =>
  privilegeGain(
    identity(TASK_ROLE, [inline(TASK_ROLE, 'p', ...role)]),
    identity(DEPLOYER, [inline(DEPLOYER, 'p', ...caller)]),
  )
const deny = (Action: string, Resource: string): Statement => ({ Effect: 'Deny', Action, Resource })
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/orders`
const TABLES = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/*`

describe('what a role could do that its caller cannot', () => {
  it.each<[string, readonly Statement[], readonly string[]]>([
    ['nothing', [], []],
    ['ordinary work', [allow(['logs:*', 'sqs:SendMessage'], '*')], []],
    ['granting, on one resource', [allow('kms:PutKeyPolicy', KEY)], [`kms:PutKeyPolicy on ${KEY}`]],
    ['data of one resource', [allow('kms:Decrypt', KEY)], []],
    ['data of every resource', [allow('kms:Decrypt', '*')], ['kms:Decrypt on *']],
    ['data of every resource of a type', [allow('dynamodb:Scan', TABLES)], [`dynamodb:Scan on ${TABLES}`]],
    [
      'data of every bucket but one',
      [{ Effect: 'Allow', Action: 's3:GetObject', NotResource: 'arn:aws:s3:::orders/*' }],
      ['s3:GetObject on *'],
    ],
    ['data by a pattern that is no ARN', [allow('s3:GetObject', 'orders*')], []],
    ['data of buckets by the start of a name', [allow('s3:GetObject', 'arn:aws:s3:::orders-*/*')], []],
    [
      'data of buckets by a letter of their names',
      [allow('s3:GetObject', 'arn:aws:s3:::*a*')],
      ['s3:GetObject on arn:aws:s3:::*a*'],
    ],
    ['data of tables by the end of a name', [allow('dynamodb:Scan', `${TABLES}s`)], [`dynamodb:Scan on ${TABLES}s`]],
    ['the wider of two patterns', [allow('kms:Decrypt', ['arn:aws:kms:*:*:key/*', '*'])], ['kms:Decrypt on *']],
    ['the wider of two patterns, first', [allow('kms:Decrypt', ['*', 'arn:aws:kms:*:*:key/*'])], ['kms:Decrypt on *']],
    ['every parameter by its path', [allow('ssm:GetParametersByPath', '*')], ['ssm:GetParametersByPath on *']],
    [
      'every table by a query',
      [allow(['dynamodb:Query', 'dynamodb:PutItem'], TABLES)],
      [`dynamodb:Query on ${TABLES}`],
    ],
    [
      'data of everything of a service',
      [allow('dynamodb:Scan', 'arn:aws:dynamodb:*')],
      ['dynamodb:Scan on arn:aws:dynamodb:*'],
    ],
    [
      'data by the start of a type',
      [allow('dynamodb:Scan', 'arn:aws:dynamodb:*:*:ta*')],
      ['dynamodb:Scan on arn:aws:dynamodb:*:*:ta*'],
    ],
    [
      'data by stars one after the other',
      [allow('s3:GetObject', 'arn:aws:s3:::**')],
      ['s3:GetObject on arn:aws:s3:::**'],
    ],
    ['data of everything with an ARN', [allow('kms:Decrypt', 'arn:*')], ['kms:Decrypt on arn:*']],
    [
      'data of everything but what is no bucket',
      [allow('s3:GetObject', '*'), { Effect: 'Deny', Action: '*', NotResource: 'arn:aws:s3:::*' }],
      ['s3:GetObject on *'],
    ],
    [
      'data of every Region but one',
      [allow('dynamodb:Scan', '*'), deny('*', 'arn:aws:dynamodb:us-east-1:*:*')],
      ['dynamodb:Scan on *'],
    ],
    [
      'data by the pattern that is about the action',
      [allow('logs:*', '*'), allow('dynamodb:Scan', TABLES)],
      [`dynamodb:Scan on ${TABLES}`],
    ],
    ['what it is denied', [allow('kms:Decrypt', '*'), deny('kms:*', '*')], []],
    ['what it is denied on everything that has an ARN', [allow('kms:Decrypt', '*'), deny('kms:Decrypt', 'arn:*')], []],
    ['what it is denied elsewhere', [allow('kms:Decrypt', '*'), deny('kms:Decrypt', KEY)], ['kms:Decrypt on *']],
    [
      'what it is denied on tables of one name',
      [allow('dynamodb:Scan', TABLES), deny('dynamodb:Scan', TABLES.replace('*', 'rolemedic-*'))],
      [`dynamodb:Scan on ${TABLES}`],
    ],
    [
      'grants for services only, which no person can make',
      [allow('kms:CreateGrant', '*', { Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } })],
      [],
    ],
    [
      'what a condition may allow',
      [allow('kms:Decrypt', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })],
      ['kms:Decrypt on *'],
    ],
    [
      'the widest resource of several, granting first',
      [allow(['s3:GetObject', 'kms:PutKeyPolicy'], [KEY, '*'])],
      ['kms:PutKeyPolicy on *', 's3:GetObject on *'],
    ],
    [
      'each in the order of the list',
      [allow(['ssm:GetParameter', 'dynamodb:Scan', 's3:PutBucketPolicy'], '*')],
      ['s3:PutBucketPolicy on *', 'dynamodb:Scan on *', 'ssm:GetParameter on *'],
    ],
  ])('%s', (_, statements, wanted) => {
    expect(gain(statements)).toEqual(wanted)
  })

  it('leaves out what the caller can do, and not what it may be able to', () => {
    const role = [allow('kms:Decrypt', '*')]
    expect(gain(role, [allow('kms:*', '*')])).toEqual([])
    expect(gain(role, [allow('kms:Decrypt', KEY)])).toEqual(['kms:Decrypt on *'])
    const underMfa = allow('kms:*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })
    expect(gain(role, [underMfa])).toEqual(['kms:Decrypt on *'])
  })

  it('is what the caller is denied by name', () => {
    const own = [allow('kms:*', '*'), deny('kms:PutKeyPolicy', KEY)]
    expect(gain([allow('kms:PutKeyPolicy', '*')], own)).toEqual([`kms:PutKeyPolicy on ${KEY}`])
    expect(gain([allow('kms:Decrypt', '*')], [allow('kms:*', '*'), deny('kms:Decrypt', KEY)])).toEqual([])
  })

  it('is not left out for an allow on long names alone', () => {
    const long = allow('kms:*', `arn:aws:kms:*:*:key/${'?'.repeat(65)}`)
    expect(gain([allow('kms:Decrypt', '*')], [long])).toEqual(['kms:Decrypt on *'])
  })

  it('is not known among more patterns than can be compared', () => {
    const keys = Array.from({ length: 40 }, (_, at) => KEY.replace('orders', `*${at}*`))
    expect(gain([allow('kms:PutKeyPolicy', keys)], [allow('kms:*', '*')])).toEqual([
      'something on resources that are too many to compare',
    ])
  })

  it('is what is left of it within the boundary of the role', () => {
    const within = (Resource: string, ...statements: Statement[]) =>
      privilegeGain(
        identity(TASK_ROLE, [inline(TASK_ROLE, 'p', ...statements)], {
          boundary: found({ ...inline(TASK_ROLE, 'b', allow('*', Resource)), type: 'boundary' as const }),
        }),
        identity(DEPLOYER),
      )
    expect(within('arn:aws:s3:::*', allow('s3:GetObject', '*'))).toEqual(['s3:GetObject on *'])
    expect(within(KEY, allow('kms:PutKeyPolicy', '*'))).toEqual([`kms:PutKeyPolicy on ${KEY}`])
    expect(within(KEY, allow('kms:Decrypt', '*'))).toEqual([])
    const anywhere = TABLES.replace('eu-west-1', 'eu-*')
    expect(within(TABLES, allow('dynamodb:Scan', anywhere))).toEqual([`dynamodb:Scan on ${anywhere}`])
  })

  it('is nothing outside the boundary of the role', () => {
    const boundary = found({ ...inline(TASK_ROLE, 'b', allow('s3:*', '*')), type: 'boundary' as const })
    const role = identity(TASK_ROLE, [inline(TASK_ROLE, 'p', allow('*', '*'))], { boundary })
    expect(privilegeGain(role, identity(DEPLOYER))).toEqual([
      's3:PutBucketPolicy on *',
      's3:DeleteObject on *',
      's3:GetObject on *',
    ])
  })
})
