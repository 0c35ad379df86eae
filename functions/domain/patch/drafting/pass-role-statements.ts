/** The `iam:PassRole` statements for one call: every role that it passes, each for the one service that receives it. */

import { ok, type Refusal, type Result } from '../../base/result.ts'
import type { Config } from '../../config/config.ts'
import { resolveService } from '../../diagnosis/resolve-service.ts'
import type { ConditionBlock } from '../../iam/policy/policy-document.ts'
import type { NewStatement } from './add-statements.ts'
import { type DraftContext, findTarget, refuseDraft } from './draft-context.ts'
import { exactRole, isServiceName } from './exact-names.ts'
import { mergeConditions } from './merge-conditions.ts'

/** `proven`: the call is known to send `iam:PassedToService` with this value. */
export type ReceivingService = { readonly service: string; readonly proven: boolean }
export type ApprovedRoleSet = Config['approvedRoleSets'][number]

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
    const set = approvedRoleSet(context.config, role, receiver.service)
    granted.push({ resource: set?.pattern ?? role, receiver })
  }

  const statements = groups(granted).flatMap(({ receiver, resources }) => [
    passRole(resources, receiver, under),
    ...(context.withGetRole ? [getRole(resources, under)] : []),
  ])
  return ok(statements)
}

/** The service that receives a role: from the diagnosis for the denied role, determined in the same way for the others. */
export function receivingService({ denial, diagnosis, snapshot }: DraftContext, role: string): ReceivingService | null {
  const receiver =
    role === deniedRole({ denial, snapshot })
      ? diagnosis.passedService
      : resolveService(denial, role, findTarget(snapshot, role))
  return receiver !== null && isServiceName(receiver.service) ? receiver : null
}

/** If the denied resource is an instance profile, its role is the first target. */
export function deniedRole({ denial, snapshot }: Pick<DraftContext, 'denial' | 'snapshot'>): string | null {
  const named = denial.resource ?? denial.passes[0]?.arn ?? null
  if (named === null) return null
  return (findTarget(snapshot, named) ?? snapshot.targets[0])?.arn ?? named
}

/** The approved role set that contains this role for this service. The configuration allows one `*`, at the end of a pattern. */
export function approvedRoleSet(config: Config, role: string, service: string): ApprovedRoleSet | null {
  const contains = ({ pattern }: ApprovedRoleSet) =>
    pattern.endsWith('*') ? role.startsWith(pattern.slice(0, -1)) : role === pattern
  return config.approvedRoleSets.find(set => set.services.includes(service) && contains(set)) ?? null
}

function groups(granted: readonly { readonly resource: string; readonly receiver: ReceivingService }[]) {
  const byReceiver = new Map<string, { receiver: ReceivingService; resources: string[] }>()
  for (const { resource, receiver } of granted) {
    const key = `${receiver.service} ${receiver.proven}`
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

/** If it is not proven that the call sends the key, `StringEquals` could never match. */
function passRole(
  resources: readonly string[],
  { service, proven }: ReceivingService,
  under: ConditionBlock | null,
): NewStatement {
  const receives = { [proven ? 'StringEquals' : 'StringEqualsIfExists']: { 'iam:PassedToService': service } }
  return {
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: oneOrMore(resources),
    Condition: mergeConditions(under, receives) ?? receives,
  }
}

/** A separate statement: `iam:GetRole` never sends `iam:PassedToService`. */
const getRole = (resources: readonly string[], under: ConditionBlock | null): NewStatement => ({
  Effect: 'Allow',
  Action: 'iam:GetRole',
  Resource: oneOrMore(resources),
  ...(under === null ? {} : { Condition: under }),
})
