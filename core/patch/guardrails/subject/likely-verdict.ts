import { never } from '../../../base/index.ts'
import { isOffered } from '../../../diagnosis/index.ts'
import { type Guardrail, PASS, refuse, warn } from '../guardrail.ts'

/** One approver is enough only for a proved cause. A guessed service, or a likely cause where the configuration permits it, needs two. */
export const likelyVerdict: Guardrail = {
  id: 'likely-verdict',
  check: ({ diagnosis, config }) => {
    switch (diagnosis.verdict) {
      case 'proved':
        return PASS
      case 'likely': {
        const unseen = diagnosis.unknowns[0]?.fact ?? 'a decisive fact'
        return isOffered(diagnosis, config.patchLikely)
          ? warn(`The cause is likely, not proved: ${unseen} could not be seen.`, 'elevated')
          : refuse(`The cause is likely, not proved: ${unseen} could not be seen.`)
      }
      case 'not-ours':
      case 'not-enough-evidence':
        return refuse('A grant cannot fix this cause.')
      default:
        return never(diagnosis.verdict)
    }
  },
}
