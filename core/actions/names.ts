/**
 * Names of actions as data, for code that loads no descriptor: what a document of rolemedic may allow. The descriptors
 * have the same (`test/core/actions/names.test.ts`).
 */

/** In a policy of the caller: the actions that can be denied, and what their calls need beside them. */
export const GRANTED_TO_CALLERS: readonly string[] = [
  'iam:PassRole',
  'iam:GetRole',
  'iam:CreateServiceLinkedRole',
  'sts:AssumeRole',
  'sts:TagSession',
  'sts:SetSourceIdentity',
  'sts:SetContext',
]

/** In the trust policy of a role. */
export const GRANTED_BY_TRUST: readonly string[] = GRANTED_TO_CALLERS.filter(name => name.startsWith('sts:'))

/** Condition keys that only requests for these actions carry: a value more opens nothing else, whatever the statement allows. */
export const KEYS_OF_THESE_ACTIONS: readonly string[] = [
  'iam:PassedToService',
  'iam:AssociatedResourceArn',
  'sts:ExternalId',
  'sts:RoleSessionName',
  'sts:SourceIdentity',
  'sts:TransitiveTagKeys',
]
