import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../../../../core/iam/index.ts'
import { fullBudget } from '../../../../core/patch/risk/common-text.ts'
import { ANY_NAME as ANY, asGlob, isExact, samplesOf } from '../../../../core/patch/risk/resource-samples.ts'
import type { ResourceKind } from '../../../../core/patch/risk/table/resource-kinds.ts'
import { cpuMs } from '../../../cpu-time.ts'

const HOME = { partition: 'aws', accountId: '111122223333' }
const ROLE = 'arn:aws:iam::111122223333:role'
const FUNCTION = `arn:aws:lambda:${ANY}:111122223333:function`

const of = (kind: ResourceKind, patterns: readonly string[], home = HOME) =>
  samplesOf(kind, patterns, home, fullBudget()).map(
    ({ resource, any, foreign }) => `${resource}${any ? ' (any)' : ''}${foreign ? ' (foreign)' : ''}`,
  )
/** Without the sample of any name, which is always included. */
const named = (kind: ResourceKind, ...patterns: string[]) =>
  of(kind, patterns).filter(text => text !== `${ROLE}/${ANY} (any)` && text !== `${FUNCTION}:${ANY} (any)`)

describe('the samples of a type of resource', () => {
  it('have one of an invented name, in no Region that there is, in the account and partition of the identity', () => {
    expect(of('role', [])).toEqual([`${ROLE}/${ANY} (any)`])
    expect(of('role', [], { partition: 'aws-cn', accountId: '444455556666' })).toEqual([
      `arn:aws-cn:iam::444455556666:role/${ANY} (any)`,
    ])
    expect(of('stack', [])).toEqual([`arn:aws:cloudformation:${ANY}:111122223333:stack/${ANY}/${ANY} (any)`])
    expect(of('stack-set', [])).toEqual([`arn:aws:cloudformation:${ANY}:111122223333:stackset/${ANY}:${ANY} (any)`])
  })

  it('are one for an action without a resource, whatever the patterns', () => {
    expect(of('none', [`${ROLE}/a`])).toEqual([`${ANY} (any)`])
  })

  it.each<[string, ResourceKind, string, readonly string[]]>([
    ['an exact name', 'role', `${ROLE}/ops`, [`${ROLE}/ops`]],
    ['the start of a name', 'role', `${ROLE}/ops-*`, [`${ROLE}/ops-${ANY}`]],
    ['one letter of a name', 'role', `${ROLE}/ops-?`, [`${ROLE}/ops-x`]],
    ['a policy variable', 'role', `${ROLE}/\${aws:username}`, []],
    ['every name', 'role', `${ROLE}/*`, []],
    ['everything', 'role', '*', []],
    ['every Region', 'function', 'arn:aws:lambda:*:111122223333:function:orders', [`${FUNCTION}:orders`]],
    [
      'another Region',
      'function',
      'arn:aws:lambda:eu-west-1:111122223333:function:orders',
      ['arn:aws:lambda:eu-west-1:111122223333:function:orders'],
    ],
    [
      'Regions by a pattern',
      'function',
      'arn:aws:lambda:eu-*:111122223333:function:orders',
      [`arn:aws:lambda:eu-${ANY}:111122223333:function:orders`],
    ],
    [
      'every name in another Region',
      'function',
      'arn:aws:lambda:eu-west-1:111122223333:function:*',
      [`arn:aws:lambda:eu-west-1:111122223333:function:${ANY} (any)`],
    ],
    ['another account', 'role', 'arn:aws:iam::444455556666:role/ops', ['arn:aws:iam::444455556666:role/ops (foreign)']],
    [
      'every name in another account',
      'role',
      'arn:aws:iam::444455556666:role/*',
      [`arn:aws:iam::444455556666:role/${ANY} (foreign)`],
    ],
    ['any account', 'role', 'arn:aws:iam::*:role/ops', [`${ROLE}/ops`]],
    ['fewer than six fields, completed with *', 'function', 'arn:aws:lambda', []],
    ['another service', 'role', 'arn:aws:s3:::orders', []],
    ['another partition', 'role', 'arn:aws-cn:iam::111122223333:role/ops', []],
    ['another type of the service', 'role', 'arn:aws:iam::111122223333:user/ana', []],
    ['a Region for a service without Regions', 'role', 'arn:aws:iam:eu-west-1:111122223333:role/ops', []],
    ['a pattern that ends within the type', 'role', 'arn:aws:iam::111122223333:*ops', [`${ROLE}/${ANY}ops`]],
    ['a pattern of several types', 'role', 'arn:aws:iam::111122223333:r*ops', [`${ROLE}/r${ANY}ops`]],
    ['a service-linked role', 'role', `${ROLE}/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`, []],
    [
      'a policy of AWS',
      'policy',
      'arn:aws:iam::aws:policy/AdministratorAccess',
      [`arn:aws:iam::111122223333:policy/${ANY} (any)`],
    ],
    [
      'a directory of another account, which an organization shares',
      'identity-store',
      'arn:aws:identitystore::444455556666:identitystore/d-1',
      [
        `arn:aws:identitystore::111122223333:identitystore/d-${ANY} (any)`,
        'arn:aws:identitystore::444455556666:identitystore/d-1',
      ],
    ],
    [
      'a name with a colon',
      'state-machine',
      'arn:aws:states:us-east-1:111122223333:stateMachine:orders',
      [
        `arn:aws:states:${ANY}:111122223333:stateMachine:${ANY} (any)`,
        'arn:aws:states:us-east-1:111122223333:stateMachine:orders',
      ],
    ],
    [
      'an AWS document that runs no code',
      'document',
      'arn:aws:ssm:us-east-1::document/AWS-UpdateSSMAgent',
      [`arn:aws:ssm:${ANY}:111122223333:document/${ANY} (any)`],
    ],
  ])('are made for %s', (_, kind, pattern, wanted) => {
    expect(named(kind, pattern)).toEqual(wanted)
  })

  it('are each there once', () => {
    expect(named('role', `${ROLE}/ops`, `${ROLE}/ops`, `${ROLE}/o*`)).toEqual([`${ROLE}/ops`, `${ROLE}/o${ANY}`])
  })

  it('are made for what several patterns match together', () => {
    const app = `${ROLE}/app-*`
    expect(named('role', app, `${ROLE}/*-prod`)).toContain(`${ROLE}/app-${ANY}-prod`)
    expect(named('role', app, `${ROLE}/*-prod`, `${ROLE}/*-mid-*`)).toContain(`${ROLE}/app-${ANY}-mid-${ANY}-prod`)
    const inFrance = 'arn:aws:lambda:eu-west-3:111122223333:function'
    expect(named('function', 'arn:aws:lambda:*:*:function:orders', `${inFrance}:*`)).toContain(`${inFrance}:orders`)
  })

  it('are made of many patterns in any Region, which have nothing in common', () => {
    const patterns = Array.from({ length: 40 }, (_, at) => `arn:aws:lambda:*:111122223333:function:team${at}-*`)
    const budget = fullBudget()
    const its = samplesOf('function', patterns, HOME, budget).map(({ resource }) => resource)
    expect(its).toEqual([`${FUNCTION}:${ANY}`, ...patterns.map(pattern => pattern.replaceAll('*', ANY))])
    expect(budget.left).toBeGreaterThan(0)
  })

  it('are made of as many patterns as a role can have, in pairs', () => {
    const patterns = Array.from({ length: 150 }, (_, at) => `${ROLE}/team${at}-*`)
    const budget = fullBudget()
    const its = samplesOf('role', [...patterns, `${ROLE}/*-prod`], HOME, budget).map(({ resource }) => resource)
    for (const at of [0, 20, 149]) expect(its).toContain(`${ROLE}/team${at}-${ANY}-prod`)
    expect(budget.left).toBeGreaterThan(0)
  })

  it.each([
    // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSageMakerModelGovernanceUseAccess.html
    ['of words in any place', ['*SageMaker*', '*Sagemaker*', '*sagemaker*', '*aws-glue*']],
    ['of parts between stars', ['app-*-logs-*/*', 'app-*-data-*/*', 'app-*-dev-*/*', 'app-*-tmp-*/*']],
  ])('are complete for patterns %s, in a twentieth of the budget', (_, names) => {
    const budget = fullBudget()
    const patterns = names.map(name => `arn:aws:s3:::${name}`)
    const its = samplesOf('object', patterns, HOME, budget).map(({ resource }) => resource)
    expect(budget.left).toBeGreaterThan(fullBudget().left * 0.95)
    expect(its.some(resource => patterns.every(pattern => matchesGlob(pattern, resource)))).toBe(true)
  })

  it.each([
    ['that are too many', Array.from({ length: 3000 }, (_, at) => `${ROLE}/team${at}-*`)],
    ['that have too much in common', Array.from({ length: 12 }, (_, at) => `${ROLE}/*${at}*`)],
    ['that are too long', [`${ROLE}/${'*a'.repeat(400)}z`, `${ROLE}/${'*b'.repeat(400)}y?`]],
  ])('are incomplete for patterns %s, which is known', (_, patterns) => {
    const budget = fullBudget()
    expect(samplesOf('role', patterns, HOME, budget).length).toBeGreaterThan(patterns.length)
    expect(budget.left).toBeLessThan(0)
  })

  it('keep the pattern for texts', () => {
    expect(samplesOf('role', [`${ROLE}/ops-*`], HOME, fullBudget()).map(({ pattern }) => pattern)).toEqual([
      '*',
      `${ROLE}/ops-*`,
    ])
  })

  it('are exact if no part is invented', () => {
    expect(samplesOf('role', [`${ROLE}/ops-*`, `${ROLE}/ops`], HOME, fullBudget()).map(isExact)).toEqual([
      false,
      false,
      true,
    ])
  })
})

describe('a pattern as a glob', () => {
  it('has * for the value of a policy variable', () => {
    expect(asGlob(`${ROLE}/\${aws:username}-\${aws:PrincipalTag/team}`)).toBe(`${ROLE}/*-*`)
  })

  it.each([
    ['a variable with a default', "a${aws:username, 'x'}b", 'a*b'],
    ['a variable that is not closed', 'a${aws:username', 'a${aws:username'],
    ['one that is opened twice', 'a${b${c}d}', 'a*d}'],
    ['an empty one', '${}', '*'],
  ])('%s', (_, pattern, glob) => {
    expect(asGlob(pattern)).toBe(glob)
  })

  it('takes time that grows with the pattern', () => {
    const pattern = 'a${'.repeat(100_000)
    const startMs = cpuMs()
    expect(asGlob(pattern)).toBe(pattern)
    expect(cpuMs() - startMs).toBeLessThan(1_000)
  })
})
