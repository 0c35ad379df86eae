import fc from 'fast-check'
import { OWN_POLICY } from '../../core/patch/drafting/caller-policy.ts'
import {
  ACCOUNT,
  allow,
  DEPLOYER,
  githubTrust,
  identity,
  inline,
  managed,
  passDenial,
  role,
  snapshot,
  trusting,
  webIdentityDenial,
} from '../fixtures/patches.ts'
import type { DiagnosisContext } from './generators.ts'

const RECEIVERS = ['ecs-tasks.amazonaws.com', 'ec2.amazonaws.com', 'lambda.amazonaws.com', 'glue.amazonaws.com']

/** The role is already allowed by name, by rolemedic or manually, for other services or other claims. */
export const shortList: fc.Arbitrary<DiagnosisContext> = fc.oneof(
  fc
    .record({
      name: fc.constantFrom('orders-task', 'a', 'team/Orders-Task', 'a/b/orders'),
      receivers: fc.shuffledSubarray(RECEIVERS, { minLength: 2 }),
      place: fc.constantFrom('own', 'hand', 'managed'),
      operator: fc.constantFrom('StringEquals', 'StringLike', 'StringEqualsIfExists', 'ForAnyValue:StringEquals'),
      asText: fc.boolean(),
      others: fc.subarray([allow('s3:GetObject', '*'), allow('iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/other`)]),
      end: fc.boolean(),
    })
    .map(({ name, receivers: [receiver = '', ...listed], place, operator, asText, others, end }): DiagnosisContext => {
      const arn = `arn:aws:iam::${ACCOUNT}:role/${name}`
      const values = asText && listed.length === 1 ? (listed[0] ?? '') : listed
      const limits = { [operator]: { 'iam:PassedToService': values } }
      const until = { DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } }
      const grant = {
        ...(place === 'own' ? { Sid: 'Rolemedic0a1b2c3d' } : {}),
        ...allow('iam:PassRole', arn, { Condition: end ? { ...limits, ...until } : limits }),
      }
      const held =
        place === 'managed'
          ? managed(DEPLOYER, 'passes', 1, ...others, grant)
          : inline(DEPLOYER, place === 'own' ? OWN_POLICY : 'hand', ...others, grant)
      return {
        denial: passDenial([arn], receiver),
        snapshot: snapshot(identity(DEPLOYER, [held]), [role(arn, trusting({ Service: receiver }))]),
        config: {},
        withGetRole: false,
      }
    }),
  fc
    .record({
      branches: fc.shuffledSubarray(['main', 'release', 'next', 'v2'], { minLength: 2 }),
      operator: fc.constantFrom('StringEquals', 'StringLike'),
      others: fc.subarray([trusting({ AWS: `arn:aws:iam::${ACCOUNT}:role/billing` }).Statement[0] ?? allow('', '')]),
    })
    .map(({ branches: [presented = '', ...listed], operator, others }): DiagnosisContext => {
      const arn = `arn:aws:iam::${ACCOUNT}:role/github`
      const subject = (branch: string) => `repo:octo-org/shop:ref:refs/heads/${branch}`
      const trust = githubTrust(listed.map(subject), operator)
      return {
        denial: webIdentityDenial(arn, subject(presented)),
        snapshot: snapshot(null, [role(arn, { ...trust, Statement: [...others, ...trust.Statement] })]),
        config: {},
        withGetRole: false,
      }
    }),
)
