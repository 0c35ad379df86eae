/** Roles of the same module by their ARN: code names them by reference. */
import { addressOf, type Entity, fullAddress, providerText, resourcesOf } from './entities.ts'
import { evaluate } from './evaluate.ts'
import type { References } from './hcl-text.ts'
import type { Instance } from './instances.ts'
import { reaches } from './references-in.ts'

/**
 * `at`: the block that will hold the references. `user`: the role whose document that is; null where nothing can refer back to
 * the block.
 */
export function referencesFor(instance: Instance, at: Entity, user: Entity | null): References {
  const found = new Map<string, string>()
  for (const role of resourcesOf([instance], 'aws_iam_role')) {
    if (role.repetition.index === '[?]' || role.name?.kind !== 'scalar') continue
    if (providerText(role.block, role.scope) !== providerText(at.block, at.scope)) continue
    const address = addressOf(role.block)
    // A role's own ARN is not known while it is made, and two roles cannot wait for each other.
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
  const path = role.block.attributes.get('path')?.value
  const known = path === undefined ? null : evaluate(role.block.file, path, role.scope)
  if (known !== null && known.kind !== 'scalar') return null
  const name = role.name?.kind === 'scalar' ? String(role.name.value) : ''
  return `arn:${partition}:iam::${accountId}:role${known === null ? '/' : String(known.value)}${name}`
}
