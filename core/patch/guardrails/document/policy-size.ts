import { seenCaller } from '../../../iam/index.ts'
import { inlineSize } from '../../drafting/caller-policy.ts'
import type { PolicyChange } from '../../patch.ts'
import { QUOTAS } from '../../policy-size.ts'
import { mostWithTimeLimit, sizeWithTimeLimit } from '../../time-limit.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** Refuses before approval what IAM would reject: a document that is too long, with or without its end time. */
export const policySizeLimit: Guardrail = {
  id: 'policy-size',
  check: ({ patch, snapshot }) => {
    const caller = seenCaller(snapshot)
    const total = ({ target }: PolicyChange, own: number): number => {
      const isInline = target.kind.endsWith('inline-policy')
      return isInline && caller?.arn === target.arn ? inlineSize(patch.changes, caller, target, own) : own
    }
    const size = (change: PolicyChange) => total(change, sizeWithTimeLimit(change.before, change.after))
    const over = patch.changes.find(change => {
      const quota = QUOTAS[change.target.kind]
      return total(change, mostWithTimeLimit(change.after)) > quota && size(change) > quota
    })
    return over === undefined
      ? PASS
      : refuse(
          `The policies of ${over.target.name} would need ${size(over)} characters; IAM allows ${QUOTAS[over.target.kind]}.`,
          `owner of ${over.target.name}`,
        )
  },
}
