import { describe, expect, it } from 'vitest'
import { found, known, unknown, unreadable } from '../../../core/base/fact.ts'
import type { Denial, PassedService, ServiceValue } from '../../../core/denial/denial.ts'
import {
  isSameService,
  possibleServices,
  resolveService,
  ruledOutFor,
  servicesToTry,
  shownService,
  trustedBy,
} from '../../../core/diagnosis/resolve-service.ts'
import { guessedService, sourcesDisagree } from '../../../core/diagnosis/rules/identity-side.ts'
import { ABSENT_KEY, present, unknownKey } from '../../../core/iam/conditions/context.ts'
import type { TargetRole } from '../../../core/iam/evaluation/access-snapshot.ts'
import { DENIAL } from '../../fixtures/denial.ts'
import { AWS_DENIED, contextOf } from '../../fixtures/diagnosis.ts'
import { document, role } from '../../fixtures/evaluation.ts'
import { sent } from '../../fixtures/passed-service.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app-task'
const ECS = 'ecs-tasks.amazonaws.com'
const EC2 = 'ec2.amazonaws.com'
const LAMBDA = 'lambda.amazonaws.com'
const KEY = 'iam:passedtoservice'

const value = (service: string, evidence: ServiceValue['evidence'], source: string | null = null): ServiceValue => ({
  ...{ service, evidence, source },
})
const passing = (service: Partial<PassedService> | null, more: Partial<Denial> = {}): Denial => ({
  ...DENIAL,
  passes: service === null ? [] : [{ arn: ROLE, parameter: 'taskRoleArn', service: { ...sent(ECS), ...service } }],
  ...more,
})
const trusts = (...services: string[]): TargetRole => trustsAll(services)
const trustsAll = (services: string[]): TargetRole => {
  const trust = document(
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: services } },
    { Effect: 'Deny', Action: 'sts:AssumeRole', Principal: { Service: 'denied.amazonaws.com' } },
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: ROLE } },
  )
  return { arn: ROLE, role: found(role(ROLE, trust)), near: unknown('not asked') }
}
const resolved = (denial: Denial, target: TargetRole | null = null) => resolveService(denial, ROLE, target)

describe('the services that a role trusts', () => {
  it('are those of its allows, if it was read', () => {
    expect(trustedBy(trusts(ECS, EC2))).toEqual([ECS, EC2])
    expect(trustedBy(null)).toEqual([])
    expect(trustedBy({ ...trusts(ECS), role: unreadable('x') })).toEqual([])
    expect(trustedBy({ ...trusts(ECS), role: found(role(ROLE, document(), { trust: unknown('x') })) })).toEqual([])
    expect(trustedBy({ ...trusts(ECS), role: found(role(ROLE, document(), { trust: known(document()) })) })).toEqual([])
  })

  it('are all read, however many a file names', () => {
    const many = Array.from({ length: 200_000 }, (_, at) => `s${at}.amazonaws.com`)
    expect(trustedBy(trustsAll(many)).length).toBe(many.length)
  })

  it('have one name with and without the suffix of China', () => {
    expect(isSameService('ec2.amazonaws.com.cn', EC2)).toBe(true)
    expect(isSameService(EC2, 'ec2.amazonaws.com.cn')).toBe(true)
    expect(isSameService(EC2, ECS)).toBe(false)
    const inRegions = ['states.eu-west-1', 'states.us-gov-west-1', 'states.eusc-de-east-1', 'states.us-iso-east-1']
    for (const name of inRegions)
      expect(isSameService(`${name}.amazonaws.com`, 'states.amazonaws.com'), name).toBe(true)
    expect(isSameService('states.cn-north-1.amazonaws.com.cn', 'states.amazonaws.com')).toBe(true)
    expect(isSameService('pods.eks.amazonaws.com', 'pods.amazonaws.com')).toBe(false)
    expect(isSameService('ops.apigateway.amazonaws.com', 'apigateway.amazonaws.com')).toBe(false)
    expect(isSameService('s3.data-source.lustre.fsx.amazonaws.com', 's3.amazonaws.com')).toBe(false)
  })
})

