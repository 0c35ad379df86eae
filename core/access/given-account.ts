/**
 * Error texts can redact account ids. If a person passes the policies of one account, and that account has exactly one role of
 * the denied name, this fills in that account and reports it.
 */
import { perObject } from '../base/index.ts'
import type { Denial, Principal } from '../denial/index.ts'
import { parseArn } from '../iam/index.ts'

/** An account whose policies a person passed as a file. */
export type GivenAccount = {
  readonly accountId: string
  readonly roleArns: readonly string[]
  readonly userArns: readonly string[]
}

export function withGivenAccount(denial: Denial, given: readonly GivenAccount[]): Denial {
  const [account, other] = given
  if (account === undefined || other !== undefined || denial.source !== 'message') return denial
  const resource = filledRole(denial.resource, account)
  const principal = filledCaller(denial, account, resource)
  if (resource === null && principal === null) return denial
  return {
    ...denial,
    accountId: denial.accountId ?? principal?.accountId ?? null,
    principal: principal ?? denial.principal,
    resource: resource ?? denial.resource,
    passes: denial.passes.map(pass =>
      resource !== null && pass.arn === denial.resource ? { ...pass, arn: resource } : pass,
    ),
    accountFrom: {
      accountId: account.accountId,
      of: resource === null ? 'the caller' : principal === null ? 'the role' : 'the caller and the role',
    },
  }
}

const isWhole = (account: string): boolean => /^\d{12}$/.test(account)

/** The ARN of the text with the account filled in. Keeps the path of the text, so that a wrong path is still reported. */
function filledRole(text: string | null, { accountId, roleArns }: GivenAccount): string | null {
  const arn = parseArn(text ?? '')
  if (arn === null || arn.service !== 'iam' || isWhole(arn.accountId) || !arn.resource.startsWith('role/')) return null
  return has(roleArns, arn.resource) ? `arn:${arn.partition}:iam::${accountId}:${arn.resource}` : null
}

/** Fills in the caller's account if it is redacted in the same way as the role's, or if only the caller's is redacted. */
function filledCaller({ principal, resource }: Denial, account: GivenAccount, filled: string | null): Principal | null {
  const arn = parseArn(principal.arn ?? '')
  if (arn === null || isWhole(arn.accountId)) return null
  const role = parseArn(resource ?? '')
  const elsewhere = role !== null && !isWhole(role.accountId) && role.accountId !== arn.accountId
  if (elsewhere && filled !== null) return null
  const isUser = arn.service === 'iam' && arn.resource.startsWith('user/')
  const name = principal.name ?? ''
  if (name === '' || !has(isUser ? account.userArns : account.roleArns, isUser ? arn.resource : `role/${name}`))
    return null
  const whole = `arn:${arn.partition}:${arn.service}::${account.accountId}:${arn.resource}`
  const roleArn = principal.roleArn?.replace(`::${arn.accountId}:`, `::${account.accountId}:`) ?? null
  return { ...principal, arn: whole, roleArn, accountId: account.accountId }
}

/** IAM role names are unique within an account, ignoring case. */
function has(arns: readonly string[], resource: string): boolean {
  const name = lastOf(resource)
  return name !== '' && countsOf(arns).get(name) === 1
}

/** Computed once for all denials of a log. */
const countsOf = perObject((arns: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const name of arns.map(lastOf)) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
})

const lastOf = (text: string): string => text.slice(text.lastIndexOf('/') + 1).toLowerCase()
