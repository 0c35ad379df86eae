/** Short names for sentences. Outside text is returned unchanged: escape it where it is shown. */

import type { Denial, Unread } from '../../denial/index.ts'
import { entityName, type PolicyType, parseArn } from '../../iam/index.ts'
import { vendorOf } from './vendors.ts'

export function callerLabel(denial: Denial): string {
  const vendor = vendorOf(denial.principal.accountId)
  return vendor === null ? labelOf(denial) : `${vendor.name}'s ${labelOf(denial)}`
}

function labelOf(denial: Denial): string {
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

/** Who can change a role's trust policy. */
export const roleOwnerText = (role: string): string =>
  `the owner of role ${entityName(role)} in account ${parseArn(role)?.accountId ?? 'unknown'}`

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

/** Who can change a layer that rolemedic never edits. */
export function layerOwner(type: PolicyType, policyArn: string | null): string {
  const named = policyArn === null ? '' : ` ${policyArn}`
  switch (type) {
    case 'scp':
    case 'rcp':
      return `the owner of the organization's ${type === 'scp' ? 'service' : 'resource'} control policy${named}`
    case 'boundary':
      return `the owner of the permissions boundary${named}`
    case 'session':
      return 'the person who starts the session, which passes the session policy when it assumes the role'
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

/** `text` must not start with outside text, which keeps its case. */
export const capitalize = (text: string): string => (text[0] ?? '').toUpperCase() + text.slice(1)

/** The caller's label for the start of a sentence. Names keep their case. */
export function callerLabelFirst(denial: Denial): string {
  const label = callerLabel(denial)
  return /^(user|role|the|federated user) [^(]/.test(label) ? capitalize(label) : label
}

/** Why a text does not identify its role. */
export function whyUnread(unread: Unread | undefined): string {
  const text = unread?.text === undefined || unread.text === null ? '' : `: “${unread.text}”`
  switch (unread?.kind) {
    case 'masked':
      return `the text hides it${text}`
    case 'placeholder':
      return `the text has a placeholder instead${text}`
    case 'cut':
      return `the text ends inside it${text}`
    case 'malformed':
      return `the text in its place is not an ARN${text}`
    default:
      return 'the text does not name it'
  }
}
