import type { ActionDescriptor } from './action.ts'
import { sessionKeys } from './session-keys.ts'

/**
 * The caller has a token and no AWS identity; the event often says only "An unknown error occurred".
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export const assumeRoleWithWebIdentity = {
  name: 'sts:AssumeRoleWithWebIdentity',
  caller: 'web-identity',
  record: {
    rules: ['assume-role', 'assume-role-elsewhere'],
    operations: ['AssumeRoleWithWebIdentity'],
    namedBy: 'operation',
  },
  message: { fixed: [] },
  authorization: { sides: 'trust', resourceControlPolicies: true, refusals: [] },
  target: { types: ['role'], mustExist: true, namedIn: 'role-arn' },
  passesRoles: false,
  serviceKey: null,
  contextOf: sessionKeys,
  draft: { kind: 'claim' },
  alsoMeant: [],
  addsToSession: null,
  wording: {
    verb: 'assume',
    root: 'root can never assume a role',
    reservedRole: 'assumed by other principals',
    besidesPolicies: null,
  },
} as const satisfies ActionDescriptor
