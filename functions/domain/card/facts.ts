import {
  code,
  joined,
  link,
  linkableUrl,
  own,
  plural,
  type RichText,
  richText,
  time,
} from '../../../core/base/index.ts'
import { callerName, type Denial, isAgentServer, roleName } from '../../../core/denial/index.ts'
import { nameWithPath } from '../../../core/iam/index.ts'
import { RUN_HOSTS, runLine } from '../../../core/runs/index.ts'
import type { Config } from '../config/index.ts'
import type { Proposal } from '../proposal/index.ts'
import { placeText } from './deploy-needs.ts'

/** Who was denied what, by which call, where and how often. */

export type CardFact = { readonly label: string; readonly value: RichText }

export function facts(proposal: Proposal, config: Config): readonly CardFact[] {
  const { denial, deploy, template } = proposal
  const place = template?.place ?? null
  return [
    { label: 'Who', value: who(denial) },
    ...runOf(proposal).map(value => ({ label: 'Run', value })),
    { label: 'Denied', value: denied(denial) },
    ...(otherRoles(denial).length === 0 ? [] : [{ label: 'Same call', value: otherRoles(denial) }]),
    { label: 'Call', value: call(denial) },
    { label: 'Where', value: where(denial, config) },
    { label: 'Seen', value: seen(proposal) },
    ...(deploy === null ? [] : [{ label: 'Broke', value: richText`${deploy.title}` }]),
    ...(place === null ? [] : [{ label: 'Resource', value: placeText(place) }]),
  ]
}

function who(denial: Denial): RichText {
  const { kind, sessionName, name } = denial.principal
  const session = sessionName === null || sessionName === name ? [] : richText`, session ${sessionName}`
  return richText`${code(callerName(denial))} (${KIND_NAMES[kind]}${session})`
}

/** The run of a tool, or the person behind a chain of sessions. Empty: neither is shown. */
export function runOf({ run }: Pick<Proposal, 'run'>): readonly RichText[] {
  const line = run === undefined ? null : runLine(run)
  if (line === null) return []
  const page = linkableUrl(run?.url, RUN_HOSTS)
  return [page === null ? richText`${line}` : richText`${line}, ${link('open it', page)}`]
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

const denied = (denial: Denial): RichText =>
  richText`${code(denial.action)} on ${code(denial.resource ?? roleName(denial))}`

function otherRoles(denial: Denial): RichText {
  const others = denial.passes.filter(pass => pass.arn !== denial.resource)
  if (others.length === 0) return []
  const names = others.slice(0, 4).map(pass => [code(nameWithPath(pass.arn))])
  return richText`also passes ${joined(names, ', ')}${others.length > 4 ? richText` and ${others.length - 4} more` : []}`
}

function call({ call: { eventName, eventSource }, via, stack, source: from }: Denial): RichText {
  const name = eventName === null ? richText`not named by the event` : richText`${code(eventName)}`
  const source = eventSource === null ? [] : richText` of ${eventSource}`
  const through =
    via === null ? [] : isAgentServer(via) ? richText`, by an agent through ${via}` : richText`, through ${via}`
  const of = stack === undefined ? [] : richText` (stack ${code(stack)})`
  // A deploy tool's text is weaker evidence than an AWS record, which approvers should know.
  const origin = from === 'message' ? richText`; reported by the failed deploy, not by CloudTrail` : []
  return richText`${name}${source}${through}${of}${origin}`
}

export function accountName(accountId: string | null, config: Config): RichText {
  if (accountId === null) return richText`account unknown`
  const alias = Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId]?.alias : undefined
  return alias === undefined ? richText`account ${accountId}` : richText`${alias} (${accountId})`
}

/** As people call it. The number of an account with a name is in the thread and in Details. */
export function accountAlias(accountId: string, config: Config): RichText {
  const alias = Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId]?.alias : undefined
  return alias === undefined ? richText`account ${accountId}` : richText`${alias}`
}

function where(denial: Denial, config: Config): RichText {
  return richText`${accountName(denial.accountId, config)}, ${denial.region ?? 'Region unknown'}`
}

function seen({ repeats }: Proposal): RichText {
  if (repeats.count <= 1) return richText`once, ${time(repeats.firstSeenMs)}`
  const times = own(plural(repeats.count, 'time'))
  return richText`${times} since ${time(repeats.firstSeenMs)}, last ${time(repeats.lastSeenMs)}`
}
