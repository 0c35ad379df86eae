/** The `iam:PassRole` statements of one call: every role that it passes, each for the one service that receives it. */

import { ok, type Refusal, type Result } from '../../base/result.ts'
import type { Config } from '../../config/config.ts'
import { settleService } from '../../diagnosis/settle-service.ts'
import type { ConditionBlock } from '../../iam/policy/policy-document.ts'
import type { NewStatement } from './add-statements.ts'
import { bothConditions } from './both-conditions.ts'
import { type Drafting, refuse, targetRole } from './draft-context.ts'
import { exactRole, isServiceName } from './exact-names.ts'

/** `proven`: the call is known to send `iam:PassedToService`. */
export type Receiver = { readonly service: string; readonly proven: boolean }
export type ApprovedSet = Config['approvedRoleSets'][number]

export function passRoleStatements(
  drafting: Drafting,
  roles: readonly string[],
  under: ConditionBlock | null = null,
): Result<readonly NewStatement[], Refusal> {
  const granted: { readonly resource: string; readonly receiver: Receiver }[] = []
  for (const role of roles) {
    if (exactRole(role) === null) return refuse('unreadable-arn', `“${role}” is not the ARN of a role.`)
    const receiver = receiverOf(drafting, role)
    if (receiver === null)
      return refuse(
        'service-unknown',
        `Which service receives ${role} could not be settled, and a grant for every service is never drafted.`,
      )
    const set = approvedSet(drafting.config, role, receiver.service)
    granted.push({ resource: set?.pattern ?? role, receiver })
  }

  const statements = groups(granted).flatMap(({ receiver, resources }) => [
    passRole(resources, receiver, under),
    ...(drafting.withGetRole ? [getRole(resources, under)] : []),
  ])
  return ok(statements)
}

/** The service that receives a role: as the diagnosis settled it for the denied one, and in the same way for the others. */
export function receiverOf({ denial, diagnosis, snapshot }: Drafting, role: string): Receiver | null {
  const receiver =
    role === deniedRole({ denial, snapshot })
      ? diagnosis.passedService
      : settleService(denial, role, targetRole(snapshot, role))
  return receiver !== null && isServiceName(receiver.service) ? receiver : null
}

/** An instance profile was followed to its role: then the first target stands for the denied resource. */
export function deniedRole({ denial, snapshot }: Pick<Drafting, 'denial' | 'snapshot'>): string | null {
  const named = denial.resource ?? denial.passes[0]?.arn ?? null
  if (named === null) return null
  return (targetRole(snapshot, named) ?? snapshot.targets[0])?.arn ?? named
}

/** The approved set that the role falls in for this service. A set ends in at most one `*`, which the configuration checks. */
export function approvedSet(config: Config, role: string, service: string): ApprovedSet | null {
  const holds = ({ pattern }: ApprovedSet) =>
    pattern.endsWith('*') ? role.startsWith(pattern.slice(0, -1)) : role === pattern
  return config.approvedRoleSets.find(set => set.services.includes(service) && holds(set)) ?? null
}

function groups(granted: readonly { readonly resource: string; readonly receiver: Receiver }[]) {
  const byReceiver = new Map<string, { receiver: Receiver; resources: string[] }>()
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

/** Where it is not proven that the call sends the key, `StringEquals` could fail for ever. */
function passRole(
  resources: readonly string[],
  { service, proven }: Receiver,
  under: ConditionBlock | null,
): NewStatement {
  const receives = { [proven ? 'StringEquals' : 'StringEqualsIfExists']: { 'iam:PassedToService': service } }
  return {
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: oneOrMore(resources),
    Condition: bothConditions(under, receives) ?? receives,
  }
}

/** A statement of its own: `iam:GetRole` never carries `iam:PassedToService`. */
const getRole = (resources: readonly string[], under: ConditionBlock | null): NewStatement => ({
  Effect: 'Allow',
  Action: 'iam:GetRole',
  Resource: oneOrMore(resources),
  ...(under === null ? {} : { Condition: under }),
})
