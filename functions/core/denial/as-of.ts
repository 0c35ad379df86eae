/** The time of a request that is made now: policies with an end or a beginning are read as they stand, not as they stood. */
import { type ContextFacts, present } from '../policy/context.ts'

export function timeOf(nowMs: number): ContextFacts {
  return {
    'aws:currenttime': present(new Date(nowMs).toISOString()),
    'aws:epochtime': present(String(Math.floor(nowMs / 1000))),
  }
}
