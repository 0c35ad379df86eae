/** Short names for sentences. Everything from outside stays as data: it is escaped where it is shown. */

import type { Denial } from '../../denial/denial.ts'
import { parseArn, parseEntityArn } from '../../iam/arn.ts'
import type { PolicyType } from '../../iam/policy/policy-document.ts'

export function callerLabel(denial: Denial): string {
  const { kind, name, sessionName, arn } = denial.principal
  switch (kind) {
    case 'user':
      return `user ${name ?? arn ?? 'unknown'}`
    case 'sso-role':
      return sessionName === null
        ? `role ${name ?? 'unknown'}`
        : `${sessionName} (through ${name ?? 'Identity Center'})`
    case 'web-identity':
      return 'the web identity'
    case 'saml':
      return 'the SAML user'
    case 'service':
      return name ?? arn ?? 'the service'
    case 'root':
      return 'the root user'
    case 'federated-user':
      return `federated user ${name ?? arn ?? 'unknown'}`
    case 'unknown':
      return arn ?? 'the caller'
    default:
      return `role ${name ?? arn ?? 'unknown'}`
  }
}

export const roleName = (arn: string): string => parseEntityArn(arn)?.name ?? arn

/** Who can change a role's trust policy. */
export const ownerOf = (role: string): string =>
  `the owner of role ${roleName(role)} in account ${parseArn(role)?.accountId ?? 'unknown'}`

export function layerName(type: PolicyType): string {
  switch (type) {
    case 'identity':
      return 'identity-based policy'
    case 'trust':
      return 'role trust policy'
    case 'boundary':
      return 'permissions boundary'
    case 'session':
      return 'session policy'
    case 'scp':
      return 'service control policy'
    case 'rcp':
      return 'resource control policy'
    default:
      return 'VPC endpoint policy'
  }
}

/** Who can change a layer that is not ours. */
export function layerOwner(type: PolicyType, policyArn: string | null): string {
  const named = policyArn === null ? '' : ` ${policyArn}`
  switch (type) {
    case 'scp':
    case 'rcp':
      return `the owner of the organization's ${type === 'scp' ? 'service' : 'resource'} control policy${named}`
    case 'boundary':
      return `the owner of the permissions boundary${named}`
    case 'session':
      return 'whoever starts the session: the session policy is passed when the role is assumed'
    case 'vpce':
      return `the owner of the VPC endpoint policy${named}`
    default:
      return `the owner of the ${layerName(type)}${named}`
  }
}

/** `a`, `a and b`, `a, b and c`. */
export const joinNames = (names: readonly string[]): string =>
  [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(part => part !== '').join(' and ')

export const withArticle = (noun: string): string => `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`

/** `text` begins with a word of ours. */
export const capitalize = (text: string): string => (text[0] ?? '').toUpperCase() + text.slice(1)

/** `who`, at the start of a sentence: a name stays as it is. */
export function callerLabelFirst(denial: Denial): string {
  const said = callerLabel(denial)
  return /^(user|role|the|federated user) [^(]/.test(said) ? capitalize(said) : said
}
