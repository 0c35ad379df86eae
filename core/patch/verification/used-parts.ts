/** Whether requests use everything that a change adds: a request that the change is not about says nothing about the change. */
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

/** A denial, and what was read for it. */
export type DenialWithAccess = { readonly denial: Denial; readonly snapshot: AccessSnapshot }

type Written = {
  readonly target: Target
  readonly before: PolicyDocument | null
  readonly after: PolicyDocument | null
}

/** Every part of what was added, whatever its end, matches one of the requests. False where that cannot be seen. */
export function areAllUsed(writes: readonly Written[], asked: readonly DenialWithAccess[]): boolean {
  const parts = writes.flatMap(write => partsOf(write).map(part => ({ part, write })))
  return parts.length > 0 && parts.every(({ part, write }) => asked.some(one => uses(one, part, write)))
}

function uses({ denial, snapshot }: DenialWithAccess, part: Statement, { target, after }: Written): boolean {
  const isTrust = target.kind === 'role-trust-policy'
  const { caller } = snapshot
  // The policy is one of the caller: what an identity policy says of somebody else matches any request.
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

/** Each added statement, for each of its roles and receiving services apart. */
function partsOf({ before, after }: Written): readonly Statement[] {
  const old = before?.Statement ?? []
  const forms = new Set(old.map(canonicalJson))
  return (after?.Statement ?? [])
    .filter(statement => !forms.has(canonicalJson(statement)) && !isBeside(statement))
    .flatMap(statement => {
      const added = withoutExpiry(statement)
      // A value that was added to somebody's statement has all of its roles, and was asked for with one.
      return old.some(one => reachOf(one) === reachOf(added)) ? [added] : byRole(added)
    })
    .flatMap(byService)
}

/** Comes with each pass of a role where the configuration says so, and is no request of its own. */
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
