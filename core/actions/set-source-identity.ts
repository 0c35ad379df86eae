import type { ActionDescriptor } from './action.ts'
import { sessionKeys } from './session-keys.ts'

/**
 * Needed in addition to the operation that starts the session, on both sides, when the call names a source identity.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 */
export const setSourceIdentity = {
  name: 'sts:SetSourceIdentity',
  caller: 'principal',
  record: { rules: ['assume-role', 'assume-role-elsewhere'], operations: ['AssumeRole'], namedBy: 'message' },
  message: { fixed: [] },
  authorization: {
    sides: 'both',
    resourceControlPolicies: true,
    refusals: ['root-cannot-assume', 'federated-user-cannot-assume'],
  },
  target: { types: ['role'], mustExist: true, namedIn: 'role-arn' },
  passesRoles: false,
  serviceKey: null,
  contextOf: sessionKeys,
  draft: {
    kind: 'session',
    narrowedBy: { operator: 'StringEquals', key: 'sts:SourceIdentity', values: 'names' },
  },
  alsoMeant: [],
  addsToSession: {
    what: 'a source identity',
    leaveOut: {
      'aws-vault': 'remove source_identity from the profile in ~/.aws/config',
      terraform: 'remove source_identity from assume_role',
      otherwise: 'start the session without SourceIdentity',
    },
  },
  wording: {
    verb: 'set a source identity for',
    root: 'root can never assume a role',
    reservedRole: 'assumed by other principals',
    besidesPolicies: null,
  },
} as const satisfies ActionDescriptor
