import type { DeniedHuman } from './approval-policy.ts'

/** What a card says about deciding. */
export type Deciding = {
  readonly needed: number
  /** Why more are needed than the risk asks for; null: they are not. */
  readonly because: string | null
  readonly mayApprove: string
  /** Ids of those whose approvals count. Not in it: who is an approver no more, whose time is over, and the person who was denied. */
  readonly had: readonly string[]
  /** An approver who may not approve this one, as it is their own request; null: none. */
  readonly leftOut: string | null
  /** How many people may approve, those who have done so among them; null: it cannot be seen, or it is enough. */
  readonly tooFew: number | null
  readonly human: DeniedHuman
}

/** Where approvals can never be enough; null: they can, or it cannot be seen. */
export function tooFewInWords({ needed, tooFew }: Pick<Deciding, 'needed' | 'tooFew'>): string | null {
  if (tooFew === null) return null
  const who = tooFew === 0 ? 'Nobody may approve this' : `Only ${tooFew} of the ${needed} people needed may approve`
  return `${who}: add approvers in rolemedic.config.json.`
}
