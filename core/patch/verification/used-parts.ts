/** Checks that requests use everything that a change adds. A request that the change does not concern proves nothing about the change. */
import { resolveRequest } from '../../actions/index.ts'
import { canonicalJson } from '../../base/index.ts'
import type { Denial } from '../../denial/index.ts'
import {
  type AccessSnapshot,
  type ConditionBlock,
  type ConditionValue,
  list,
  matchedStatements,
  type PolicyDocument,
  type Statement,
  withoutExpiry,
} from '../../iam/index.ts'
import type { Target } from '../patch.ts'
import { deniedRequests } from './denied-requests.ts'

/** A denial and what was read for it. */
export type DenialWithAccess = { readonly denial: Denial; readonly snapshot: AccessSnapshot }

type Written = {
  readonly target: Target
  readonly before: PolicyDocument | null
  readonly after: PolicyDocument | null
}

/** True when every added part, whatever its end, matches one of the requests. False if that is unknown. */
export function areAllUsed(writes: readonly Written[], asked: readonly DenialWithAccess[]): boolean {
  const parts = writes.flatMap(write => partsOf(write).map(part => ({ part, write })))
  return parts.length > 0 && parts.every(({ part, write }) => asked.some(one => uses(one, part, write)))
}

function uses({ denial, snapshot }: DenialWithAccess, part: Statement, { target, after }: Written): boolean {
  const isTrust = target.kind === 'role-trust-policy'
  const { caller } = snapshot
  // The policy must be one of the caller: another principal's identity policy would match any request.
  if (!isTrust && !(caller.kind === 'found' && isOf(target, caller.value))) return false
  const policy = {
    type: isTrust ? ('trust' as const) : ('identity' as const),
    name: target.name,
    arn: null,
    attachedTo: target.arn,
    document: { ...(after ?? {}), Statement: [part] },
  }
  const roles = snapshot.targets.map(({ arn }) => arn).filter(arn => !isTrust || arn === target.arn)
  return deniedRequests(denial, snapshot, roles).some(request =>
    matchedStatements(policy, resolveRequest(request, snapshot)).some(({ truth }) => truth === 'yes'),
  )
}

type Holder = { readonly arn: string; readonly policies: readonly { readonly arn: string | null }[] }

const isOf = ({ arn }: Target, holder: Holder): boolean =>
  holder.arn === arn || holder.policies.some(policy => policy.arn === arn)

/** Each added statement, split by role and receiving service. */
function partsOf({ before, after }: Written): readonly Statement[] {
  const old = before?.Statement ?? []
  const forms = new Set(old.map(canonicalJson))
  return (after?.Statement ?? [])
    .filter(statement => !forms.has(canonicalJson(statement)) && !isBeside(statement))
    .flatMap(statement => {
      const added = withoutExpiry(statement)
      // A value added to an existing statement applies to all of its roles, although only one was requested.
      return old.some(one => reachOf(one) === reachOf(added)) ? [added] : byRole(added)
    })
    .flatMap(byService)
}

/** True for `iam:GetRole`, which the configuration may add to each pass of a role and which is never requested itself. */
const isBeside = ({ Action }: Statement): boolean => canonicalJson(list(Action)) === '["iam:GetRole"]'

const reachOf = ({ Sid: _, Condition: __, ...rest }: Statement): string => canonicalJson(rest)

const byRole = (statement: Statement): readonly Statement[] =>
  statement.Resource === undefined
    ? [statement]
    : list(statement.Resource).map(Resource => ({ ...statement, Resource }))

function byService(statement: Statement): readonly Statement[] {
  const { Condition = {} } = statement
  for (const [operator, tests] of Object.entries(Condition))
    for (const [key, values] of Object.entries(tests))
      if (key.toLowerCase() === 'iam:passedtoservice')
        return list(values).map(value => ({ ...statement, Condition: withValue(Condition, operator, key, value) }))
  return [statement]
}

const withValue = (block: ConditionBlock, operator: string, key: string, value: ConditionValue): ConditionBlock => ({
  ...block,
  [operator]: { ...block[operator], [key]: value },
})
