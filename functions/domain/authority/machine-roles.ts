/**
 * Whether only machines can enter a role: by its own trust policy, and by those of the roles that it names. A trust policy that names
 * a role by its ARN lets in the sessions of that role alone, and IAM turns the name into an id that no later role has.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 * `aws:PrincipalArn` beside the account has no such id, and lets in whichever role has the ARN. Reading that one is enough: somebody who
 * can delete it and make it again, or make it where there was none, decides whom it lets in, as its administrator does by its trust
 * policy. Where there is none, people count as able to make it.
 */
import type { Fact } from '../../../core/base/index.ts'
import { matchesGlob, type PolicyDocument } from '../../../core/iam/index.ts'
import type { Config } from '../config/index.ts'
import { entrancesOf } from './entrances.ts'

/** The trust policies that were read, by the ARN of their role. */
export type ReadTrusts = ReadonlyMap<string, Fact<PolicyDocument>>

type Entry = {
  readonly isMachine: boolean
  /** Roles whose trust policies decide it, and are not read yet. */
  readonly unread: readonly string[]
}

/** Roles in a row before the asked one, and roles in all. */
const MAX_IN_A_ROW = 3
const MAX_ROLES = 10

const BY_PEOPLE: Entry = { isMachine: false, unread: [] }

/** `machines`: globs of roles whose unknown issuers of tokens serve builds. */
export function roleEntry(
  role: { readonly arn: string; readonly trust: PolicyDocument },
  { machines }: Pick<Config, 'machines'>,
  trusts: ReadTrusts,
): Entry {
  const seen = new Set([role.arn])
  let level = [role]
  let isEntered = false
  for (let inARow = 0; inARow <= MAX_IN_A_ROW; inARow++) {
    const named: string[] = []
    for (const { arn, trust } of level) {
      const entrances = entrancesOf(trust)
      if (entrances.length === 0) return BY_PEOPLE
      const hasBuilds = machines.some(glob => matchesGlob(glob, arn))
      for (const entrance of entrances) {
        if (entrance.kind === 'role') named.push(entrance.arn)
        else if (entrance.kind === 'machine' || (entrance.kind === 'issuer' && hasBuilds)) isEntered = true
        else return BY_PEOPLE
      }
    }
    const next = [...new Set(named)].filter(arn => !seen.has(arn))
    if (next.length === 0) return { isMachine: isEntered, unread: [] }
    for (const arn of next) seen.add(arn)
    if (inARow === MAX_IN_A_ROW || seen.size > MAX_ROLES + 1) return BY_PEOPLE
    const unread = next.filter(arn => !trusts.has(arn))
    if (unread.length > 0) return { isMachine: false, unread }
    level = []
    for (const arn of next) {
      const trust = trusts.get(arn)
      if (trust?.known !== true) return BY_PEOPLE
      level.push({ arn, trust: trust.value })
    }
  }
  return BY_PEOPLE
}
