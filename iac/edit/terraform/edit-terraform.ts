/** Edits Terraform code. */
import { canonicalJson, fail, ok, type Result } from '../../../core/base/index.ts'
import { parsePolicy, samePolicy } from '../../../core/iam/index.ts'
import { OWN_POLICY, type PolicyChange, type Target } from '../../../core/patch/index.ts'
import type { EntityHints, SourceFile } from '../code-change.ts'
import { isExactly, siteEdits } from '../document/document-site.ts'
import { mayBeText } from '../document/literal.ts'
import { policyDelta } from '../document/policy-delta.ts'
import { type TextEdit, withEdits } from '../document/text-edit.ts'
import type { CodeOwner, KindEdit } from '../kind-edit.ts'
import { grantedAlready } from '../present/granted-already.ts'
import type { Parsers } from '../syntax-node.ts'
import {
  type Configuration,
  EVERYWHERE,
  folderOf,
  readConfiguration,
  UnreadableBlock,
  type Whole,
} from './configuration.ts'
import { addressOf, type Entity, entityNameOf, fullAddress, isInAccount, namedLike, resourcesOf } from './entities.ts'
import { type Instance, instancesOf, rootOf } from './instances.ts'
import { newPolicy } from './new-policy.ts'
import {
  type CodePolicy,
  ignoredChange,
  type PolicyKind,
  siteOf,
  statementsOf,
  terraformPolicies,
} from './policy-model.ts'
import { referencesFor } from './references.ts'
import { terraformStatements } from './terraform-statements.ts'
import { whyNotFound } from './why-not-found.ts'

type Code = { readonly configuration: Configuration; readonly instances: readonly Instance[] }

function readCode(files: readonly SourceFile[], target: Target, parsers: Parsers, isWhole?: Whole): Code | null {
  const configuration = readConfiguration(files, parsers, isWhole)
  const partition = target.arn.split(':')[1] ?? 'aws'
  const instances = instancesOf(configuration, { accountId: target.accountId, partition })
  return instances === null ? null : { configuration, instances }
}

const KINDS: { readonly [kind in Target['kind']]: PolicyKind | null } = {
  'role-inline-policy': 'role-inline',
  'user-inline-policy': 'user-inline',
  'managed-policy': 'managed',
  'role-trust-policy': 'trust',
  'permission-set-inline-policy': null,
}

/**
 * Parses what may make the target, and as a whole the modules that do: they may not hold anything that Terraform refuses. Where a
 * block cannot be read, everything is parsed, because its file may hide another place.
 */
export function editTerraform(
  change: PolicyChange,
  files: readonly SourceFile[],
  hints: EntityHints,
  parsers: Parsers,
): KindEdit {
  const { target } = change
  return orEverywhere(isWhole => {
    const code = readCode(files, target, parsers, isWhole)
    const entity = code === null ? null : entityOf(code, target, hints)
    const folders = new Set(entity?.ok === true ? foldersOf(entity.value) : [])
    return edited(change, files, hints, parsers, isWhole ?? (folder => folders.has(folder)))
  })
}

function orEverywhere<T>(read: (isWhole: Whole | undefined) => T): T {
  try {
    return read(undefined)
  } catch (fault) {
    if (fault instanceof UnreadableBlock) return read(EVERYWHERE)
    throw fault
  }
}

/** The modules that hold the file, or a document that names it. */
function foldersWith({ modules, texts }: Configuration, file: string): readonly string[] {
  if (/\.(?:tf|tofu)$/.test(file)) return [folderOf(file)]
  const name = file.slice(file.lastIndexOf('/') + 1)
  return [...modules.values()]
    .filter(({ blocks }) => blocks.some(block => texts.get(block.file)?.slice(block.start, block.end).includes(name)))
    .map(({ folder }) => folder)
}

function foldersOf({ instance }: Entity): readonly string[] {
  const folders = [instance.module.folder]
  for (let at = instance.caller; at !== null; at = at.instance.caller) folders.push(at.instance.module.folder)
  return folders
}

