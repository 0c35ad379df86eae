/** Sample resources to evaluate: one per type with an invented name, and one per pattern of an identity's policies. */
import { matchesGlob, replaceVariables } from '../../iam/index.ts'
import { type Budget, commonText } from './common-text.ts'
import { kindRow, type ResourceKind } from './table/resource-kinds.ts'

/** In no name of AWS. Policies have no characters beyond U+00FF. https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html */
const LETTER = 'Ω'
const LENGTH = 65
/** A name or a Region that no narrow resource pattern matches. Longer than any name of IAM. */
export const ANY_NAME = LETTER.repeat(LENGTH)

/** More letters than real patterns ask for in one place: `*` beside them matches only what is longer. */
const LONG = 13

/** True for a pattern that is about `ANY_NAME`, but not about shorter names: it would hide what its policy allows on those. */
export const isMeantForAnyName = (pattern: string): boolean =>
  pattern.includes(LETTER) ||
  (pattern.match(/[*?]+/g) ?? []).some(run => run.replaceAll('*', '').length >= (run.includes('*') ? LONG : LENGTH))

export type ResourceAccount = { readonly partition: string; readonly accountId: string }

export type Sample = {
  readonly resource: string
  /** The name is invented, so an allow on it is an allow on any resource of the type, at least in one Region. */
  readonly any: boolean
  /** The pattern in the policy, for texts. */
  readonly pattern: string
  /** In another account than the identity. */
  readonly foreign: boolean
}

/** Null: the type has no resource, so only `*` covers it. */
function template(kind: ResourceKind, { partition, accountId }: ResourceAccount): readonly string[] | null {
  const form = kindRow(kind).arn
  if (form === null) return null
  return fields(form.replace('arn:aws:', `arn:${partition}:`)).map(field =>
    field.replaceAll('{region}', ANY_NAME).replaceAll('{account}', accountId),
  )
}

/** The fields of an ARN. The resource part may contain colons. */
function fields(text: string): readonly string[] {
  const parts = text.split(':')
  return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')]
}

/** A policy variable becomes `*`, because its value is unknown here. */
export const asGlob = (pattern: string): string => replaceVariables(pattern, () => '*')

/** True for one resource, false for all resources of a pattern. */
export const isExact = ({ resource }: Sample): boolean => !resource.includes(ANY_NAME)

const isWild = (text: string): boolean => /[*?]/.test(text)
const filled = (text: string): string => text.replaceAll('*', ANY_NAME).replaceAll('?', 'x')

/** `patterns`: every resource pattern of the policies, of allows and denies. If the budget is spent, some samples are missing. */
export function samplesOf(
  kind: ResourceKind,
  patterns: readonly string[],
  home: ResourceAccount,
  budget: Budget,
): readonly Sample[] {
  const form = template(kind, home)
  const { harmless, shared = false } = kindRow(kind)
  const any = (resource: string): Sample => ({ resource, any: true, pattern: '*', foreign: false })
  if (form === null) return [any(ANY_NAME)]
  const invented = any(form.join(':').replaceAll('{name}', ANY_NAME))
  const of = (pattern: string) => sampleOf(form, pattern, home, shared, budget)
  const made = patterns.flatMap(pattern => {
    const its = of(pattern)
    if (its.some(({ foreign }) => !foreign)) return its
    const across = acrossFields(form, pattern, budget)
    return across === null ? its : [...its, ...of(across).map(sample => ({ ...sample, pattern }))]
  })
  const narrow = made.filter(one => one.resource !== invented.resource && !isExact(one))
  const common = commonPatterns(narrow, budget).flatMap(({ glob, pattern }) =>
    of(glob).map(sample => ({ ...sample, pattern })),
  )
  const all = [invented, ...made, ...common]
  const distinct = [...new Map(all.toReversed().map(sample => [sample.resource, sample])).values()].toReversed()
  return harmless === undefined ? distinct : distinct.filter(({ resource }) => !harmless.test(resource))
}

/**
 * With an account where it belongs. Beyond their fields its stars match only names with a colon, which of all kinds IAM alone has, in
 * paths: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
 */
const WHOLE = /^arn:[^:]*:[^:]*:[^:]*:(?:[\d*?]*|aws):/

/**
 * The pattern with all fields, where a `*` of it goes beyond its field: `arn:aws:lambda:*:function:orders`. Null: none does.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards
 */
