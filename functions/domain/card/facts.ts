import { callerName, roleName } from '../denial/denial-subject.ts'
/** Who was denied what, by which call, where and how often. */

import { code, joined, own, plural, time, type Words, words } from '../base/rich-text.ts'
import type { Config } from '../config/config.ts'
import type { Denial } from '../denial/denial.ts'
import { parseEntityArn } from '../iam/arn.ts'
import type { Proposal } from '../proposal/proposal.ts'

export type Fact = { readonly label: string; readonly value: Words }

export function facts(proposal: Proposal, config: Config): readonly Fact[] {
  const { denial, deploy } = proposal
  return [
    { label: 'Who', value: who(denial) },
    { label: 'Denied', value: denied(denial) },
    ...(otherRoles(denial).length === 0 ? [] : [{ label: 'Same call', value: otherRoles(denial) }]),
    { label: 'Call', value: call(denial) },
    { label: 'Where', value: where(denial, config) },
    { label: 'Seen', value: seen(proposal) },
    ...(deploy === null ? [] : [{ label: 'Broke', value: words`${deploy.title}` }]),
  ]
}

function who(denial: Denial): Words {
  const { kind, sessionName, name } = denial.principal
  const session = sessionName === null || sessionName === name ? [] : words`, session ${sessionName}`
  return words`${code(callerName(denial))} (${KIND_NAMES[kind]}${session})`
}

const KIND_NAMES: { readonly [kind in Denial['principal']['kind']]: string } = {
  user: 'IAM user',
  role: 'role',
  'sso-role': 'Identity Center role',
  'service-linked-role': 'service-linked role',
  root: 'root of the account',
  'federated-user': 'federated user',
  'web-identity': 'web identity',
  saml: 'SAML user',
  service: 'AWS service',
  unknown: 'kind unknown',
}

const denied = (denial: Denial): Words => words`${code(denial.action)} on ${code(denial.resource ?? roleName(denial))}`

function otherRoles(denial: Denial): Words {
  const others = denial.passes.filter(pass => pass.arn !== denial.resource)
  if (others.length === 0) return []
  const names = others.slice(0, 4).map(pass => [code(parseEntityArn(pass.arn)?.name ?? pass.arn)])
  return words`also passes ${joined(names, ', ')}${others.length > 4 ? words` and ${others.length - 4} more` : []}`
}

function call({ call: { eventName, eventSource }, via, stack, source: told }: Denial): Words {
  const name = eventName === null ? words`not named by the event` : words`${code(eventName)}`
  const source = eventSource === null ? [] : words` of ${eventSource}`
  const through = via === null ? [] : words`, through ${via}`
  const of = stack === undefined ? [] : words` (stack ${code(stack)})`
  // Words of a deploy tool are weaker than a record of AWS: whoever approves should know.
  const teller = told === 'message' ? words`; told by the failed deploy, not by CloudTrail` : []
  return words`${name}${source}${through}${of}${teller}`
}

function accountName(accountId: string | null, config: Config): Words {
  if (accountId === null) return words`account unknown`
  const alias = Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId]?.alias : undefined
  return alias === undefined ? words`account ${accountId}` : words`${alias} (${accountId})`
}

function where(denial: Denial, config: Config): Words {
  return words`${accountName(denial.accountId, config)}, ${denial.region ?? 'Region unknown'}`
}

function seen({ repeats }: Proposal): Words {
  if (repeats.count <= 1) return words`once, ${time(repeats.firstSeenMs)}`
  const times = own(plural(repeats.count, 'time'))
  return words`${times} since ${time(repeats.firstSeenMs)}, last ${time(repeats.lastSeenMs)}`
}
