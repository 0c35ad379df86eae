/** Adds a grant as a separate policy next to the role. */
import { fail, ok, type Result } from '../../../core/base/index.ts'
import type { PolicyChange } from '../../../core/patch/index.ts'
import { indentAt, lineEndAt, lineEndOf, type TextEdit, withLineEnd } from '../document/text-edit.ts'
import { syntaxText } from '../syntax-node.ts'
import type { Block } from './configuration.ts'
import { addressOf, type Entity, fullAddress, providerOfCall, providerText, resourcesOf } from './entities.ts'
import { attributeText, countOf, isSwitched } from './evaluate.ts'
import { alignedLines, hclString, hclText, type References } from './hcl-text.ts'
import type { Instance } from './instances.ts'
import { ignoredChange } from './policy-model.ts'
import { referencesFor } from './references.ts'

export function newPolicy(
  instances: readonly Instance[],
  change: PolicyChange,
  entity: Entity,
): Result<readonly TextEdit[], string> {
  const { target } = change
  const address = fullAddress(entity)
  if (address.includes('[?]'))
    return fail(`${address} is made in a loop, and which element it is depends on values that the code does not hold`)
  const exclusive = resourcesOf(instances, 'aws_iam_role_policies_exclusive').find(
    one => (attributeText(one.block, 'role_name', one.scope) ?? target.name) === target.name,
  )
  if (exclusive !== undefined)
    return fail(
      `${fullAddress(exclusive)} lists the only inline policies that the role may have: add one there as well`,
    )
  if (entity.block.blocks.some(({ type, labels }) => type === 'inline_policy' || labels[0] === 'inline_policy'))
    return inlineBlock(instances, change, entity)
  return besideRole(instances, change, entity)
}

/** A role with `inline_policy` blocks loses every inline policy without such a block, so the grant becomes one. */
function inlineBlock(
  instances: readonly Instance[],
  change: PolicyChange,
  entity: Entity,
): Result<readonly TextEdit[], string> {
  const { block, instance, scope } = entity
  if (entity.elements !== 1 || usesOfModule(instances, instance) !== 1)
    return fail(`${fullAddress(entity)} has inline_policy blocks, which all roles of its loop or module share`)
  const text = scope.configuration.texts.get(block.file) ?? ''
  const last = block.blocks.findLast(({ type }) => type === 'inline_policy')
  if (
    last === undefined ||
    block.blocks.some(({ type, labels }) => type === 'dynamic' && labels[0] === 'inline_policy')
  )
    return fail(`${fullAddress(entity)} makes its inline_policy blocks in a loop`)
  const indent = indentAt(text, last.node.start)
  const ignored = ignoredChange(entity, 'inline_policy')
  if (ignored !== null) return fail(`${fullAddress(entity)}: ${ignored}`)
  const references = referencesFor(instance, entity, entity)
  const lines = [
    { name: 'name', value: hclString(change.target.policyName ?? '') },
    { name: 'policy', value: documentText(change, `${indent}  `, references) },
  ]
  const written = `\n\n${indent}inline_policy {\n${alignedLines(lines, `${indent}  `)}\n${indent}}`
  return ok([insertedAfter(last, text, written)])
}

function besideRole(
  instances: readonly Instance[],
  change: PolicyChange,
  entity: Entity,
): Result<readonly TextEdit[], string> {
  const { target } = change
  const address = fullAddress(entity)
  const isUser = target.kind === 'user-inline-policy'
  let at: {
    readonly instance: Instance
    readonly block: Block
    readonly owner: string
    readonly provider: string | null
  } = {
    instance: entity.instance,
    block: entity.block,
    owner: `${addressOf(entity.block)}${entity.repetition.index}.name`,
    provider: providerText(entity.block, entity.scope),
  }
  // A module that is called several times makes several roles, so the grant goes next to the one call.
  while (usesOfModule(instances, at.instance) !== 1) {
    const { caller } = at.instance
    if (caller === null) return fail(`${address} is in a module that other code calls`)
    const { scope } = at.instance
    if (isSwitched(at.block, scope) && countOf(at.block, scope) === null)
      return fail(
        `${address} is made or not inside its module, by values that the code does not hold: add the grant by hand`,
      )
    const provider = providerOfCall(caller.call, caller.instance, at.provider)
    if (provider === undefined)
      return fail(`${caller.call.labels[0]} gives its module providers by other names: add the grant by hand`)
    const output = outputOfName(at.instance, target.name, at.owner)
    const call = `module.${caller.call.labels[0] ?? ''}${caller.repetition?.index ?? ''}`
    at = {
      instance: caller.instance,
      block: caller.call,
      owner: output === null ? hclString(target.name) : `${call}.${output}`,
      provider,
    }
  }
  const { configuration } = at.instance.scope
  const text = configuration.texts.get(at.block.file) ?? ''
  const type = isUser ? 'aws_iam_user_policy' : 'aws_iam_role_policy'
  const label = freeLabel(at.instance, type, at.block.labels.at(-1) ?? 'role')
  const references = referencesFor(at.instance, { ...entity, block: at.block, scope: at.instance.scope }, null)
  // One switch for both: where it is off, there is no role to refer to.
  const isShared = isSwitched(at.block, at.instance.scope)
  const count = isShared ? syntaxText(at.block.attributes.get('count')?.value, text) : null
  if (count?.includes('\n')) return fail(`${address} has a count of several lines: add the grant by hand`)
  const lines = [
    ...(count === null ? [] : [{ name: 'count', value: count }]),
    ...(at.provider === null ? [] : [{ name: 'provider', value: at.provider }]),
    { name: 'name', value: hclString(target.policyName ?? '') },
    { name: isUser ? 'user' : 'role', value: at.owner },
    { name: 'policy', value: documentText(change, '  ', references) },
  ]
  const written = `\n\nresource "${type}" "${label}" {\n${alignedLines(lines, '  ')}\n}`
  return ok([insertedAfter(at.block, text, written)])
}

const documentText = ({ after }: PolicyChange, indent: string, references: References): string =>
  `jsonencode(${hclText({ Version: '2012-10-17', ...after }, indent, references)})`

const usesOfModule = (instances: readonly Instance[], { module }: Instance): number =>
  instances.filter(one => one.module === module).length

/** Inserts below the last line of the block. A comment at the end of that line stays there. */
function insertedAfter(block: Block, text: string, written: string): TextEdit {
  const at = lineEndAt(text, block.node.end)
  return { file: block.file, start: at, end: at, text: withLineEnd(written, lineEndOf(text)) }
}

function freeLabel(instance: Instance, type: string, near: string): string {
  const taken = new Set(
    instance.module.blocks.filter(({ labels }) => labels[0] === type).map(({ labels }) => labels[1]),
  )
  const base = `${near}_rolemedic`
  for (let number = 1; ; number++) {
    const label = number === 1 ? base : `${base}_${number}`
    if (!taken.has(label)) return label
  }
}

/** The module's output with the role's name. `owner`: the expression for the name inside the module. */
function outputOfName(instance: Instance, name: string, owner: string): string | null {
  const { module, scope } = instance
  const outputs = module.blocks.filter(({ type }) => type === 'output')
  const referring = outputs.find(block => {
    if (attributeText(block, 'value', scope) !== name) return false
    // Of two outputs with the same name, it is not certain which one applies.
    if (outputs.filter(({ labels }) => labels[0] === block.labels[0]).length > 1) return false
    const value = syntaxText(block.attributes.get('value')?.value, scope.configuration.texts.get(block.file) ?? '')
    return value === owner || value === owner.replace(/\.name$/, '.id')
  })
  return referring?.labels[0] ?? null
}
