import type { ActionDescriptor } from './action.ts'

/**
 * Not an API operation: the call that gives a role to a service needs it, and the denial is an event of that call.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
export const passRole = {
  name: 'iam:PassRole',
  caller: 'principal',
  record: { rules: ['by-message', 'ec2-encoded'], operations: [], namedBy: 'message' },
  message: { fixed: [{ text: /cross-account pass role is not allowed/i, reason: 'cross-account-pass-role' }] },
  // The trust policy of the passed role takes no part in the decision.
  authorization: {
    sides: 'identity',
    resourceControlPolicies: false,
    refusals: ['reserved-role', 'cross-account-pass-role'],
  },
  target: { types: ['role'], mustExist: true, namedIn: 'passed-roles' },
  passesRoles: true,
  serviceKey: 'iam:PassedToService',
  contextOf: () => ({}),
  draft: { kind: 'pass-role' },
  // Consoles and CloudFormation read a role before they pass it.
  alsoMeant: ['iam:GetRole'],
  addsToSession: null,
  wording: { verb: 'pass', root: 'no policy can be given to root', reservedRole: 'passed', besidesPolicies: null },
} as const satisfies ActionDescriptor
