/** The `iam:PassRole` statements for one call: every role that it passes, each for the one service that receives it. */

import { ok, type Refusal, type Result } from '../../base/index.ts'
import { resolveService } from '../../diagnosis/index.ts'
import { type ConditionBlock, findTarget } from '../../iam/index.ts'
import type { ApprovedRoleSet, Settings } from '../../settings/index.ts'
import { mergeConditions, type NewStatement } from './document-edits.ts'
import { type DraftContext, refuseDraft } from './draft-context.ts'
import { exactRole, isServiceName } from './exact-names.ts'

/** `certain`: the call sends one of the services, so a grant may require it. */
export type ReceivingService = { readonly services: readonly string[]; readonly certain: boolean }

/** AWS publishes at most this many for one call. A longer list is not a usable answer. */
const MAX_SERVICES = 6

export function passRoleStatements(
  context: DraftContext,
  roles: readonly string[],
  under: ConditionBlock | null = null,
): Result<readonly NewStatement[], Refusal> {
  const granted: { readonly resource: string; readonly receiver: ReceivingService }[] = []
  for (const role of roles) {
    if (exactRole(role) === null) return refuseDraft('unreadable-arn', `“${role}” is not the ARN of a role.`)
    const receiver = receivingService(context, role)
    if (receiver === null)
      return refuseDraft(
        'service-unknown',
        `The service that receives ${role} is unknown, and rolemedic never drafts a grant for every service.`,
      )
    const set = approvedRoleSet(context.config, role, receiver.services)
    granted.push({ resource: set?.pattern ?? role, receiver })
  }

  const statements = groups(granted).flatMap(({ receiver, resources }) => [
    passRole(resources, receiver, under),
    ...(context.withGetRole ? [getRole(resources, under)] : []),
  ])
  return ok(statements)
}

/** The service that receives a role: for the denied role from the diagnosis, for others resolved in the same way. */
export function receivingService({ denial, diagnosis, snapshot }: DraftContext, role: string): ReceivingService | null {
  const settled =
    role === deniedRole({ denial, snapshot })
      ? diagnosis.passedService
      : resolveService(denial, role, findTarget(snapshot, role))
  if (settled === null || settled.services.length > MAX_SERVICES || !settled.services.every(isServiceName)) return null
  return { services: settled.services, certain: !settled.mayBeAbsent && settled.evidence !== 'trust' }
}

/** The denied role. If the denied resource is an instance profile, it is the first target. */
export function deniedRole({ denial, snapshot }: Pick<DraftContext, 'denial' | 'snapshot'>): string | null {
  const named = denial.resource ?? denial.passes[0]?.arn ?? null
  if (named === null) return null
  return (findTarget(snapshot, named) ?? snapshot.targets[0])?.arn ?? named
}

/** The approved role set that contains the role for this service. A set has at most one `*`, at its end, which the configuration checks. */
export function approvedRoleSet(config: Settings, role: string, services: readonly string[]): ApprovedRoleSet | null {
  const holds = ({ pattern }: ApprovedRoleSet) =>
    pattern.endsWith('*') ? role.startsWith(pattern.slice(0, -1)) : role === pattern
  return (
    config.approvedRoleSets.find(set => services.every(service => set.services.includes(service)) && holds(set)) ?? null
  )
}

function groups(granted: readonly { readonly resource: string; readonly receiver: ReceivingService }[]) {
  const byReceiver = new Map<string, { receiver: ReceivingService; resources: string[] }>()
  for (const { resource, receiver } of granted) {
    const key = `${receiver.services.join(' ')} ${receiver.certain}`
    const group = byReceiver.get(key) ?? { receiver, resources: [] }
    if (!group.resources.includes(resource)) group.resources.push(resource)
    byReceiver.set(key, group)
  }
  return [...byReceiver.values()]
}

const oneOrMore = (texts: readonly string[]): string | readonly string[] => {
  const [only, ...more] = texts
  return only !== undefined && more.length === 0 ? only : texts
}

/** If the call may not send the key, `StringEquals` could fail on every call. */
function passRole(
  resources: readonly string[],
  { services, certain }: ReceivingService,
  under: ConditionBlock | null,
): NewStatement {
  const receives = {
    [certain ? 'StringEquals' : 'StringEqualsIfExists']: { 'iam:PassedToService': oneOrMore(services) },
  }
  return {
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: oneOrMore(resources),
    Condition: mergeConditions(under, receives) ?? receives,
  }
}

/** In a separate statement, because `iam:GetRole` never sends `iam:PassedToService`. */
const getRole = (resources: readonly string[], under: ConditionBlock | null): NewStatement => ({
  Effect: 'Allow',
  Action: 'iam:GetRole',
  Resource: oneOrMore(resources),
  ...(under === null ? {} : { Condition: under }),
})
