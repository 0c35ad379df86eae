import type { ActionDescriptor } from './action.ts'
import { sessionKeys } from './session-keys.ts'

/**
 * The caller has an assertion and no AWS identity.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
 */
export const assumeRoleWithSaml = {
  name: 'sts:AssumeRoleWithSAML',
  caller: 'saml',
  record: { rules: ['assume-role', 'assume-role-elsewhere'], operations: ['AssumeRoleWithSAML'], namedBy: 'operation' },
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