describe('the service that AWS shows', () => {
  it('is the value, none, or not shown', () => {
    expect(shownService(passing({}, { context: { [KEY]: present(ECS) } }))).toBe(ECS)
    expect(shownService(passing({}, { context: { [KEY]: present() } }))).toBeNull()
    expect(shownService(passing({}, { context: { [KEY]: ABSENT_KEY } }))).toBeNull()
    expect(shownService(passing({}, { context: { [KEY]: unknownKey('x') } }))).toBeUndefined()
    expect(shownService(DENIAL)).toBeUndefined()
  })

  it('comes from AWS’s own evaluation first', () => {
    const awsEvaluation = { ...AWS_DENIED, context: { [KEY]: present(EC2) } }
    expect(shownService(passing({}, { awsEvaluation, context: { [KEY]: present(ECS) } }))).toBe(EC2)
  })

  it('decides, and what AWS publishes else is disputed', () => {
    const values = [value(ECS, 'published'), value(EC2, 'managed-policy'), value(LAMBDA, 'trust')]
    expect(resolved(passing({ values }, { context: { [KEY]: present(ECS) } }))).toEqual({
      ...{ services: [ECS], evidence: 'decoded', mayBeAbsent: false, disputed: [value(EC2, 'managed-policy')] },
    })
    expect(resolved(passing(null, { context: { [KEY]: present(ECS) } }))?.disputed).toEqual([])
  })

  it('may be none: then the usual one applies where the key is optional', () => {
    expect(resolved(passing({}, { context: { [KEY]: ABSENT_KEY } }))).toMatchObject({
      ...{ services: [ECS], evidence: 'decoded', mayBeAbsent: true },
    })
    expect(possibleServices(passing({}, { context: { [KEY]: ABSENT_KEY } }), ROLE, null)).toEqual([null])
  })
})

describe('the service that a call sends', () => {
  it('is what AWS publishes, narrowed to whom the role trusts', () => {
    const values = [value(ECS, 'published'), value(EC2, 'published')]
    expect(resolved(passing({ values }))?.services).toEqual([ECS, EC2])
    expect(resolved(passing({ values }), trusts(EC2))?.services).toEqual([EC2])
    expect(resolved(passing({ values }), trusts(LAMBDA))?.services).toEqual([ECS, EC2])
    expect(resolved(passing({ values, narrowable: false }), trusts(EC2))?.services).toEqual([ECS, EC2])
  })

  it('is a guess where only the trust policy names it', () => {
    const values = [value(ECS, 'trust')]
    expect(resolved(passing({ values }), trusts(EC2))).toMatchObject({ services: [ECS], evidence: 'trust' })
    expect(resolved(passing({ values: [] }), trusts(EC2))).toMatchObject({ services: [EC2], evidence: 'trust' })
    expect(resolved(passing({ values: [] }), trusts(EC2, ECS))).toBeNull()
    expect(resolved(passing(null), trusts(EC2))).toEqual({
      ...{ services: [EC2], evidence: 'trust', mayBeAbsent: true, disputed: [] },
    })
    expect(resolved(passing(null))).toBeNull()
  })

  it('is none for an action that passes no role', () => {
    expect(resolved(passing({}, { action: 'sts:AssumeRole' }))).toBeNull()
  })
})

