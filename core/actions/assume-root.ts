import type { ActionDescriptor } from './action.ts'

/**
 * Root in a member account, for one task policy and at most 15 minutes. The bot explains its denials and never grants it.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
 */
export const assumeRoot = {
  name: 'sts:AssumeRoot',
  caller: 'principal',
  record: { rules: ['assume-role'], operations: ['AssumeRoot'], namedBy: 'message' },
  message: { fixed: [] },
  // An account's root user has no trust policy.
  authorization: {
    sides: 'identity',
    resourceControlPolicies: true,
    refusals: ['root-cannot-assume', 'federated-user-cannot-assume'],
  },
  target: { types: ['root-user'], mustExist: true, namedIn: 'message-only' },
  passesRoles: false,
  serviceKey: null,
  contextOf: ({ parameter }) => ({ 'sts:TaskPolicyArn': parameter('taskPolicyArn.arn') }),
  draft: {
    kind: 'nothing',
    refusal: {
      code: 'root-access',
      message:
        'sts:AssumeRoot gives root access to a member account: rolemedic explains its denials and never grants it.',
      owner: 'the administrators of the organization’s management account',
    },
  },
  alsoMeant: [],
  addsToSession: null,
  wording: {
    verb: 'get root access to',
    root: 'root credentials cannot call sts:AssumeRoot',
    reservedRole: null,
    besidesPolicies:
      'Besides policies, sts:AssumeRoot needs centralized root access turned on, a caller in the management account or in the delegated administrator account for IAM, a target account of the same organization, and a Regional STS endpoint.',
  },
} as const satisfies ActionDescriptor
