import { type ContextFacts, present } from '../iam/conditions/context.ts'

/** The condition keys of the time at which a request is made, or looked at again. */
export function timeOf(atMs: number): ContextFacts {
  return {
    'aws:currenttime': present(new Date(atMs).toISOString()),
    'aws:epochtime': present(String(Math.floor(atMs / 1000))),
  }
}