function acrossFields(form: readonly string[], pattern: string, budget: Budget): string | null {
  const glob = asGlob(pattern)
  const parts = glob.split(':').slice(0, 5)
  if (form[2] !== 'iam' && WHOLE.test(glob)) return null
  const mayBeOfService = parts.slice(0, 3).some(isWild) || parts[2] === form[2]
  if (!mayBeOfService || !parts.some(part => part.includes('*'))) return null
  const whole = form.join(':').replaceAll('{name}', '*').replaceAll(ANY_NAME, '*')
  return commonText(whole, glob, '*', budget)?.replace(/\*+/g, '*') ?? null
}

/** `from`: the places of the patterns that it is common to, in their list. */
type Common = { readonly glob: string; readonly pattern: string; readonly from: readonly number[] }

/** What two or more patterns match: one statement may allow, and others limit, more than that. */
function commonPatterns(samples: readonly Sample[], budget: Budget): readonly Common[] {
  const patterns = new Map(samples.map(({ pattern }) => [asGlob(pattern), pattern]))
  const all = [...patterns].map(([glob, pattern], at): Common => ({ glob, pattern, from: [at] }))
  const globs = new Set(patterns.keys())
  const together = new Set<string>()
  // What is found here is compared too: three patterns may match what no two of them say. What is common to the same ones is found once:
  // texts with the parts of two patterns in turn would never end.
  for (const [at, one] of all.entries())
    for (const other of all.slice(0, at)) {
      if (--budget.left < 0) return all.slice(patterns.size)
      const from = [...new Set([...other.from, ...one.from])].sort((a, b) => a - b)
      if (from.length === Math.max(one.from.length, other.from.length) || together.has(from.join())) continue
      const glob = commonGlob(other.glob, one.glob, budget)
      if (glob === null) continue
      together.add(from.join())
      if (globs.has(glob)) continue
      globs.add(glob)
      all.push({ glob, pattern: other.pattern, from })
    }
  return all.slice(patterns.size)
}

/** Field by field: no Region and no account has a colon. Null: none, or the budget is spent. */
function commonGlob(one: string, other: string, budget: Budget): string | null {
  const [a, b] = [fields(one), fields(other)]
  const common: string[] = []
  for (let at = 0; at < 6; at++) {
    const [x, y] = [a[at] ?? '*', b[at] ?? '*']
    const field = x === y ? x : commonText(x, y, '*', budget)
    if (field === null) return null
    common.push(field.replace(/\*+/g, '*'))
  }
  return common.join(':')
}

function sampleOf(
  form: readonly string[],
  written: string,
  home: ResourceAccount,
  shared: boolean,
  budget: Budget,
): readonly Sample[] {
  // The value of a policy variable is unknown here. The evaluator decides. As in IAM, a missing field is `*`.
  const pattern = fields(replaceVariables(written, () => ANY_NAME))
  const head: string[] = []
  for (let at = 0; at < 5; at++) {
    const field = fieldOf(form[at] ?? '', pattern[at] ?? '*', at)
    if (field === null) return []
    head.push(field)
  }
  const [name, any] = nameOf(form[5] ?? '', pattern[5] ?? '*', budget)
  if (name === null) return []
  const account = head[4] ?? ''
  const foreign = !shared && account !== '' && account !== 'aws' && account !== home.accountId
  return [{ resource: [...head, name].join(':'), any: any && !foreign, pattern: written, foreign }]
}

/** Region and account may differ from the sample; partition and service must not. */
function fieldOf(ours: string, wanted: string, at: number): string | null {
  if (matchesGlob(wanted, ours)) return ours
  return at < 3 || ours === '' ? null : filled(wanted)
}

function nameOf(form: string, wanted: string, budget: Budget): readonly [name: string | null, any: boolean] {
  const ours = form.replaceAll('{name}', ANY_NAME)
  if (matchesGlob(wanted, ours)) return [ours, true]
  const shape = form.replaceAll('{name}', '*')
  const made = isWild(wanted) ? filled(wanted) : wanted
  const [prefix = ''] = shape.split('*')
  const fits = (name: string) => matchesGlob(shape, name) && matchesGlob(wanted, name)
  return [[made, `${prefix}${made}`].find(fits) ?? commonText(shape, wanted, ANY_NAME, budget), false]
}
