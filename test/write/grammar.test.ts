import { describe, expect, it } from 'vitest'
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import type { DocumentChange, Target } from '../../core/patch/target.ts'
import { outsideGrammar } from '../../functions/domain/authority/checks/grammar.ts'
import { CALLER, letIn, passRole, policy, TRUST } from './grant-asks.ts'

const SET = 'arn:aws:iam::111122223333:role/app-*'
const TASKS: Statement = {
  Effect: 'Allow',
  Principal: { Service: 'ecs-tasks.amazonaws.com' },
  Action: 'sts:AssumeRole',
}
const USER: Target = { ...CALLER, kind: 'user-inline-policy', name: 'ci', arn: 'arn:aws:iam::111122223333:user/ci' }
const MANAGED: Target = {
  ...{ kind: 'managed-policy', accountId: '111122223333', name: 'deploy', policyName: null },
  arn: 'arn:aws:iam::111122223333:policy/deploy',
}

const adds = (statement: object, target = CALLER): DocumentChange => ({
  target,
  before: null,
  after: policy(statement as Statement),
})
const trusts = (statement: object): DocumentChange => ({
  target: TRUST,
  before: policy(TASKS),
  after: policy(TASKS, { ...letIn(), ...statement } as Statement),
})
const turns = (before: object, after: object, target: Target = MANAGED): DocumentChange => ({
  target,
  before: policy(before as Statement),
  after: policy(after as Statement),
})
const at = (target: Partial<Target>): DocumentChange => ({ ...adds(passRole()), target: { ...CALLER, ...target } })
const document = (after: object, before: PolicyDocument | null = null): DocumentChange => ({
  target: before === null ? CALLER : MANAGED,
  before,
  after: after as PolicyDocument,
})

