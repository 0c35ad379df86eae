/** Statements for actions that start a session: both sides get the same action and conditions. */

import { descriptorOf } from '../../actions/index.ts'
import { never, ok, type Refusal, type Result } from '../../base/index.ts'
import { type ConditionBlock, contextFact } from '../../iam/index.ts'
import { type DraftContext, refuseDraft } from './draft-context.ts'
import { isExactClaim, isTagKey } from './exact-names.ts'

export type SessionGrant = { readonly Action: string; readonly Condition?: ConditionBlock }

/** The denied action, limited to the session tags or the source identity that the denial shows. */
export function sessionGrant({ denial }: Pick<DraftContext, 'denial'>): Result<SessionGrant, Refusal> {
  const { action, context } = denial
  const { draft } = descriptorOf(action)
  switch (draft.kind) {
    case 'session': {
      const { narrowedBy } = draft
      const fact = narrowedBy === null ? null : contextFact(context, narrowedBy.key)
      if (narrowedBy === null || fact?.state !== 'present' || fact.values.length === 0) return ok({ Action: action })
      const { operator, key, values } = narrowedBy
      if (!fact.values.every(values === 'tag-keys' ? isTagKey : isExactClaim))
        return refuseDraft('unreadable-tag', `A value of ${key} has characters that IAM does not allow.`)
      const wanted = values === 'tag-keys' ? fact.values : (fact.values[0] ?? '')
      return ok({ Action: action, Condition: { [operator]: { [key]: wanted } } })
    }
    case 'pass-role':
    case 'service-linked-role':
    case 'claim':
    case 'nothing':
      return refuseDraft('no-such-grant', `A session statement cannot grant ${action}.`)
    default:
      return never(draft)
  }
}
