/** Permissions of a role that hide or destroy, without any path to administrator access. */
import type { Identity } from '../../iam/index.ts'
import type { Holder } from './holder.ts'
import type { Sample } from './resource-samples.ts'
import { type Harm, harms } from './table/harm.ts'

/** A harm that is possible. */
export type Reached = { readonly harm: Harm; readonly by: Identity; readonly it: Sample }

/** In the order of the table. A condition that cannot be evaluated counts as met. */
export function harmsOf(holder: Holder): readonly Reached[] {
  return harms().flatMap(harm => {
    if (!holder.allows(harm.need.action)) return []
    const it = reachable(harm, holder)
    return it === undefined ? [] : [{ harm, by: holder.identity, it }]
  })
}

function reachable({ on, need }: Harm, holder: Holder): Sample | undefined {
  const its = holder.samples(need.on[0]).filter(({ foreign }) => !foreign)
  const every = its.find(({ any, resource }) => any && holder.mayUntagged(need.action, resource))
  return every ?? (on === 'any' ? its.find(({ resource }) => holder.may(need.action, resource)) : undefined)
}
