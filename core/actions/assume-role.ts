import type { ActionDescriptor } from './action.ts'
import { sessionKeys } from './session-keys.ts'

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const assumeRole = {
  name: 'sts:AssumeRole',
  caller: 'principal',
  record: { rules: ['assume-role', 'assume-role-elsewhere'], operations: ['AssumeRole'], namedBy: 'message' },
  message: { fixed: [{ text: /roles may not be assumed by root accounts/i, reason: 'root-cannot-assume' }] },
  authorization: {
    sides: 'trust-or-both',
    resourceControlPolicies: true,
    refusals: ['root-cannot-assume', 'federated-user-cannot-assume'],
  },
  target: { types: ['role'], mustExist: true, namedIn: 'role-arn' },
  passesRoles: false,
  serviceKey: null,
  contextOf: sessionKeys,
  draft: { kind: 'session', narrowedBy: null },
  alsoMeant: [],
  addsToSession: null,
  wording: {
    verb: 'assume',
    root: 'root can never assume a role',
    reservedRole: 'assumed by other principals',
    besidesPolicies: null,
  },
} as const satisfies ActionDescriptor
