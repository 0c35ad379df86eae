import type { ActionDescriptor } from './action.ts'
import { sessionKeys } from './session-keys.ts'

/**
 * Trusted identity propagation: needed in addition to `sts:AssumeRole`, on both sides, when the call carries the identity of an IAM
 * Identity Center user. Console sessions need it on themselves (`arn:aws:sts::<account>:self`) instead of a role.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/trustedidentitypropagation-identity-enhanced-iam-role-sessions.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_sts-setcontext.html
 */
export const setContext = {
  name: 'sts:SetContext',
  caller: 'principal',
  record: { rules: ['assume-role', 'assume-role-elsewhere'], operations: ['AssumeRole'], namedBy: 'message' },
  message: { fixed: [] },
  authorization: {
    sides: 'both',
    resourceControlPolicies: true,
    refusals: ['root-cannot-assume', 'federated-user-cannot-assume'],
  },
  target: { types: ['role', 'self-session'], mustExist: true, namedIn: 'role-arn' },
  passesRoles: false,
  serviceKey: null,
  contextOf: sessionKeys,
  // No denied record shows its own keys, `sts:RequestContext/…` and `sts:RequestContextProviders`.
  draft: { kind: 'session', narrowedBy: null },
  alsoMeant: [],
  addsToSession: null,
  wording: {
    verb: 'pass an identity on to',
    root: 'root can never assume a role',
    reservedRole: 'assumed by other principals',
    besidesPolicies: null,
  },
} as const satisfies ActionDescriptor
