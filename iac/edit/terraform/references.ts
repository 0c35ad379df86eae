/** Replaces the ARNs of roles of the same module by references, as code usually names them. */
import {
  addressOf,
  type Entity,
  entityNameOf,
  entityPathOf,
  fullAddress,
  providerText,
  resourcesOf,
} from './entities.ts'
import { isSwitched } from './evaluate.ts'
import type { References } from './hcl-text.ts'
import type { Instance } from './instances.ts'
import { reaches } from './references-in.ts'

/**
 * `at`: the block that will contain the references. `user`: the role that has the document. Null: nothing can refer back to the
 * block.
 */
export function referencesFor(instance: Instance, at: Entity, user: Entity | null): References {
  const found = new Map<string, string>()
  for (const role of resourcesOf([instance], 'aws_iam_role')) {
    // Where a switch is off, there is nothing to refer to.
    if (role.repetition.index === '[?]' || isSwitched(role.block, role.scope)) continue
    if (providerText(role.block, role.scope) !== providerText(at.block, at.scope)) continue
    const address = addressOf(role.block)
    // A role's own ARN is unknown while it is created, and two roles cannot depend on each other.
    if (user !== null && reaches(instance.scope.configuration, instance.module, address, addressOf(user.block)))
      continue
    const text = arnOf(role)
    if (text === null || found.has(text)) continue
    found.set(text, `${fullAddress({ ...role, instance: { ...instance, address: '' } })}.arn`)
  }
  return found
}

function arnOf(role: Entity): string | null {
  const { accountId, partition } = role.scope.account
  const [path, name] = [entityPathOf(role), entityNameOf(role)]
  return path === null || name === null ? null : `arn:${partition}:iam::${accountId}:role${path}${name}`
}