describe('an ineffective grant', () => {
  const ruledOut = (...services: readonly (string | null)[]) => ({
    ruledOut: services.map(service => ({ service, policy: 'deploy', sid: null })),
  })

  it('rules out its value', () => {
    const values = [value(ECS, 'published'), value(EC2, 'published')]
    expect(resolved(passing({ values, ...ruledOut(ECS) }))?.services).toEqual([EC2])
    expect(ruledOutFor(passing(ruledOut(ECS)), ROLE)).toEqual([{ service: ECS, policy: 'deploy', sid: null }])
    expect(ruledOutFor(passing(ruledOut(ECS)), null)).toEqual([])
  })

  it('leaves what weaker evidence names', () => {
    const disputed = [value(EC2, 'managed-policy', 'P'), value(LAMBDA, 'trust')]
    expect(resolved(passing({ disputed, ...ruledOut(ECS) }))).toEqual({
      ...{ services: [EC2], evidence: 'managed-policy', mayBeAbsent: true, disputed: [] },
    })
  })

  it('leaves whom the role trusts among those that may assume it, then whom it trusts, then who may assume it', () => {
    const open = (target: TargetRole | null, ...out: readonly (string | null)[]) =>
      resolved(passing({ assumedBy: [EC2, LAMBDA], ...ruledOut(ECS, ...out) }), target)
    expect(open(trusts(LAMBDA, 'batch.amazonaws.com'))).toMatchObject({ services: [LAMBDA], evidence: 'trust' })
    expect(open(trusts('batch.amazonaws.com'))).toMatchObject({ services: ['batch.amazonaws.com'] })
    expect(open(null)).toMatchObject({ services: [EC2, LAMBDA], mayBeAbsent: true })
    expect(open(null, null)).toMatchObject({ mayBeAbsent: false })
  })

  it('of a guess leaves every other service that could be', () => {
    const values = [value(ECS, 'trust'), value(EC2, 'trust')]
    expect(resolved(passing({ values, assumedBy: [LAMBDA], ...ruledOut(ECS) }))?.services).toEqual([LAMBDA, EC2])
  })

  it('leaves no value at all where nothing else is left', () => {
    const all = passing({ assumedBy: [ECS], ...ruledOut(ECS) })
    expect(resolved(all)).toEqual({ services: [ECS], evidence: 'trust', mayBeAbsent: true, disputed: [] })
    expect(resolved(passing({ assumedBy: [ECS], ...ruledOut(null, ECS) }))).toBeNull()
  })
})

describe('the values to try', () => {
  it('are the possible ones, with none where the key is optional', () => {
    expect(possibleServices(passing(sent([ECS, EC2])), ROLE, null)).toEqual([ECS, EC2])
    expect(servicesToTry(passing(sent(ECS, 'optional')), ROLE, null)).toEqual([ECS, null])
  })

  it('are the guess and none where any is possible', () => {
    expect(possibleServices(passing(sent(ECS, 'guess')), ROLE, null)).toEqual([])
    expect(servicesToTry(passing(sent(ECS, 'guess')), ROLE, null)).toEqual([ECS, null])
    expect(servicesToTry(passing(null), ROLE, null)).toEqual([])
  })
})

describe('the words for an uncertain service', () => {
  const whyOf = (denial: Denial) => guessedService(contextOf(denial))[0]?.why

  it('tell why it is a guess', () => {
    const guess = sent(ECS, 'guess')
    expect(whyOf(passing(guess))).toBe(`AWS does not publish what this call sends: ${ECS} is a guess`)
    expect(whyOf(passing(guess, { call: { eventSource: null, eventName: null } }))).toBe(
      `the text does not say which call this was: ${ECS} is a guess`,
    )
    expect(whyOf(passing({ assumedBy: [ECS], ruledOut: [{ service: ECS, policy: 'deploy', sid: null }] }))).toBe(
      'the call does not send what was granted before: that it sends no value is a guess',
    )
    expect(whyOf(passing({}))).toBeUndefined()
  })

  it('name both sources where they disagree', () => {
    const disputed = [value(EC2, 'managed-policy', 'AmazonX'), value(LAMBDA, 'published')]
    const textOf = (more: Partial<Denial>) => sourcesDisagree(contextOf(passing({ disputed }, more)))[0]?.text
    expect(textOf({})).toBe(
      `Sources disagree on what RegisterTaskDefinition sends as iam:PassedToService: AWS’s table of this operation names ${ECS}, its policy AmazonX names ${EC2} and AWS’s table names ${LAMBDA}. The grant follows the first.`,
    )
    expect(textOf({ call: { eventSource: null, eventName: null } })).toContain('on what this call sends')
    const decoded = passing({ values: [value(EC2, 'published')] }, { context: { [KEY]: present(ECS) } })
    expect(sourcesDisagree(contextOf(decoded))[0]?.text).toContain('AWS’s own evaluation names ecs-tasks')
    expect(sourcesDisagree(contextOf(passing({})))).toEqual([])
    expect(sourcesDisagree(contextOf(passing(null)))).toEqual([])
  })
})
