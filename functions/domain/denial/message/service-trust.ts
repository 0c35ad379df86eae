/**
 * The failure after a fixed PassRole denial: the service itself cannot assume the role. Each service has its own sentence,
 * usually about an invalid parameter.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
 */
import type { Unread } from '../denial.ts'
import { roleAt } from './role-in-sentence.ts'
import { servicePrincipal } from './service-names.ts'

export type ServiceTrust = {
  /** The service's principal; null if only the call around the sentence names it. */
  readonly service: string | null
  readonly resource: string | null
  readonly unread: Unread | null
  readonly start: number
  readonly end: number
}

/** Keywords of these sentences. */
export const TRUST_WORDS = ['assume', 'trust relationship', 'trust permission', 'is invalid'] as const

type Form = {
  readonly before: RegExp
  readonly after: RegExp
  /** The service that the sentence implies; else the first group of either pattern. */
  readonly service?: string
  /** The call around the sentence names the service. */
  readonly byCall?: true
}

const ROLE = '(?:the |this |that |given |provided |specified |customer |service |execution |IAM ){0,4}role'
const NAME = '[\'"`]?([A-Za-z0-9][A-Za-z0-9 .-]{1,48}?)[\'"`]?'

const FORMS: readonly Form[] = [
  { before: /The defined assume role is unable to be $/i, after: /^assumed/, service: 'ssm.amazonaws.com' },
  {
    before: /(?:cannot|can ?not|can't|could not|not|unable to) be $/i,
    after:
      /^assumed by (?:the )?(?:service )?(?:principals? )?['"`]?([A-Za-z][A-Za-z0-9.-]{1,60}(?: [A-Z][A-Za-z0-9]{1,20}){0,3})/,
  },
  {
    before: / could not be $/,
    after: /^assumed because it does not exist or the trusted entity is not correct/,
    service: 'eks.amazonaws.com',
  },
  {
    before: new RegExp(`role (?:that )?you provided? must allow ${NAME} to $`, 'i'),
    after: /^assume (?:the|this) role/,
  },
  {
    before: new RegExp(`does not have a trust relationship allowing ${NAME} to $`, 'i'),
    after: /^assume (?:the|this) role/,
  },
  {
    before:
      /(?:principal|principals) ['"`]?([a-z0-9.-]{2,60}\.amazonaws\.com(?:\.cn)?)['"`]?,? (?:(?:nor|or) the regional one )?is (?:not )?authorized to $/,
    after: new RegExp(`^assume ${ROLE}`),
  },
  {
    before: /[Cc]ould not $/,
    after: /^assume role [^ ]{1,400} Please ensure that the role exists and allows principal ['"`]?([a-z0-9.-]{2,60})/,
  },
  {
    before: /Unable to $/i,
    after: /^assume specified IAM Role\. Please ensure the selected/,
    service: 'amplify.amazonaws.com',
  },
  {
    before: /arn:aws[a-z-]{0,12}:redshift[a-z-]{0,12}:[^ ]{1,200} is not authorized to $/,
    after: /^assume IAM [Rr]ole/,
    service: 'redshift.amazonaws.com',
  },
  { before: /Unable to $/i, after: /^assume given IAM role/, service: 'vpc-flow-logs.amazonaws.com' },
  {
    before: /Service is unable to $/i,
    after: /^assume (?:the )?provided role\. Please verify role's TrustPolicy/,
    service: 'glue.amazonaws.com',
  },
  {
    before: new RegExp(
      `(?:^|[^A-Za-z0-9])${NAME} (?:(?:was|is|were) (?:unable|not able|not authorized)|does not have the permissions required|cannot|could not|failed) to $`,
    ),
    after: new RegExp(`^assume ${ROLE}`),
  },
  {
    before: new RegExp(`(?:^|[^A-Za-z0-9])${NAME} (?:cannot|can ?not|can't|could not) $`),
    after: new RegExp(`^assume ${ROLE}`),
  },
  {
    // The service says this of itself or of the role; only the call names it.
    before: /(?:^|[.:'"`] ?)(?:is )?not authorized to $/i,
    after: /^assume the (?:provided|given|specified) role/,
    byCall: true,
  },
  {
    before: /(?:^|[.:] ?)(?:Service |AWS )?(?:was |is )?unable to $/i,
    after: new RegExp(`^assume ${ROLE}`),
    byCall: true,
  },
  {
    before: new RegExp(`${NAME} is unable to perform: sts:AssumeRole on the role\\. Check if you have a $`),
    after: /^trust relationship/,
  },
  { before: /Access denied\. Check the $/, after: /^trust relationships for your role/, byCall: true },
  { before: /Please grant $/, after: new RegExp(`^trust permission for ${NAME} and add`) },
  { before: /EMR service role [^ ]{1,400} $/i, after: /^is invalid/, service: 'elasticmapreduce.amazonaws.com' },
  {
    before: /IAM role ARN value $/,
    after: /^is invalid or does not include the required permissions for: ENHANCED_MONITORING/,
    service: 'monitoring.rds.amazonaws.com',
  },
]

const MAX_CHARS = 420

/** The sentence with its keyword at `at`; null if the keyword belongs to another sentence. */
export function serviceTrustAt(text: string, at: number): ServiceTrust | null {
  const before = text.slice(Math.max(0, at - MAX_CHARS), at).replaceAll('\n', ' ')
  const after = text.slice(at, at + MAX_CHARS).replaceAll('\n', ' ')
  for (const { before: head, after: tail, service, byCall } of FORMS) {
    const second = tail.exec(after)
    const first = second === null ? null : head.exec(before)
    if (first === null || second === null) continue
    const named = service ?? (second[1] !== undefined ? heading(second[1]) : trailing(first[1] ?? ''))
    if (named === null && byCall !== true) continue
    const start = at - before.length + first.index
    return { service: named, ...roleNear(text, start, at + second[0].length), start }
  }
  return null
}

/** The service whose name starts this text. */
function heading(words: string): string | null {
  const parts = words.split(' ')
  return firstOf(parts.map((_, less) => parts.slice(0, parts.length - less).join(' ')))
}

/** The service whose name ends this text. */
function trailing(words: string): string | null {
  const parts = words.split(' ')
  return firstOf(parts.map((_, skipped) => parts.slice(skipped).join(' ')))
}

function firstOf(names: readonly string[]): string | null {
  for (const name of names) {
    const service = servicePrincipal(name)
    if (service !== null) return service
  }
  return null
}

/** The role of the same sentence: inside or after this text, else before it. */
function roleNear(text: string, start: number, stop: number): Pick<ServiceTrust, 'resource' | 'unread' | 'end'> {
  const within = text.slice(start, stop).indexOf('arn:')
  const behind = /^['"`]{0,2}[ \n:]{0,3}(?:ARN |with ARN )?['"`]{0,2}(?=arn:)/i.exec(text.slice(stop, stop + 20))
  const before = beforeIn(text, start)
  const from = behind !== null ? stop + behind[0].length : within !== -1 ? start + within : before
  if (from === null) return { resource: null, unread: { kind: 'not-named', text: null }, end: stop }
  const { resource, unread, end } = roleAt(text, from, Math.min(text.length, from + 1_500))
  return { resource, unread, end: Math.max(stop, end) }
}

function beforeIn(text: string, start: number): number | null {
  const from = Math.max(0, start - MAX_CHARS)
  const before = text.slice(from, start)
  const arn = before.lastIndexOf('arn:')
  return arn === -1 || /[.!?] [A-Z]|\n\n/.test(before.slice(arn)) ? null : from + arn
}