function edited(
  change: PolicyChange,
  files: readonly SourceFile[],
  hints: EntityHints,
  parsers: Parsers,
  isWhole: Whole,
): KindEdit {
  const { target } = change
  const code = readCode(files, target, parsers, isWhole)
  if (code === null)
    return {
      found: true,
      result: fail('the modules call each other more often than is followed: name a folder of them'),
    }
  const kind = KINDS[target.kind]
  if (kind === null) return { found: true, result: fail('permission sets are changed by hand, for all their accounts') }
  const entity = entityOf(code, target, hints)
  if (!entity.ok) return entity.error
  const unit = files.find(({ path }) => /(?:^|\/)terragrunt\.hcl$/.test(path))
  if (unit !== undefined)
    return {
      found: true,
      result: fail(
        `Terragrunt (${unit.path}) calls modules here, and how often and with which values is not followed: add the snippet to the unit that makes ${target.name}`,
      ),
    }
  const present = grantedAlready(change, terraformStatements(code.instances, target, kind, entity.value))
  if (present !== null)
    return {
      found: true,
      result: ok({
        ...{ files, kind: 'terraform', address: fullAddress(entity.value), broken: code.configuration.broken },
        present,
      }),
    }
  const edits = editsFor(code, change, kind, entity.value)
  if (!edits.ok) return { found: true, result: edits }
  const after = withEdits(files, edits.value)
  const changed = new Set(edits.value.flatMap(({ file }) => foldersWith(code.configuration, file)))
  const wrong = inexact(code, readCode(after, target, parsers, isWhole), change, kind, changed)
  if (wrong !== null) return { found: true, result: fail(wrong) }
  return {
    found: true,
    result: ok({
      files: after,
      kind: 'terraform',
      address: fullAddress(entity.value),
      broken: code.configuration.broken,
      present: null,
    }),
  }
}

/** The resource that makes the target, or why it is not certain. Null: no code here makes it. */
export function ownerInTerraform(
  target: Target,
  files: readonly SourceFile[],
  hints: EntityHints,
  parsers: Parsers,
): Result<CodeOwner, string> | null {
  return orEverywhere(isWhole => {
    const code = readCode(files, target, parsers, isWhole)
    if (code === null) return null
    const entity = entityOf(code, target, hints)
    if (entity.ok) return ok({ kind: 'terraform', address: fullAddress(entity.value), file: entity.value.block.file })
    const { error } = entity
    return error.found && !error.result.ok ? error.result : null
  })
}

function entityOf(code: Code, target: Target, hints: EntityHints): Result<Entity, KindEdit> {
  const type =
    target.kind === 'user-inline-policy'
      ? 'aws_iam_user'
      : target.kind === 'managed-policy'
        ? 'aws_iam_policy'
        : 'aws_iam_role'
  const all = resourcesOf(code.instances, type, namedLike(target.name))
  const named = all.filter(entity => entityNameOf(entity) === target.name && isInAccount(entity, target))
  const hinted = named.filter(({ block }) => block.file === hints.file)
  const [only, ...more] = hinted.length > 0 ? hinted : named
  const unsure = all.filter(entity => mayBeText(entity.name, target.name) && isInAccount(entity, target))
  const draft = (reason: string) => fail({ found: true, result: fail(reason) } as const)
  if (more.length > 0 && only !== undefined)
    return draft(
      `${[only, ...more].map(one => `${fullAddress(one)} (${one.block.file})`).join(' and ')} all have the name ${target.name}: say which folder is meant`,
    )
  if (only === undefined) {
    const why = whyNotFound(code.configuration, code.instances, all, unsure, target)
    return fail(why === null ? { found: false, broken: code.configuration.broken } : { found: true, result: fail(why) })
  }
  const { module } = only.instance
  const sameAddress = module.blocks.filter(
    one => one.type === 'resource' && one !== only.block && addressOf(one) === addressOf(only.block),
  )
  const override = [only.block, ...sameAddress].find(({ file }) => OVERRIDE.test(file))
  if (override !== undefined && sameAddress.length > 0)
    return draft(`${override.file} overrides ${fullAddress(only)}: change the role there`)
  const near = overridesNear(only)
  if (near !== null) return draft(`${near} overrides what ${fullAddress(only)} may depend on: make the change by hand`)
  const other = unsure.filter(entity => hinted.length === 0 && entity.block !== only.block)
  if (other[0] !== undefined)
    return draft(
      `${fullAddress(other[0])} (${other[0].block.file}) may have the name ${target.name} too: its name depends on values that the code does not hold`,
    )
  return ok(only)
}

/** https://developer.hashicorp.com/terraform/language/files/override */
const OVERRIDE = /(?:^|\/|_)override\.(?:tf|tofu)$/

/** The first override file of its modules with values or policies. How Terraform merges them is not followed. */
function overridesNear({ instance }: Entity): string | null {
  for (let at: Instance | null = instance; at !== null; at = at.caller?.instance ?? null) {
    const found = at.module.blocks.find(
      ({ file, type, labels }) =>
        OVERRIDE.test(file) &&
        (['variable', 'locals', 'module', 'data'].includes(type) || /^aws_iam_.*policy/.test(labels[0] ?? '')),
    )
    if (found !== undefined) return found.file
  }
  return null
}

