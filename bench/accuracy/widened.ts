/** Changes that open too much, made from the labelled ones: the oracle has to notice every one of them. */
import type { Statement } from '../../functions/core/policy/policy.ts'
import { denialOf } from '../../test/case-run.ts'
import type { Labelled } from './labelled.ts'
import { type Offer, offersOf } from './offer.ts'
import { opened } from './oracle.ts'
import { probesFor } from './probes.ts'

type Widening = (statement: Statement) => Statement

const WIDENINGS: readonly Widening[] = [
  ({ Condition: _, ...rest }) => rest,
  statement => ({ ...statement, Action: '*' }),
  statement => (statement.Resource === undefined ? statement : { ...statement, Resource: '*' }),
  statement =>
    statement.Principal === undefined || isPinned(statement) ? statement : { ...statement, Principal: '*' },
]

/** Whoever may be the principal: the condition lets in the same ones as before. */
const isPinned = ({ Condition }: Statement): boolean => /"aws:PrincipalArn"/i.test(JSON.stringify(Condition ?? {}))

export function widenedNoticed(all: readonly Labelled[]): { readonly made: number; readonly noticed: number } {
  let made = 0
  let noticed = 0
  for (const { input, label } of all) {
    const right = offersOf(label.changes)
    for (const wide of widened(right)) {
      const probes = probesFor(denialOf(input), [...wide, ...right])
      const theirs = opened(right, probes)
      made += 1
      if ([...opened(wide, probes)].some(probe => !theirs.has(probe))) noticed += 1
    }
  }
  return { made, noticed }
}

/** One statement of one change at a time; what a widening leaves as it was is none. */
function widened(right: readonly Offer[]): readonly (readonly Offer[])[] {
  return WIDENINGS.flatMap(widen =>
    right.flatMap((offer, at) =>
      offer.after.Statement.flatMap((statement, index) => {
        if (statement.Effect !== 'Allow') return []
        const wider = widen(statement)
        if (JSON.stringify(wider) === JSON.stringify(statement)) return []
        const Statement = offer.after.Statement.with(index, wider)
        return [right.with(at, { ...offer, after: { ...offer.after, Statement } })]
      }),
    ),
  )
}
