import { OLDEST_DENIAL_MS } from '../../../denial/index.ts'
import { type Guardrail, PASS, refuse, warn } from '../guardrail.ts'

const HOUR_MS = 3_600_000
/** Tolerance for the clocks of AWS services. */
const SKEW_MS = 5 * 60_000

/** An old denial may no longer matter. For a person who asks about one, this is a warning instead of a refusal. */
export const denialAge: Guardrail = {
  id: 'denial-age',
  check: ({ denial, nowMs, asked }) => {
    if (denial.timeMs === null) return asked ? PASS : refuse('The denial has no readable time, so its age is unknown.')
    const ageMs = nowMs - denial.timeMs
    if (ageMs < -SKEW_MS) return warn('The time of the denial is in the future.', 'elevated')
    if (ageMs <= OLDEST_DENIAL_MS) return PASS
    const detail = `The denial is more than ${Math.floor(ageMs / HOUR_MS)} h old; rolemedic does not act on denials older than ${OLDEST_DENIAL_MS / HOUR_MS} h.`
    return asked ? warn(detail) : refuse(detail)
  },
}