function editsFor(
  code: Code,
  change: PolicyChange,
  kind: PolicyKind,
  entity: Entity,
): Result<readonly TextEdit[], string> {
  const { target } = change
  const policies = terraformPolicies(code.instances, target.name)
  const existing = policies.filter(policy => isTarget(policy, target, kind))
  const [only, ...more] = existing
  if (more.length > 0) return fail(`the code has the policy ${target.policyName ?? target.name} more than once`)
  if (only !== undefined) return existingEdits(code, change, only, entity)
  if (change.before !== null && target.policyName !== OWN_POLICY)
    return fail(`the code does not hold the policy ${target.policyName} of ${target.name}`)
  const unsure = policies.find(
    policy => policy.owner === null && policy.policyName === target.policyName && refersTo(policy, entity),
  )
  if (unsure !== undefined)
    return fail(
      `${addressOf(unsure.block)} (${unsure.block.file}) may be the policy ${target.policyName} of ${target.name}: make the change there by hand`,
    )
  return newPolicy(code.instances, change, entity)
}

/** True where the owner is an expression with the role, such as `one(aws_iam_role.task[*].name)`. */
function refersTo({ block, entity: { instance } }: CodePolicy, entity: Entity): boolean {
  const owner = (block.attributes.get('role') ?? block.attributes.get('user'))?.value
  const text = instance.scope.configuration.texts.get(block.file)?.slice(owner?.start, owner?.end) ?? ''
  const words: readonly string[] = owner === undefined ? [] : (text.match(/[\w-]+(?:\.[\w-]+)?/g) ?? [])
  return instance === entity.instance && words.includes(addressOf(entity.block))
}

const isTarget = (policy: CodePolicy, target: Target, kind: PolicyKind): boolean =>
  policy.kind === kind &&
  policy.owner === target.name &&
  (target.policyName ?? null) === policy.policyName &&
  isInAccountOf(policy, target)

const isInAccountOf = ({ entity, kind }: CodePolicy, target: Target): boolean =>
  kind === 'trust' || kind === 'managed' ? isInAccount(entity, target) : true

function existingEdits(
  code: Code,
  change: PolicyChange,
  policy: CodePolicy,
  entity: Entity,
): Result<readonly TextEdit[], string> {
  const { instance, block, elements } = policy.entity
  const uses = code.instances.filter(({ module }) => module === instance.module).length
  if (elements !== 1)
    return fail(
      `${addressOf(block)} makes ${elements ?? 'several'} policies from one document in a loop: give ${change.target.name} a document of its own`,
    )
  if (uses !== 1)
    return fail(`${addressOf(block)} is in a module that is called ${uses} times: every call would get the change`)
  const attribute = policy.block === block ? policy.attribute : 'inline_policy'
  const ignored = ignoredChange(policy.entity, attribute)
  if (ignored !== null) return fail(`${addressOf(block)}: ${ignored}`)
  const delta = policyDelta(change)
  if (!delta.ok) return delta
  const references = referencesFor(instance, policy.entity, change.target.kind === 'role-trust-policy' ? entity : null)
  const site = siteOf(policy, references)
  if (!site.ok) return fail(`${addressOf(block)}: ${site.error}`)
  const edits = siteEdits(site.value, delta.value)
  return edits.ok ? edits : fail(`${addressOf(block)}: ${edits.error}`)
}

/** The policies of the root modules that reach these folders. No other policy depends on them. */
function policiesAround({ instances }: Code, folders: ReadonlySet<string>): readonly CodePolicy[] {
  const roots = new Set(instances.filter(({ module }) => folders.has(module.folder)).map(rootOf))
  return terraformPolicies(instances.filter(instance => roots.has(rootOf(instance))))
}

/** What differs from the approved change after the edit of these folders. Null: nothing. */
function inexact(
  before: Code,
  after: Code | null,
  change: PolicyChange,
  kind: PolicyKind,
  folders: ReadonlySet<string>,
): string | null {
  if (after === null || after.configuration.broken.length > before.configuration.broken.length)
    return 'the edited file is no longer Terraform'
  const was = new Map(policiesAround(before, folders).map(policy => [policy.key, policy]))
  const now = new Map(policiesAround(after, folders).map(policy => [policy.key, policy]))
  const changed = [...now.values()].filter(policy => {
    const old = was.get(policy.key)
    return old === undefined || canonicalJson(statementsOf(old)) !== canonicalJson(statementsOf(policy))
  })
  const [only, ...more] = changed
  if ([...was.keys()].some(key => !now.has(key)) || only === undefined || more.length > 0)
    return 'the edit would change another policy too'
  if (!isTarget(only, change.target, kind)) return 'the edited policy is not the one that was approved'
  const old = was.get(only.key)
  if (old === undefined) {
    const read = parsePolicy({ Version: '2012-10-17', Statement: statementsOf(only) })
    return read.ok && samePolicy(read.value, { ...change.after, Version: '2012-10-17' })
      ? null
      : 'the new policy is not what was approved'
  }
  const delta = policyDelta(change)
  return delta.ok && isExactly(statementsOf(old), statementsOf(only), delta.value)
    ? null
    : 'the edited policy is not what was approved'
}
