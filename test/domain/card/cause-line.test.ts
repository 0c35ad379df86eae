import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { CAUSES, type Cause, type Diagnosis, type Gap } from '../../../core/diagnosis/diagnosis.ts'
import { causeLine } from '../../../functions/domain/card/sentences/cause-line.ts'
import { DENIAL } from '../../fixtures/denial.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app-task'
const diagnosis = (cause: Cause, more: Partial<Diagnosis> = {}): Diagnosis => ({
  ...{ verdict: 'proved', cause, summary: 'The whole finding.', evidence: [], unknowns: [], gaps: [], nextSteps: [] },
  passedService: null,
  ...more,
})
const line = (cause: Cause, more: Partial<Diagnosis> = {}) =>
  asPlainText(causeLine({ denial: DENIAL, diagnosis: diagnosis(cause, more) }))
const lacking = (key: string, wanted: readonly string[], got: string): Gap => ({
  ...{ kind: 'trust-condition', role: ROLE, statement: 0, operator: 'StringEquals', key, wanted, got },
})
const SUB = 'token.actions.githubusercontent.com:sub'

describe('the cause on a card', () => {
  it.each<[Cause, string]>([
    ['identity-gap', 'No policy of deployer allows it yet.'],
    ['trust-gap', 'app-task does not let deployer in yet.'],
    ['identity-and-trust-gap', 'Neither a policy of deployer nor app-task itself allows it yet.'],
    ['self-assume', 'app-task takes its own role again, and does not let itself in.'],
    ['already-allowed', 'It was fixed meanwhile, or something that could not be read denies it.'],
  ])('is one sentence for %s', (cause, expected) => {
    expect(line(cause, { gaps: [{ kind: 'trust', role: ROLE }] })).toBe(expected)
  })

  it('is the whole finding for every other cause', () => {
    const short = ['identity-gap', 'trust-gap', 'identity-and-trust-gap', 'self-assume', 'already-allowed']
    for (const cause of CAUSES.filter(one => !short.includes(one))) expect(line(cause)).toBe('The whole finding.')
    expect(line('trust-gap')).toBe('The whole finding.')
  })

  it('does not say that no policy allows it where a condition may be unmet', () => {
    expect(line('identity-and-trust-gap')).toBe(
      'Neither a policy of deployer nor app-task itself allows the call as it was made.',
    )
  })

  it('says what could not be seen where it is likely', () => {
    const likely = { verdict: 'likely', unknowns: [{ fact: 'the session policy', why: 'x' }] } as const
    expect(line('identity-gap', likely)).toBe(
      'No policy of deployer allows it yet. Not certain: the session policy could not be seen.',
    )
    expect(line('identity-gap', { verdict: 'likely' })).toBe('No policy of deployer allows it yet. Not certain.')
  })

  it('names the service that a policy allows, and the one of this call', () => {
    const gap: Gap = {
      ...{ kind: 'identity-condition', policy: 'deploy', policyArn: null, attachedTo: ROLE, statement: 0 },
      ...{ operator: 'StringEquals', key: 'iam:PassedToService' },
      ...{ wanted: ['lambda.amazonaws.com'], got: 'ecs-tasks.amazonaws.com' },
    }
    expect(line('identity-condition', { gaps: [gap] })).toBe(
      'A policy of deployer allows it, only for Lambda functions; this was for ECS tasks.',
    )
    const passedService: Diagnosis['passedService'] = {
      services: ['ecs-tasks.amazonaws.com'],
      evidence: 'published',
      mayBeAbsent: false,
      disputed: [],
    }
    expect(line('identity-condition', { passedService })).toBe(
      'A policy of deployer allows it for another service; this was for ECS tasks.',
    )
  })

  it.each([
    ['repo:acme/orders:ref:refs/heads/main', 'branch main of acme/orders'],
    ['repo:acme/orders:environment:prod', 'environment prod of acme/orders'],
    ['repo:acme/orders:pull_request', 'pull requests of acme/orders'],
    ['repo:acme/orders:*', 'everything of acme/orders'],
    ['system:serviceaccount:shop:orders', 'service account orders in namespace shop'],
    ['system:serviceaccount:shop:*', 'everything in namespace shop'],
  ])('says the subject %s in words', (subject, words) => {
    const gaps = [lacking(SUB, ['repo:acme/billing:ref:refs/heads/main'], subject)]
    expect(line('trust-condition', { gaps })).toBe(
      `app-task lets callers in, only for branch main of acme/billing; this was ${words}.`,
    )
  })

  it('is about the first gap that is not in the trust of a service', () => {
    const service: Gap = { kind: 'service-trust', role: ROLE, service: 'ecs-tasks.amazonaws.com' }
    expect(line('trust-condition', { gaps: [service, lacking('aws:PrincipalTag/team', ['shop'], 'web')] })).toBe(
      'app-task lets callers in, only where aws:PrincipalTag/team is shop; this was web.',
    )
    expect(line('trust-gap', { gaps: [service] })).toBe('The whole finding.')
  })

  it('names services by their principals where their names are the same', () => {
    const gaps = [lacking('iam:PassedToService', ['ecs-tasks.amazonaws.com.cn'], 'ecs-tasks.amazonaws.com')]
    expect(line('trust-condition', { gaps })).toBe(
      'app-task lets callers in, only for ecs-tasks.amazonaws.com.cn; this was for ecs-tasks.amazonaws.com.',
    )
  })

  it('names both of two values, and a value that is no ARN whole', () => {
    expect(
      line('trust-condition', { gaps: [lacking('aws:PrincipalTag/team', ['shop/orders', 'web'], 'ci/all')] }),
    ).toBe('app-task lets callers in, only where aws:PrincipalTag/team is shop/orders or web; this was ci/all.')
  })

  it('names any other key with its values, two at most', () => {
    const gaps = [lacking('aws:PrincipalArn', [ROLE, 'arn:aws:iam::111122223333:role/b', 'arn:c'], 'x')]
    expect(line('trust-condition', { gaps })).toBe(
      'app-task lets callers in, only where aws:PrincipalArn is app-task or b or others; this was x.',
    )
  })
})
