/** The denials in the texts of a failed deploy. */

import { neutralText } from '../../../core/base/index.ts'
import {
  callOfResource,
  type Denial,
  denialsIn,
  digest,
  fingerprintOf,
  passedService,
  requestKeyOf,
} from '../../../core/denial/index.ts'
import { parseArn, parseRoleArn } from '../../../core/iam/index.ts'
import { attemptIdOf, type CorrelationKeys, type FailedDeploy, type FailureReason, type OwnIdentity } from './deploy.ts'
import { TWIN_MS } from './deploy-round.ts'
import { toolOf } from './tools/tools.ts'

export type ReportedDenial = { readonly denial: Denial; readonly reason: FailureReason }

/** Each denial once: a stack's own events repeat those of its resource. */
export function reportedDenials(deploy: FailedDeploy, reasons: readonly FailureReason[]): readonly ReportedDenial[] {
  const distinct = new Map<string, ReportedDenial>()
  for (const reason of reasons) {
    for (const found of denialsIn(reason.text)) {
      const denial = withFacts(found, deploy, reason)
      const key = `${fingerprintOf(denial)}/${denial.id}`
      if (!distinct.has(key)) distinct.set(key, { denial, reason })
      if (distinct.size === MAX_REPORTED) return [...distinct.values()]
    }
  }
  return [...distinct.values()]
}

/** The texts come from outside and may contain any number of denials. */
const MAX_REPORTED = 500

/** The most denials of one deploy that become cards although only its texts report them. The rest is only counted. */
export const MAX_HARVESTED = 10

/**
 * The need of a service for a role, which the source of the deploy shows, as a denial of this deploy. `call`: the failed one, by
 * which CloudTrail's record of the refusal is found.
 */
export function faultDenial(need: Denial, deploy: FailedDeploy, { text, resourceType, atMs }: FailureReason): Denial {
  const stack = toolOf(deploy).stackOf(deploy)
  return {
    ...need,
    id: idOf(need, deploy, atMs),
    timeMs: atMs,
    accountId: deploy.accountId,
    region: deploy.region,
    call: callOfResource(resourceType),
    via: stack === null ? null : 'cloudformation.amazonaws.com',
    ...(stack === null ? {} : { stack }),
    message: neutralText(text, MAX_SENTENCE_CHARS),
  }
}

const MAX_SENTENCE_CHARS = 600

/** Adds what the deploy knows to the text's denial: time, place, service and call. */
function withFacts(denial: Denial, deploy: FailedDeploy, { resourceType, atMs }: FailureReason): Denial {
  const call = denial.call.eventName === null ? callOfResource(resourceType) : denial.call
  const service = passedService(call, null, denial.partition)
  const stack = toolOf(deploy).stackOf(deploy)
  return {
    ...denial,
    id: idOf(denial, deploy, atMs),
    timeMs: atMs,
    accountId: denial.accountId ?? deploy.accountId,
    region: denial.region ?? deploy.region,
    call,
    via: stack === null ? null : 'cloudformation.amazonaws.com',
    ...(stack === null ? {} : { stack }),
    passes: call.eventName === null ? denial.passes : denial.passes.map(pass => ({ ...pass, service })),
  }
}

/** The same id in every delivery and in every event of the deploy. */
function idOf(denial: Denial, deploy: FailedDeploy, atMs: number): string {
  const { accountId, region, target } = deploy
  const attempt = attemptIdOf(deploy) ?? String(Math.floor(atMs / TWIN_MS))
  return digest(JSON.stringify([accountId, region, target, attempt, requestKeyOf(denial)]))
}

export type Actors = {
  readonly own: readonly OwnIdentity[]
  /** The deploy uses the credentials of the person or machine that runs it. */
  readonly caller: boolean
}

/**
 * Text is no proof: a custom resource, a build script or an echoed value can contain anything. A text may start a proposal only
 * about the deploy's own role in its own session, both as the tool itself reports them. If the role could not be read, the
 * denial waits for CloudTrail's record. Even then it is hearsay: see `authority/witness.ts`.
 */
export function mayEnter({ denial, reason }: ReportedDenial, deploy: FailedDeploy, actors: Actors): boolean {
  const { principal } = denial
  if (principal.kind === 'unknown' || principal.name === null || principal.accountId !== deploy.accountId) return false
  if (denial.accountId !== deploy.accountId || denial.resource === null) return false
  if (!toolOf(deploy).mayStartProposal(reason)) return false
  if (actors.own.length === 0) return actors.caller
  return isOwnIdentity(principal, reason, actors.own)
}

/** True for a role in a session that the tool itself reports as the deploy's own. */
export const isOwnIdentity = (
  principal: Denial['principal'],
  { resource }: FailureReason,
  own: Actors['own'],
): boolean =>
  own.some(({ roleArn, session, action }) => {
    if (action !== undefined && action !== resource) return false
    return isPrincipalRole(roleArn, principal) && (session === null || principal.sessionName === session)
  })

/** AWS names the account of a part of a StackSet as "444455556666, eu-west-1". */
export const accountsOf = (
  { resource }: FailureReason,
  { accountId }: Pick<FailedDeploy, 'accountId'>,
): readonly string[] => [accountId, ...(/^\d{12}(?=, )/.exec(resource ?? '') ?? [])]

/**
 * True where AWS says that this principal was denied. Its texts echo values of the template, which can name anybody: a principal of
 * another account is one of those.
 */
export function isAwsWord(
  principal: string | null,
  reason: FailureReason,
  deploy: Pick<FailedDeploy, 'kind' | 'accountId'>,
): boolean {
  if (toolOf(deploy).isAwsText?.(reason) !== true) return false
  const owner = parseArn(principal ?? '')?.accountId ?? ''
  return owner === '' || accountsOf(reason, deploy).includes(owner)
}

/**
 * True where the deploy's own words show that this denial broke it: AWS wrote them, or who was denied is the deploy itself, in its
 * own session. A log or an event of somebody else can repeat the denial of anybody.
 */
export function isOwnDenial(
  { denial, reason }: ReportedDenial,
  deploy: Pick<FailedDeploy, 'kind' | 'accountId'>,
  { own, sessions }: Pick<Actors, 'own'> & Pick<CorrelationKeys, 'sessions'>,
): boolean {
  // A rollback begins after the failure.
  if (toolOf(deploy).hearsay !== undefined || reason.during === 'rollback') return false
  const { principal } = denial
  if (isAwsWord(principal.arn, reason, deploy)) return true
  const isSession = principal.sessionName !== null && sessions.includes(principal.sessionName)
  return own.length === 0 ? isSession : isOwnIdentity(principal, reason, own)
}

export function isPrincipalRole(arn: string, principal: Denial['principal']): boolean {
  const role = parseRoleArn(arn)
  if (role === null || principal.kind === 'user' || principal.name === null) return false
  return role.accountId === principal.accountId && role.name.toLowerCase() === principal.name.toLowerCase()
}
