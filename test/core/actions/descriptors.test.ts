/**
 * What AWS's pages say of each action, as a table. Resource types and sides:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 */
import { describe, expect, it } from 'vitest'
import { ACTIONS, type DeniedAction, descriptorOf } from '../../../core/actions/actions.ts'

const STS = ['assume-role', 'assume-role-elsewhere']
type Row = readonly [
  name: DeniedAction,
  rules: readonly string[],
  operations: readonly string[],
  namedBy: 'message' | 'operation',
  types: readonly string[],
  namedIn: string,
  sides: string,
  resourceControlPolicies: boolean,
]
const ROWS: readonly Row[] = [
  ['iam:PassRole', ['by-message', 'ec2-encoded'], [], 'message', ['role'], 'passed-roles', 'identity', false],
  [
    'iam:CreateServiceLinkedRole',
    ['by-message', 'assume-role'],
    ['CreateServiceLinkedRole'],
    ...(['message', ['role'], 'message-only', 'identity', false] as const),
  ],
  ['sts:AssumeRole', STS, ['AssumeRole'], 'message', ['role'], 'role-arn', 'trust-or-both', true],
  ['sts:TagSession', STS, ['AssumeRole'], 'message', ['role'], 'role-arn', 'both', true],
  ['sts:SetSourceIdentity', STS, ['AssumeRole'], 'message', ['role'], 'role-arn', 'both', true],
  ['sts:SetContext', STS, ['AssumeRole'], 'message', ['role', 'self-session'], 'role-arn', 'both', true],
  [
    'sts:AssumeRoleWithWebIdentity',
    STS,
    ['AssumeRoleWithWebIdentity'],
    ...(['operation', ['role'], 'role-arn', 'trust', true] as const),
  ],
  [
    'sts:AssumeRoleWithSAML',
    STS,
    ['AssumeRoleWithSAML'],
    ...(['operation', ['role'], 'role-arn', 'trust', true] as const),
  ],
  [
    'sts:AssumeRoot',
    ['assume-role'],
    ['AssumeRoot'],
    ...(['message', ['root-user'], 'message-only', 'identity', true] as const),
  ],
]

describe('the descriptor of an action', () => {
  it.each(ROWS)('of %s says where it comes from, what it names and who decides', (name, ...row) => {
    const { record, target, authorization } = descriptorOf(name)
    expect([
      record.rules,
      record.operations,
      record.namedBy,
      target.types,
      target.namedIn,
      authorization.sides,
      authorization.resourceControlPolicies,
    ]).toEqual(row)
  })

  it('wants a target that exists, unless the call creates it', () => {
    const creating = ACTIONS.filter(({ target }) => !target.mustExist).map(({ name }) => name)
    expect(creating).toEqual(['iam:CreateServiceLinkedRole'])
  })

  it('is in the table for every action', () => {
    expect(ACTIONS.map(({ name }) => name).toSorted()).toEqual(ROWS.map(([name]) => name).toSorted())
  })

  const keysOf = (name: DeniedAction, eventSource: string, resource: string | null) =>
    descriptorOf(name).contextOf({ eventSource, resource, parameter: asked => `<${asked}>` })

  it('knows the condition keys that the call shows', () => {
    expect(keysOf('sts:AssumeRole', 'sts.amazonaws.com', null)).toEqual({
      'sts:RoleSessionName': '<roleSessionName>',
      'sts:ExternalId': '<externalId>',
      'sts:SourceIdentity': '<sourceIdentity>',
    })
    expect(keysOf('sts:AssumeRole', 'example.amazonaws.com', null)).toEqual({})
    expect(keysOf('iam:PassRole', 'ecs.amazonaws.com', null)).toEqual({})
    expect(keysOf('sts:AssumeRoot', 'sts.amazonaws.com', null)).toEqual({ 'sts:TaskPolicyArn': '<taskPolicyArn.arn>' })
    const linked = 'arn:aws:iam::111122223333:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForX'
    expect(keysOf('iam:CreateServiceLinkedRole', 'iam.amazonaws.com', linked)).toEqual({
      'iam:AWSServiceName': 'es.amazonaws.com',
    })
    expect(keysOf('iam:CreateServiceLinkedRole', 'iam.amazonaws.com', null)).toEqual({
      'iam:AWSServiceName': '<aWSServiceName>',
    })
  })
})
