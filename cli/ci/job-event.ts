/** The event with which a failed job asks the bot to name what was denied. */

import {
  type Denial,
  type DenialReason,
  type DenyingLayer,
  denialsIn,
  isUnnamed,
  layerOfReason,
  type OtherDenial,
  otherDenialsIn,
  UNNAMED,
} from '../../core/denial/index.ts'
import { JOB_SCHEMA, type JobEventDetail, MAX_JOB_LOG_CHARS } from '../../functions/domain/deploy/index.ts'

/** The job, as its CI system names it. */
export type CiJob = {
  readonly tool: string
  readonly name: string
  readonly run: string | null
}

/** Null: the log names no denial. */
export function jobEventOf(log: string, { tool, name, run }: CiJob, runUrl: string | null): JobEventDetail | null {
  const words = refusalsIn(log)
  if (words === '') return null
  return {
    ...{ schema: JOB_SCHEMA, status: 'failed', tool, name: plainName(name), log: words },
    ...(run === null ? {} : { run: plainName(run) }),
    ...(runUrl === null ? {} : { runUrl }),
  }
}

/**
 * Nothing else of the log leaves the job, as it can contain secrets, also between the words of a refusal: each refusal is written again
 * from what was read of it.
 */
function refusalsIn(log: string): string {
  const words = new Set<string>()
  let length = 0
  for (const refusal of [...denialsIn(log).map(ofRole), ...otherDenialsIn(log).map(ofOther)].slice(0, MAX_REFUSALS)) {
    const own = wordsOf(ownNamesOf(refusal, log))
    if (words.has(own)) continue
    length += own.length + BETWEEN.length
    if (length > MAX_JOB_LOG_CHARS) break
    words.add(own)
  }
  return [...words].join(BETWEEN)
}

const BETWEEN = '\n\n'
/** Of each, the whole log is searched for its names. */
const MAX_REFUSALS = 500

type Refusal = Omit<OtherDenial, 'line' | 'text'> & { readonly fixed?: string | null }

/** AWS's words that name nothing. */
const FIXED: { readonly [reason in DenialReason]?: string } = {
  'cross-account-pass-role': 'Cross-account pass role is not allowed.',
  'root-cannot-assume': 'Roles may not be assumed by root accounts.',
}

function ofRole({ action, principal, resource, reason, reasonPolicyArn, call }: Denial): Refusal {
  const service = call.eventSource?.split('.')[0] ?? null
  return {
    ...{ action, resource, principal: principal.arn ?? principal.name, policyArn: reasonPolicyArn },
    ...layerOfReason(reason),
    call: call.eventName === null && service === null ? null : { service, operation: call.eventName },
    fixed: FIXED[reason] ?? null,
  }
}

/** Only these words name who was denied. */
const ofOther = (denial: OtherDenial): Refusal =>
  denial.principal === UNNAMED.stateMachine ? { ...denial, fixed: LOGS_OF_MACHINE } : denial

const LOGS_OF_MACHINE =
  'The state machine IAM Role is not authorized to access the Log Destination (Service: AWSStepFunctions; Status Code: 400; Error Code: AccessDeniedException)'

/** Behind the name of a resource whose end the log does not show. */
const CUT = '…'

const ARN = /^arn:[^\s"'`]{1,1600}$/
const SERVICE = /^[a-z0-9.-]{1,80}\.amazonaws\.com$/
/** What IAM names without an ARN. */
const IAM_NAME = /^(?:role|user|group|policy|instance profile) [\w+=,.@-]{1,128}…?$/

/** Leaves out what may be a word of another line, or was put together with one. */
function ownNamesOf(refusal: Refusal, log: string): Refusal {
  const { principal, resource, policyArn } = refusal
  const isSaid = (name: string) => log.includes(name.replace(CUT, ''))
  const isArn = (text: string | null): text is string => text !== null && ARN.test(text) && isSaid(text)
  const isOfIam = resource !== null && IAM_NAME.test(resource) && isSaid(`resource: ${resource}`)
  return {
    ...refusal,
    principal:
      principal === null || isUnnamed(principal)
        ? null
        : SERVICE.test(principal) || isArn(principal)
          ? principal
          : 'unknown',
    resource: resource === '*' || isOfIam || isArn(resource) ? resource : null,
    policyArn: isArn(policyArn) ? policyArn : null,
  }
}

const POLICIES: { readonly [layer in DenyingLayer]: string | null } = {
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  scp: 'service control policy',
  rcp: 'resource control policy',
  vpce: 'VPC endpoint policy',
  resource: 'resource-based policy',
  'public-access': null,
  trust: 'role trust policy',
  unknown: null,
}

const PUBLIC_ACCESS =
  ' because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access'

/** In the form of AWS and its SDK for Go, which the bot reads. */
function wordsOf({ action, call, principal, resource, layer, isExplicit, policyArn, fixed = null }: Refusal): string {
  if (fixed !== null) return `Error: ${fixed}`
  const error = `Error: ${callWords(call)}api error AccessDenied: `
  // Its name is none of AWS's.
  if (action === null && layer === 'resource')
    return `Error: Access Denied for bucket: unknown. Please check its permission (Service: ${call?.service ?? 's3'}, Status Code: 400)`
  if (action === null) {
    // Without these words, a call of EC2 is read as its action.
    const hidden = call?.service === 'ec2' ? ' (Encoded authorization failure message left out)' : ''
    return `${error}${principal === null ? 'Access Denied' : `"${principal}" is not authorized to call it`}${hidden}`
  }
  const who = principal === null ? 'not' : `User: ${principal} is not`
  const what =
    resource === null ? '' : ` on resource: ${resource.endsWith(CUT) ? resource.slice(0, -1) : `"${resource}"`}`
  const policy = POLICIES[layer]
  const named = policyArn === null ? '' : `: ${policyArn}`
  const denies = ` with an explicit deny${policy === null ? '' : ` in a${policy.startsWith('identity') ? 'n' : ''} ${policy}${named}`}`
  if (layer === 'public-access') return `${error}${who} authorized to perform: ${action}${what}${PUBLIC_ACCESS}`
  const because = policy === null ? '' : ` because no ${policy} allows the ${action} action`
  const ends = resource === null ? ' (403)' : ''
  return `${error}${who} authorized to perform: ${action}${what}${isExplicit ? denies : because || ends}`
}

function callWords(call: Refusal['call']): string {
  const { service = null, operation = null } = call ?? {}
  if (operation === null)
    return service === null ? '' : `(Service: ${service}; Status Code: 403; Error Code: AccessDenied) `
  return service === null
    ? `An error occurred (AccessDenied) when calling the ${operation} operation: `
    : `operation error ${service}: ${operation}, https response error StatusCode: 403, `
}

/** The names that the bot reads have no spaces. */
const plainName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9._/@:#+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128)
