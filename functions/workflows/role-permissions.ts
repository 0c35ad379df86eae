/** Whether a role may do what its function does, from its policies as they are and the guardrails above it: nothing is tried. */
import { known, RolemedicError } from '../../core/base/index.ts'
import { type ContextFacts, evaluateUnder, present } from '../../core/iam/index.ts'
import type { AccessReader } from '../ports/access-reader.ts'
import type { Trial } from '../ports/self-test/trial.ts'

export type NeededCall = { readonly action: string; readonly resource: string; readonly context?: ContextFacts }
export type RoleAt = { readonly accountId: string; readonly name: string; readonly region: string }

/** Whose identity policies must allow it. What keys, buckets and queues say of themselves is not read. */
const IDENTITY = { sides: 'identity', resourceControlPolicies: false, refusals: [] } as const

export async function evaluatedTrials(
  { accountId, name, region }: RoleAt,
  calls: readonly NeededCall[],
  reader: Pick<AccessReader, 'role' | 'organization' | 'serviceControlPolicies'>,
): Promise<readonly Trial[]> {
  const [role, organization, scps] = await Promise.all([
    reader.role({ accountId, name }),
    reader.organization(),
    reader.serviceControlPolicies(accountId),
  ])
  const snapshot = {
    ...{ caller: role, targets: [], organization, scps },
    ...{ rcps: known([]), session: known([]), vpce: known([]) },
  }
  const roleArn = role.kind === 'found' ? role.value.arn : null
  const partition = roleArn?.split(':')[1] ?? 'aws'
  const principalArn = `arn:${partition}:sts::${accountId}:assumed-role/${name}/${name}`
  return calls.map(({ action, resource, context = {} }): Trial => {
    const request = {
      action,
      resource,
      principalArn,
      roleArn,
      context: { ...contextOf(region, organization), ...context },
    }
    return [
      `${action} on ${resource}`,
      async () => {
        const { answer, layers } = evaluateUnder(IDENTITY, request, snapshot)
        if (answer === 'allowed') return
        const unseen = layers.flatMap(({ unknowns }) => unknowns)[0]
        const by = layers.find(layer => layer.answer === 'explicit-deny' || layer.answer === 'implicit-deny')
        const why = by === undefined ? (unseen?.why ?? 'not all conditions are known') : `${by.answer} in ${by.type}`
        throw new RolemedicError(answer, why)
      },
    ]
  })
}

/** All that roles of one organization ask for is inside of it. */
function contextOf(region: string, organization: Awaited<ReturnType<AccessReader['organization']>>): ContextFacts {
  const id = organization.known ? organization.value.id : null
  return {
    'aws:requestedregion': present(region),
    'aws:securetransport': present('true'),
    ...(id === null ? {} : { 'aws:resourceorgid': present(id), 'aws:principalorgid': present(id) }),
  }
}
