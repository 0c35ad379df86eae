/** Why Terraform code that seems to make an entity is not edited. Null: no code seems to make it. */
import type { Target } from '../../../core/patch/index.ts'
import { plainLiteral } from '../document/literal.ts'
import { underAnotherPath } from '../entity-path.ts'
import { type Block, type Configuration, callsIn, folderCalled, sourceOf } from './configuration.ts'
import {
  addressOf,
  type Entity,
  entityNameOf,
  fullAddress,
  namedLike,
  otherPath,
  resourcesOf,
  textOf,
} from './entities.ts'
import { attributeText, elementsOf, evaluateExpression, hasTooMany, MAX_ELEMENTS } from './evaluate.ts'
import type { Instance } from './instances.ts'

export function whyNotFound(
  configuration: Configuration,
  instances: readonly Instance[],
  all: readonly Entity[],
  unsure: readonly Entity[],
  target: Target,
): string | null {
  const { name, kind } = target
  for (const entity of all) {
    const path = entityNameOf(entity) === name ? otherPath(entity, target) : null
    if (path !== null) return underAnotherPath(`${fullAddress(entity)} (${entity.block.file})`, path, target)
  }
  const textHas = (words: RegExp) => (block: Block, instance: Instance) => words.test(textOf(block, instance))
  const prefixed = resourcesOf(instances, 'aws_iam_role', textHas(/name_prefix/)).find(({ block, scope }) => {
    const prefix = attributeText(block, 'name_prefix', scope)
    return prefix !== null && prefix !== '' && name.startsWith(prefix)
  })
  const [first] = unsure
  if (first !== undefined)
    return first.repetition.index === '[?]'
      ? (tooMany(first, name) ??
          `${fullAddress(first)} (${first.block.file}) is made in a loop, and which element is ${name} depends on values that the code does not hold: add the snippet for that element`)
      : `${fullAddress(first)} (${first.block.file}) may be ${name}, but its name depends on values that the code does not hold: add the snippet where they are known`
  for (const instance of instances) {
    for (const call of callsIn(instance.module)) {
      if (folderCalled(configuration, instance.module, call) !== null) continue
      const names = [...call.attributes].some(([key, { value }]) => {
        if (key === 'source') return false
        const given = plainLiteral(evaluateExpression(call.file, value, instance.scope))
        return typeof given === 'string' && given.length >= 4 && name.includes(given)
      })
      if (names)
        return `${name} is made inside the module ${call.labels[0]} (${call.file}), which comes from ${sourceOf(configuration, call) ?? 'elsewhere'}: give the statement to an input of that module, or add the snippet beside the call`
    }
  }
  const off = switchedOff(instances, kind === 'user-inline-policy' ? 'aws_iam_user' : 'aws_iam_role', name)
  if (off !== null) return off
  if (prefixed !== undefined)
    return `${fullAddress(prefixed)} (${prefixed.block.file}) has a name_prefix, so its name is not certain: add the snippet beside it if it is the role`
  const loop = resourcesOf(
    instances,
    kind === 'user-inline-policy' ? 'aws_iam_user' : 'aws_iam_role',
    textHas(/count|for_each/),
  ).find(({ repetition }) => repetition.index === '[?]')
  if (loop !== undefined)
    return (
      tooMany(loop, name) ??
      `${fullAddress(loop)} (${loop.block.file}) is made in a loop over values that the code does not hold, so that it may make ${name}: add the snippet for that element`
    )
  return lookedUp(instances, name)
}

const tooMany = (entity: Entity, name: string): string | null =>
  hasTooMany(entity.block, entity.instance.scope)
    ? `${fullAddress(entity)} (${entity.block.file}) is made in a loop with more than ${MAX_ELEMENTS} elements, which is more than rolemedic reads, so that it may make ${name}: add the snippet for that element`
    : null

/** A block that has no element by the values that the code holds, such as a default that another file or the command line replaces. */
function switchedOff(instances: readonly Instance[], type: string, name: string): string | null {
  const isLike = namedLike(name)
  for (const instance of instances) {
    const { module, scope } = instance
    const found = module.blocks.find(
      block =>
        block.type === 'resource' &&
        block.labels[0] === type &&
        isLike(block, instance) &&
        elementsOf(block, scope)?.length === 0 &&
        attributeText(block, 'name', { ...scope, count: 0 }) === name,
    )
    if (found !== undefined)
      return `${addressOf(found)} (${found.file}) would make ${name}, but by the values here it makes none: add the snippet beside it, with its count`
  }
  return null
}

function lookedUp(instances: readonly Instance[], name: string): string | null {
  for (const { module, scope } of instances) {
    const found = module.blocks.find(
      block =>
        block.type === 'data' && block.labels[0] === 'aws_iam_role' && attributeText(block, 'name', scope) === name,
    )
    if (found !== undefined)
      return `${name} is only looked up here (${found.file}), and made elsewhere: change the code that makes it`
  }
  return null
}
