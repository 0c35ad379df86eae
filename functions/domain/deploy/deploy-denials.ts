/** The denials that the words of a failed deploy hold. */

import { digest } from '../denial/cloudtrail/denial-facts.ts'
import type { Denial } from '../denial/denial.ts'
import { fingerprintOf, requestKeyOf } from '../denial/fingerprint.ts'
import { denialsIn } from '../denial/logs/denials-in-log.ts'
import { passedService } from '../denial/passed-service/passed-service.ts'
import { callOfResource } from '../denial/passed-service/resource-type-calls.ts'
import { parseRoleArn } from '../iam/arn.ts'
import { type FailedDeploy, type FailureReason, tryOf } from './deploy.ts'
import { TWIN_MS } from './deploy-round.ts'
import { toolOf } from './tools/tools.ts'

export type SaidDenial = { readonly denial: Denial; readonly reason: FailureReason }

/** Each once: a stack's own events say what its resource's event has said. */
export function denialsSaid(deploy: FailedDeploy, reasons: readonly FailureReason[]): readonly SaidDenial[] {
  const said = reasons.flatMap(reason =>
    denialsIn(reason.text).map(denial => ({ denial: withFacts(denial, deploy, reason), reason })),
  )
  const keys = said.map(({ denial }) => `${fingerprintOf(denial)}/${denial.id}`)
  return said.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}

/** With what the deploy adds to the text: when, where, through which service, and by which call. */
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

/** The same however often, and through whichever event, the deploy tells of it. */
function idOf(denial: Denial, deploy: FailedDeploy, atMs: number): string {
  const { accountId, region, target } = deploy
  const tried = tryOf(deploy) ?? String(Math.floor(atMs / TWIN_MS))
  return digest(JSON.stringify([accountId, region, target, tried, requestKeyOf(denial)]))
}

export type Actors = {
  /** ARNs of roles. */
  readonly roles: readonly string[]
  readonly sessions: readonly string[]
  /** A person, or whatever runs the deploy, acts with their own credentials. */
  readonly caller: boolean
}

/**
 * RichText are no proof: a custom resource, a build script or an echoed value can say anything. They may lead to a proposal
 * only where they speak of the deploy's own identity, which whoever wrote them could make be denied in earnest.
 */
export function mayEnter({ denial, reason }: SaidDenial, deploy: FailedDeploy, actors: Actors): boolean {
  const { principal } = denial
  if (principal.kind === 'unknown' || principal.name === null || principal.accountId !== deploy.accountId) return false
  if (denial.accountId !== deploy.accountId || denial.resource === null) return false
  if (!toolOf(deploy).mayStartProposal(reason)) return false
  if (principal.sessionName !== null && actors.sessions.includes(principal.sessionName)) return true
  return actors.caller || actors.roles.some(arn => isRole(arn, principal))
}

export function isRole(arn: string, principal: Denial['principal']): boolean {
  const role = parseRoleArn(arn)
  if (role === null || principal.kind === 'user' || principal.name === null) return false
  return role.accountId === principal.accountId && role.name.toLowerCase() === principal.name.toLowerCase()
}
