import type { ActionDescriptor } from './action.ts'
import { sessionKeys } from './session-keys.ts'

/**
 * Needed in addition to the operation that starts the session, on both sides, when the call sends session tags.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
 */
export const tagSession = {
  name: 'sts:TagSession',
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
    narrowedBy: { operator: 'ForAllValues:StringEquals', key: 'aws:TagKeys', values: 'tag-keys' },
  },
  alsoMeant: [],
  addsToSession: {
    what: 'session tags',
    leaveOut: {
      'github-action': 'role-skip-session-tagging: true in the with: of configure-aws-credentials',
      'aws-vault': 'remove session_tags and transitive_session_tags from the profile in ~/.aws/config',
      terraform: 'remove tags and transitive_tag_keys from assume_role',
      pulumi: 'remove tags from aws:assumeRole',
      otherwise:
        'start the session without tags (configure-aws-credentials on GitHub: role-skip-session-tagging: true; EKS Pod Identity: disableSessionTags of the association)',
    },
  },
  wording: {
    verb: 'tag a session of',
    root: 'root can never assume a role',
    reservedRole: 'assumed by other principals',
    besidesPolicies: null,
  },
} as const satisfies ActionDescriptor
