/** What services say in the texts of a failed deploy about roles that they could not use. A text picks the place; it proves nothing. */

import { type Denial, denialsInText, type FoundInText } from '../../../core/denial/index.ts'
import { parseRoleArn } from '../../../core/iam/index.ts'
import { LINKED_ROLES } from '../../../iac/needs/index.ts'
import type { FailureReason } from './deploy.ts'

type Reported = {
  readonly reason: FailureReason
  /** The line of its text, counted from 1. */
  readonly line: number
  /** The resource of the source: its logical id or its address. Null: the text names none. */
  readonly resource: string | null
}

export type ServiceReport = Reported &
  (
    | {
        readonly kind: 'cannot-assume'
        /** `probable`: the text has a code and words about a role, and no sentence that is known. */
        readonly certainty: 'certain' | 'probable'
        readonly service: string | null
        readonly role: string | null
        /** As the text reads. Null for a mere code. */
        readonly denial: Denial | null
      }
    | {
        readonly kind: 'linked-role'
        /** The service that uses the role, such as `ecs.amazonaws.com`. Null: the text does not name it. */
        readonly service: string | null
      }
  )

/** Texts come from outside. More than anybody reads. */
const MAX_REPORTS = 50
/** How far from its sentence a log names the failed resource. */
const BESIDE_LINES = 12

export function serviceReports(reasons: readonly FailureReason[]): readonly ServiceReport[] {
  const found = new Map<string, ServiceReport>()
  for (const reason of reasons) {
    for (const report of reportsIn(reason)) {
      const { kind, service, resource } = report
      const key = JSON.stringify([kind, service, roleAsWritten(report), resource])
      if (!found.has(key)) found.set(key, report)
      if (found.size === MAX_REPORTS) return [...found.values()]
    }
  }
  return [...found.values()]
}

/** With a hidden account too, which is no ARN. */
export const roleAsWritten = (report: ServiceReport): string | null =>
  report.kind === 'cannot-assume' ? (report.role ?? report.denial?.resource ?? null) : null

function reportsIn(reason: FailureReason): readonly ServiceReport[] {
  const denials = denialsInText(reason.text).found.filter(one => one.kind === 'denial')
  const ofServices = denials.flatMap(one => reportOf(one, reason))
  // A service-linked role that was given as the role of a resource is not missing: it is the wrong one.
  const linked = linkedIn(reason).filter(({ line }) => !ofServices.some(one => isAbout(one, line)))
  const ofRoles = ofServices.filter(({ kind }) => linked.length === 0 || kind !== 'linked-role')
  if (ofRoles.length + linked.length > 0) return [...ofRoles, ...linked]
  // The denial of a principal is its own cause.
  return denials.length > 0 ? [] : byCode(reason)
}

const isAbout = (one: ServiceReport, line: number): boolean =>
  one.kind === 'cannot-assume' && one.role !== null && one.line === line

type FoundDenial = Extract<FoundInText, { readonly kind: 'denial' }>

function reportOf({ denial, line }: FoundDenial, reason: FailureReason): readonly ServiceReport[] {
  const { principal, hints, resource: role } = denial
  if (principal.kind !== 'service') return []
  const at = { reason, line: line ?? 1, resource: reason.resource ?? resourceBeside(reason.text, line ?? 1) }
  const linkedService = hints?.linkedService ?? null
  if (linkedService !== null) return [{ ...at, kind: 'linked-role', service: linkedService }]
  const named = role !== null && parseRoleArn(role) !== null ? role : null
  return [{ ...at, kind: 'cannot-assume', certainty: 'certain', service: principal.name, role: named, denial }]
}

/**
 * Terraform: `with aws_lambda_function.worker,`. CDK and SAM: `CREATE_FAILED | AWS::Lambda::Function | Worker (WorkerB2C1)`.
 * https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 */
const ADDRESS =
  /\bwith ((?:module\.[\w-]{1,64}(?:\[[^\]]{1,64}\])?\.){0,8}awsc{0,2}_\w{1,64}\.[\w-]{1,64}(?:\[[^\]]{1,64}\])?),/
