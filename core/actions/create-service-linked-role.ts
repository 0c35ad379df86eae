import { serviceOfLinkedRole } from '../iam/index.ts'
import type { ActionDescriptor } from './action.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-service-linked-role.html */
export const createServiceLinkedRole = {
  name: 'iam:CreateServiceLinkedRole',
  caller: 'principal',
  record: {
    rules: ['by-message', 'assume-role'],
    operations: ['CreateServiceLinkedRole'],
    namedBy: 'message',
  },
  message: { fixed: [] },
  authorization: { sides: 'identity', resourceControlPolicies: false, refusals: [] },
  target: { types: ['role'], mustExist: false, namedIn: 'message-only' },
  passesRoles: false,
  serviceKey: 'iam:AWSServiceName',
  contextOf: ({ resource, parameter }) => ({
    'iam:AWSServiceName': serviceOfLinkedRole(resource) ?? parameter('aWSServiceName'),
  }),
  draft: { kind: 'service-linked-role' },
  alsoMeant: [],
  addsToSession: null,
  wording: { verb: 'create', root: 'no policy can be given to root', reservedRole: null, besidesPolicies: null },
} as const satisfies ActionDescriptor
