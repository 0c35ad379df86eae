/** Finds the one construct that makes a role or user. */
import { fail, ok, type Result } from '../../../core/base/index.ts'
import { hasDynamicReference, type Target } from '../../../core/patch/index.ts'
import type { EntityHints, SourceFile } from '../code-change.ts'
import { generatedName, pathIn, underAnotherPath } from '../entity-path.ts'
import { assemblyPaths } from './assembly-path.ts'
import { constructPathsOf, constructUses, logicalIdOf } from './construct-paths.ts'
import type { CdkSource } from './made.ts'
import { type OwnedRole, ownedRoles } from './owned-roles.ts'

/** `address`: the construct path, or the construct id if the path is not certain. */
export type FoundRole = OwnedRole & { readonly address: string }

export function findRole(
  source: CdkSource,
  files: readonly SourceFile[],
  target: Target,
  hints: EntityHints,
): Result<FoundRole, string> | null {
  const kind = target.kind === 'user-inline-policy' ? 'user' : 'role'
  const roles = ownedRoles(source, kind)
  const nameProp = kind === 'user' ? 'userName' : 'roleName'
  const everyNamed = roles.filter(one => one.isRole && propText(one, nameProp) === target.name)
  const named = everyNamed.filter(one => otherPath(one, target) === null)
  if (named.length > 0) return onlyOne(source, named, target.name)
  const paths = hints.constructPath === null ? assemblyPaths(files, target, hints) : [hints.constructPath]
  if (paths.length > 1) return fail(`${paths.join(' and ')} could both be ${target.name}: name the stack`)
  const [other] = everyNamed
  if (other !== undefined && paths.length === 0)
    return fail(
      underAnotherPath(`${addressOf(source, other)} (${other.made.file})`, otherPath(other, target) ?? '', target),
    )
  const [path] = paths
  if (path !== undefined) return atPath(source, roles, path)
  const generated =
    hints.logicalId !== null && hints.stackName !== null
      ? { stack: hints.stackName, logicalId: hints.logicalId }
      : generatedName(target.name)
  const byId = generated === null ? [] : roles.filter(one => makesId(source, one, generated))
  if (byId.length > 0) return onlyOne(source, byId, target.name)
  const open = roles.find(one => one.isRole && one.made.given.has(nameProp) && propText(one, nameProp) === null)
  if (open === undefined) return null
  return fail(
    `${addressOf(source, open)} (${open.made.file}) may be ${target.name}, but its name has to be run to be known: run cdk synth, so that cdk.out names its construct, or add the snippet`,
  )
}

function propText({ made }: OwnedRole, name: string): string | null {
  const known = made.given.get(name)
  return typeof known === 'string' && !hasDynamicReference(known) ? known : null
}

/** The path in the code if it certainly differs from the one in IAM. */
function otherPath(one: OwnedRole, target: Target): string | null {
  const path = one.made.given.has('path') ? propText(one, 'path') : '/'
  return path === pathIn(target) ? null : path
}

/** The only place that can make it, if that place makes one construct. */
function onlyOne(source: CdkSource, found: readonly OwnedRole[], name: string): Result<FoundRole, string> {
  const [only, ...more] = found
  const places = found.map(one => `${addressOf(source, one)} (${one.made.file})`).join(' and ')
  if (only === undefined || more.length > 0) return fail(`${places} could each be ${name}: say which file is meant`)
  const uses = constructUses(source, only.made)
  if (uses === 1) return ok({ ...only, address: addressOf(source, only) })
  const where = only.made.isRepeated ? 'a loop or a function' : `the class ${only.made.inClass ?? ''}`
  return fail(
    uses === 0
      ? `${places} is in ${where}, which nothing here makes: say where it is used`
      : `${places} is in ${where}, which makes it several times: the statement would reach every one`,
  )
}

function atPath(source: CdkSource, roles: readonly OwnedRole[], wanted: string): Result<FoundRole, string> {
  const plain = wanted.replace(/\/Resource$/, '')
  const found = roles.filter(one => pathTexts(source, one).includes(plain))
  if (found.length > 0) return onlyOne(source, found, wanted)
  return fail(`the construct ${wanted} was not found in the source with certainty: which line makes it?`)
}

const pathTexts = (source: CdkSource, { made, below }: OwnedRole): readonly string[] =>
  constructPathsOf(source, made).map(path => [...path, ...below].join('/').replace(/\/Resource$/, ''))

/** True when the construct has this stack and logical id. A stage joins its name and the stack's with a dash. */
function makesId(
  source: CdkSource,
  { made, below }: OwnedRole,
  { stack, logicalId }: { readonly stack: string; readonly logicalId: string },
): boolean {
  return constructPathsOf(source, made).some(path =>
    path.some((_, index) => {
      const [above, rest] = [path.slice(0, index + 1), path.slice(index + 1)]
      return rest.length > 0 && above.join('-') === stack && logicalIdOf([...rest, ...below]) === logicalId
    }),
  )
}

function addressOf(source: CdkSource, one: OwnedRole): string {
  const [path] = pathTexts(source, one)
  return path ?? one.made.id ?? one.made.callee
}