const STACK_EVENT =
  /(?:CREATE|UPDATE)_FAILED\s{1,24}\|?\s{0,4}AWS::\w{1,40}::\w{1,60}\b\s{0,24}\|?\s{0,4}(?:[^\s|()]{1,200}\s{1,2}\(([A-Za-z0-9]{1,255})\)|([A-Za-z0-9]{1,255}))(?=\s|$)/

/** Named beside a sentence: in its line, in those after it, else in the nearest one before. */
function resourceBeside(text: string, line: number): string | null {
  const lines = text.split('\n', line + BESIDE_LINES)
  const after = lines.slice(line - 1)
  const before = lines.slice(Math.max(0, line - 1 - BESIDE_LINES), line - 1).toReversed()
  for (const one of [...after, ...before]) {
    const short = one.slice(0, 2_000)
    const [, address] = ADDRESS.exec(short) ?? []
    const [, construct, logicalId] = STACK_EVENT.exec(short) ?? []
    const named = address ?? construct ?? logicalId
    if (named !== undefined) return named
  }
  return null
}

/** Names a service-linked role, or says that one is missing or cannot be made. */
const LINKED = /service[-_ ]?linked[-_ ]?role|AWSServiceRoleFor/i
const LINKED_MISSING =
  /(?:fail|unable|cannot|can't|could ?n[o']t|not able|verify|missing|does ?n[o']t exist|not exist|not found|must (?:enable|create))/i
/** No service has this name: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html */
const LINKED_UNKNOWN = /Cannot find Service Linked Role template/i
const LINKED_NAME = /AWSServiceRoleFor\w{2,60}/

function linkedIn(reason: FailureReason): readonly ServiceReport[] {
  const { text, resourceType, resource } = reason
  const lines = text.split('\n', MAX_LINES)
  const at = lines.findIndex(one => LINKED.test(one) && LINKED_MISSING.test(one) && !LINKED_UNKNOWN.test(one))
  if (at === -1) return []
  const sentence = lines[at] ?? ''
  const [name] = LINKED_NAME.exec(sentence) ?? []
  const denial = denialsInText(sentence).found.find(one => one.kind === 'denial')
  // A caller that was denied creating it has a cause of its own.
  if (denial?.kind === 'denial' && denial.denial.principal.arn !== null && denial.denial.principal.kind !== 'service')
    return []
  const named = denial?.kind === 'denial' ? (denial.denial.hints?.linkedService ?? null) : null
  const place = resource ?? resourceBeside(text, at + 1)
  const service = named ?? serviceOfRole(name) ?? serviceOfType(resourceType ?? typeIn(place)) ?? serviceIn(sentence)
  return [{ kind: 'linked-role', reason, line: at + 1, resource: place, service }]
}

const MAX_LINES = 100_000

const typeIn = (address: string | null): string | null => /(?:^|\.)(awsc{0,2}_\w+)\./.exec(address ?? '')?.[1] ?? null

const serviceOfType = (type: string | null): string | null =>
  type === null ? null : (LINKED_ROLES.get(type)?.service ?? null)

const serviceOfRole = (name: string | undefined): string | null =>
  [...LINKED_ROLES.values()].find(role => role.name === name)?.service ?? null

const serviceIn = (text: string): string | null =>
  /(?:^|[^\w.-])([a-z0-9-]{2,40}\.amazonaws\.com)/.exec(text)?.[1] ?? null

/**
 * Codes with which services answer where a role does not suit them, without a sentence that is known.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-test-contract-errors.html
 */
const CODE =
  /\b(?:InvalidParameterValue|InvalidParameter|InvalidRequest|InvalidInput|InvalidArgument|InvalidRole|ValidationE|BadRequest|ClientException|InvalidServiceRole|GeneralServiceException|NotStabilized|MalformedPolicyDocument)/
const ABOUT_A_ROLE = /\b(?:IAM )?roles?\b|\bassum|\btrust/i

function byCode(reason: FailureReason): readonly ServiceReport[] {
  if (reason.resource === null || !CODE.test(reason.text) || !ABOUT_A_ROLE.test(reason.text)) return []
  const { resource } = reason
  return [
    {
      kind: 'cannot-assume',
      reason,
      line: 1,
      resource,
      certainty: 'probable',
      service: null,
      role: null,
      denial: null,
    },
  ]
}