const S3: Statement = {
  ...{ Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
  Condition: { StringEquals: { 'aws:SourceVpc': ['vpc-1', 'vpc-2'] } },
}
const nameless = ({ Sid: _, ...rest }: Statement): Statement => rest
const PASS: Statement = { ...passRole(), Sid: 'Pass' }
const THEIRS: Statement = { Sid: 'Theirs', Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
const DENY: Statement = { Sid: 'Guard', Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }
const EVERYTHING: Statement = {
  ...{ Sid: 'Admin', Effect: 'Allow', Action: '*', Resource: '*' },
  Condition: { Null: { 'iam:PassedToService': 'false' } },
}

const END = { DateLessThan: { 'aws:CurrentTime': '2026-06-01T00:00:00Z' } }
const EARLIER = { DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }
const VPCS = S3.Condition?.['StringEquals'] ?? {}
const VPC = { 'aws:SourceVpc': 'vpc-1' }
/** Whom a new statement could not name. */
const PARTNER: Statement = {
  ...{ Effect: 'Allow', Principal: { AWS: '444455556666' }, Action: 'sts:AssumeRole' },
  Condition: { StringEquals: { 'sts:ExternalId': 'a' } },
}
const PARTNER_B: Statement = { ...PARTNER, Condition: { StringEquals: { 'sts:ExternalId': 'b' } } }
const inTrust = (before: readonly Statement[], after: readonly Statement[]): DocumentChange => ({
  target: TRUST,
  before: policy(...before),
  after: policy(...after),
})
const SET_OF_DEV = {
  'aws:PrincipalArn':
    'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_????????????????',
}

/** Each is one that a forged pair of signatures could ask for. */
const HOSTILE: { readonly [what: string]: readonly DocumentChange[] } = {
  'Allow * on *': [adds({ ...passRole(), Action: '*', Resource: '*' })],
  'every action of IAM': [adds({ ...passRole(), Action: 'iam:*' })],
  'every action that begins like one of ours': [adds({ ...passRole(), Action: 'iam:Pass*' })],
  'one action too many': [adds({ ...passRole(), Action: ['iam:PassRole', 'iam:AttachRolePolicy'] })],
  'an action in another case': [adds({ ...passRole(), Action: 'IAM:PASSROLE' })],
  'no action': [adds({ ...passRole(), Action: undefined })],
  NotAction: [adds({ ...passRole(), Action: undefined, NotAction: 'iam:PassRole' })],
  'NotAction beside Action': [adds({ ...passRole(), NotAction: 'iam:PassRole' })],
  NotResource: [adds({ ...passRole(), Resource: undefined, NotResource: 'arn:aws:iam::111122223333:role/x' })],
  'no resource': [adds({ ...passRole(), Resource: undefined })],
  'every resource': [adds({ ...passRole(), Resource: '*' })],
  'every role': [adds({ ...passRole(), Resource: 'arn:aws:iam::111122223333:role/*' })],
  'a set of roles that is not approved': [adds({ ...passRole(), Resource: 'arn:aws:iam::111122223333:role/web-*' })],
  'an approved set, wider': [adds({ ...passRole(), Resource: 'arn:aws:iam::111122223333:role/app*' })],
  'a ? in a role': [adds({ ...passRole(), Resource: 'arn:aws:iam::111122223333:role/app-tas?' })],
  'a role in every account': [adds({ ...passRole(), Resource: 'arn:aws:iam::*:role/app-task' })],
  'a policy variable in a path': [
    adds({ ...passRole(), Resource: 'arn:aws:iam::111122223333:role/${aws:username}/app' }),
  ],
  'a target with a wildcard in its path': [at({ arn: 'arn:aws:iam::111122223333:role/*/deployer' })],
  'a policy variable': [adds({ ...passRole(), Resource: 'arn:aws:iam::111122223333:role/${aws:username}' })],
  'a role beside a user': [adds({ ...passRole(), Resource: [TRUST.arn, USER.arn] })],
  'a bucket': [adds({ ...passRole(), Resource: 'arn:aws:s3:::secrets' })],
  'a Deny': [adds({ ...passRole(), Effect: 'Deny' })],
  'a Principal in a policy of the caller': [adds({ ...passRole(), Principal: { AWS: CALLER.arn } })],
  'no Sid': [adds({ ...passRole(), Sid: undefined })],
  'a Sid of others': [adds({ ...passRole(), Sid: 'Deploy' })],
  'a Sid that is almost ours': [adds({ ...passRole(), Sid: 'Rolemedic0a1b2c3' })],
  'a condition key in two spellings': [
    adds({ ...passRole(), Condition: { StringEquals: { 'iam:PassedToService': 'a', 'IAM:passedToService': 'b' } } }),
  ],
  'an operator in two spellings': [
    adds({
      ...passRole(),
      Condition: { StringEquals: { 'iam:PassedToService': 'a' }, stringEquals: { 'iam:PassedToService': 'b' } },
    }),
  ],
  'the principal *': [trusts({ Principal: '*' })],
  'every AWS principal': [trusts({ Principal: { AWS: '*' } })],
  'every service': [trusts({ Principal: { Service: '*' } })],
  'a service with a wildcard': [trusts({ Principal: { Service: '*.amazonaws.com' } })],
  'a service that is none': [trusts({ Principal: { Service: 'example.com' } })],
  'no principal in a trust policy': [trusts({ Principal: undefined })],
  'an empty principal': [trusts({ Principal: {} })],
  NotPrincipal: [trusts({ NotPrincipal: { AWS: CALLER.arn } })],
  'a whole account': [trusts({ Principal: { AWS: 'arn:aws:iam::111122223333:root' } })],
  'an account id': [trusts({ Principal: { AWS: '444455556666' } })],
  'every role of an account': [trusts({ Principal: { AWS: 'arn:aws:iam::444455556666:role/*' } })],
  'an account that a pattern pins to every permission set': [
    trusts({
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*' } },
    }),
  ],
  'an account that one of two patterns pins': [
    trusts({
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Condition: {
        ArnLike: {
          'aws:PrincipalArn': [
            'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_????????????????',
            '*',
          ],
        },
      },
    }),
  ],
  'a principal beside everybody': [trusts({ Principal: { AWS: [CALLER.arn, '*'] } })],
  'a Resource in a trust policy': [trusts({ Resource: '*' })],
  'every action of STS in a trust policy': [trusts({ Action: 'sts:*' })],
  'a web identity by a new statement': [
    trusts({
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: 'token.actions.githubusercontent.com' },
    }),
  ],
  'IAM in a trust policy': [trusts({ Action: 'iam:PassRole' })],
  'the Version': [document({ Version: '2008-10-17', Statement: [passRole()] })],
  'no Version': [document({ Statement: [passRole()] })],
  'another Version': [
    document({ Version: '2012-10-17', Statement: [passRole()] }, { Version: '2008-10-17', Statement: [] }),
  ],
  'an Id': [document({ ...policy(passRole()), Id: 'x' })],
  'one document twice': [adds(passRole()), adds(passRole('ffffffff'))],
  'a managed policy that is new': [{ ...adds(passRole()), target: MANAGED }],
  'a trust policy that is new': [{ target: TRUST, before: null, after: policy(letIn()) }],
  'a role of AWS': [at({ arn: 'arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/deployer' })],
  'a role of Identity Center': [at({ arn: 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/deployer' })],
  'an ARN of another role': [at({ arn: TRUST.arn })],
  'an ARN of another account': [at({ arn: 'arn:aws:iam::444455556666:role/deployer' })],
  'an account that is not that of the ARN': [at({ accountId: '444455556666' })],
  'an ARN with a wildcard': [at({ name: '*', arn: 'arn:aws:iam::111122223333:role/*' })],
  'a managed policy of AWS': [
    turns(THEIRS, THEIRS, {
      ...MANAGED,
      accountId: '111122223333',
      name: 'AdministratorAccess',
      arn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    }),
  ],
  'an inline policy without a name': [at({ policyName: null })],
  'a trust policy with the name of a policy': [{ ...trusts({}), target: { ...TRUST, policyName: 'x' } }],
  'a name of a policy with a slash': [at({ policyName: '../x' })],
  'a permission set with a slash': [at({ kind: 'permission-set-inline-policy', name: 'a/b' })],
  'a statement of others that is removed': [{ target: MANAGED, before: policy(THEIRS, PASS), after: policy(PASS) }],
  'a Deny that is removed': [{ target: MANAGED, before: policy(DENY, THEIRS), after: policy(THEIRS) }],
  'a Deny under a name of ours that is removed': [
    { target: MANAGED, before: policy({ ...DENY, Sid: 'Rolemedic0a1b2c3d' }, THEIRS), after: policy(THEIRS) },
  ],
  'a Deny whose values change': [
    turns(
      { ...DENY, Condition: { StringEquals: { 'iam:PassedToService': ['a', 'b'] } } },
      { ...DENY, Condition: { StringEquals: { 'iam:PassedToService': ['a'] } } },
    ),
  ],
  'a statement of others that is replaced': [{ target: MANAGED, before: policy(THEIRS), after: policy(passRole()) }],
  'a statement of others that gains an action': [
    turns(THEIRS, { ...THEIRS, Action: ['s3:GetObject', 's3:PutObject'] }),
  ],
  'a statement of others that loses its condition': [turns(S3, { ...S3, Condition: undefined })],
  'a value more for another action than ours': [
    turns(S3, { ...S3, Condition: { StringEquals: { 'aws:SourceVpc': ['vpc-1', 'vpc-2', 'vpc-3'] } } }),
  ],
  'a value less of an operator that shuts out': [
    turns(
      { ...S3, Condition: { StringNotEquals: { 'aws:SourceVpc': ['vpc-1', 'vpc-2'] } } },
      { ...S3, Condition: { StringNotEquals: { 'aws:SourceVpc': ['vpc-1'] } } },
    ),
  ],
  'an operator that changes': [
    turns(PASS, { ...PASS, Condition: { StringLike: PASS.Condition?.['StringEquals'] ?? {} } }),
  ],
  'two condition lists that change': [
    turns(
      { ...S3, Condition: { StringEquals: { 'aws:SourceVpc': ['a', 'b'], 'aws:SourceIp': ['c', 'd'] } } },
      { ...S3, Condition: { StringEquals: { 'aws:SourceVpc': ['a'], 'aws:SourceIp': ['c'] } } },
    ),
  ],
  'a test for the absence of a key that turns round': [
    turns(EVERYTHING, { ...EVERYTHING, Condition: { Null: { 'iam:PassedToService': 'true' } } }),
  ],
  'such a test of any value': [
    turns(
      { ...EVERYTHING, Condition: { 'ForAnyValue:Null': { 'iam:PassedToService': 'false' } } },
      { ...EVERYTHING, Condition: { 'ForAnyValue:Null': { 'iam:PassedToService': 'true' } } },
    ),
  ],
  'a later end of a statement': [
    turns(
      { ...S3, Condition: { DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } } },
      { ...S3, Condition: { DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } } },
    ),
  ],
  'an end of a statement that never applied': [
    turns(
      { ...S3, Condition: { DateLessThan: { 'aws:CurrentTime': [] } } },
      { ...S3, Condition: { DateLessThan: { 'aws:CurrentTime': '2099-01-01T00:00:00Z' } } },
    ),
  ],
  'an end that goes': [
    turns({ ...S3, Condition: { ...S3.Condition, DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } } }, S3),
  ],
  'a copy of a statement of others under a name of ours': [
    { target: MANAGED, before: policy(S3), after: policy(S3, { ...S3, Sid: 'Rolemedic0a1b2c3d' }) },
  ],
  'a copy of a statement of others without a name': [
    { target: MANAGED, before: policy(nameless(S3)), after: policy(nameless(S3), nameless(S3)) },
  ],
  'two variants of one statement of others': [
    {
      target: MANAGED,
      before: policy(nameless(S3)),
      after: policy(
        { ...nameless(S3), Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } },
        { ...nameless(S3), Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-2' } } },
      ),
    },
  ],
  'a Deny under a name of ours that becomes an Allow': [turns({ ...DENY, Sid: passRole().Sid }, passRole())],
  'a statement without a name that goes, beside another one': [
    { target: MANAGED, before: policy(nameless(S3), nameless(THEIRS)), after: policy(nameless(THEIRS)) },
  ],
  'a trust statement of others that goes, with a variant of it under a name of ours': [
    inTrust([PARTNER], [{ ...PARTNER_B, Sid: 'Rolemedic0a1b2c3d' }]),
  ],
  'a variant of a trust statement under a name of others': [inTrust([PARTNER], [PARTNER, { ...PARTNER_B, Sid: 'X' }])],
  'a value more for all actions but some': [
    turns(
      { Sid: 'Most', Effect: 'Allow', NotAction: 'iam:*', Resource: '*', Condition: { StringEquals: VPC } },
      { Sid: 'Most', Effect: 'Allow', NotAction: 'iam:*', Resource: '*', Condition: { StringEquals: VPCS } },
    ),
  ],
  'an account in another place than AWS, pinned': [
    trusts({ Principal: { Federated: 'arn:aws:iam::111122223333:root' }, Condition: { ArnLike: SET_OF_DEV } }),
  ],
  'another name for a statement of others': [turns(THEIRS, { ...THEIRS, Sid: 'Renamed' })],
}

describe('the grammar of what write can write', () => {
  it.each(Object.entries(HOSTILE))('refuses %s', (_, changes) => {
    expect(outsideGrammar(changes, [SET])).toEqual(expect.any(String))
  })

  it('is held against at least sixty hostile documents', () => {
    expect(Object.keys(HOSTILE).length).toBeGreaterThanOrEqual(60)
  })

  it.each<[string, readonly DocumentChange[], readonly string[]]>([
    ['a role action on an exact role', [adds(passRole())], []],
    ['an approved set', [adds({ ...passRole(), Resource: SET })], [SET]],
    ['an exact principal', [trusts({})], []],
    ['a service', [trusts({ Principal: { Service: 'lambda.amazonaws.com' } })], []],
    [
      'the removal of what is ours',
      [{ target: CALLER, before: policy(passRole(), THEIRS), after: policy(THEIRS) }],
      [],
    ],
    [
      'a value more of a key that only our actions carry',
      [
        turns(
          { ...THEIRS, Action: '*', Condition: { StringEquals: { 'iam:PassedToService': ['a'] } } },
          { ...THEIRS, Action: '*', Condition: { StringEquals: { 'iam:PassedToService': ['a', 'b'] } } },
        ),
      ],
      [],
    ],
    ['a user', [adds(passRole(), USER)], []],
    [
      'one permission set of an account',
      [trusts({ Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Condition: { ArnLike: SET_OF_DEV } })],
      [],
    ],
    [
      'a new statement before fewer values of another',
      [{ target: MANAGED, before: policy(S3), after: policy(passRole(), { ...S3, Condition: { StringEquals: VPC } }) }],
      [],
    ],
    [
      'a variant beside a trust statement',
      [inTrust([PARTNER], [PARTNER, { ...PARTNER_B, Sid: 'Rolemedic0a1b2c3d' }])],
      [],
    ],
    [
      'two variants beside a trust statement',
      [
        inTrust(
          [PARTNER],
          [PARTNER, { ...PARTNER, Sid: 'Rolemedic0a1b2c3d' }, { ...PARTNER_B, Sid: 'Rolemedic4e5f6071' }],
        ),
      ],
      [],
    ],
    ['an earlier end', [turns({ ...S3, Condition: END }, { ...S3, Condition: EARLIER })], []],
    [
      'fewer values with the same end',
      [
        turns(
          { ...S3, Condition: { StringEquals: VPCS, ...END } },
          { ...S3, Condition: { StringEquals: VPC, ...END } },
        ),
      ],
      [],
    ],
    [
      'a value more for our actions alone',
      [turns({ ...PASS, Condition: { StringEquals: VPC } }, { ...PASS, Condition: { StringEquals: VPCS } })],
      [],
    ],
    ['fewer values', [turns(S3, { ...S3, Condition: { StringEquals: { 'aws:SourceVpc': ['vpc-1'] } } })], []],
  ])('accepts %s', (_, changes, sets) => {
    expect(outsideGrammar(changes, sets)).toBeNull()
  })

  it('accepts no set as approved that is more than one trailing *', () => {
    for (const set of ['*', 'arn:aws:iam::*:role/*', 'arn:aws:iam::111122223333:role/a*b*'])
      expect(outsideGrammar([adds({ ...passRole(), Resource: set })], [set])).toEqual(expect.any(String))
  })
})
