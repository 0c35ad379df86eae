import { OLDEST_DENIAL_MS } from '../../../denial/denial-age.ts'
import { type Guardrail, PASS, refuse, warn } from '../guardrail.ts'

const HOUR_MS = 3_600_000
/** Clocks of AWS services differ a little. */
const SKEW_MS = 5 * 60_000

/** What was denied long ago may not be wanted any more. A person who asks about it is only told. */
export const denialAge: Guardrail = {
  id: 'denial-age',
  check: ({ denial, nowMs, asked }) => {
    if (denial.timeMs === null)
      return asked ? PASS : refuse('The denial carries no time that can be read, so that its age is not known.')
    const ageMs = nowMs - denial.timeMs
    if (ageMs < -SKEW_MS) return warn('The denial carries a time in the future.', 'elevated')
    if (ageMs <= OLDEST_DENIAL_MS) return PASS
    const detail = `The denial is more than ${Math.floor(ageMs / HOUR_MS)} h old; the bot acts on none older than ${OLDEST_DENIAL_MS / HOUR_MS} h.`
    return asked ? warn(detail) : refuse(detail)
  },
}
