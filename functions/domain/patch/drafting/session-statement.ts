/** `sts:AssumeRole`, `sts:TagSession` and `sts:SetSourceIdentity`: the same action and limits stand on both sides. */

import { never, ok, type Refusal, type Result } from '../../base/result.ts'
import { contextFact } from '../../iam/conditions/context.ts'
import type { ConditionBlock } from '../../iam/policy/policy-document.ts'
import { type Drafting, refuse } from './draft-context.ts'
import { isExactClaim, isTagKey } from './exact-names.ts'

export type SessionGrant = { readonly Action: string; readonly Condition?: ConditionBlock }

/** The denied action with whatever narrows it to what was seen. */
export function sessionGrant({ denial }: Pick<Drafting, 'denial'>): Result<SessionGrant, Refusal> {
  const { action, context } = denial
  switch (action) {
    case 'sts:AssumeRole':
      return ok({ Action: action })
    case 'sts:TagSession': {
      const keys = contextFact(context, 'aws:TagKeys')
      if (keys.state !== 'present' || keys.values.length === 0) return ok({ Action: action })
      if (!keys.values.every(isTagKey))
        return refuse('unreadable-tag', 'A session tag has a key that IAM does not allow.')
      return ok({ Action: action, Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': keys.values } } })
    }
    case 'sts:SetSourceIdentity': {
      const identity = contextFact(context, 'sts:SourceIdentity')
      const [value] = identity.state === 'present' ? identity.values : []
      if (value === undefined) return ok({ Action: action })
      if (!isExactClaim(value))
        return refuse('unreadable-tag', 'The source identity has characters that IAM does not allow.')
      return ok({ Action: action, Condition: { StringEquals: { 'sts:SourceIdentity': value } } })
    }
    case 'iam:PassRole':
    case 'iam:CreateServiceLinkedRole':
    case 'sts:AssumeRoleWithWebIdentity':
    case 'sts:AssumeRoleWithSAML':
      return refuse('no-such-grant', `${action} is not granted by a statement of this kind.`)
    default:
      return never(action)
  }
}
