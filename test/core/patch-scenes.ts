/** Small hand-made accounts and denials for the tests of drafting, verifying and guardrails. */
import type { AccessPicture, Identity, Role, TargetRole } from '../../functions/core/access/access-picture.ts'
import { parseEntityArn } from '../../functions/core/arn.ts'
import { type Config, DEFAULT_CONFIG } from '../../functions/core/config/config.ts'
import type { Denial } from '../../functions/core/denial/denial.ts'
import { diagnose } from '../../functions/core/diagnose/diagnose.ts'
import type { Diagnosis } from '../../functions/core/diagnose/diagnosis.ts'
import { ABSENT, found, known } from '../../functions/core/fact.ts'
import { draft } from '../../functions/core/patch/draft.ts'
import type { Patch } from '../../functions/core/patch/patch.ts'
import { type Verified, verify } from '../../functions/core/patch/verify.ts'
import { present } from '../../functions/core/policy/context.ts'
import type { PolicyDocument, SourcedPolicy, Statement } from '../../functions/core/policy/policy.ts'

export const NOW_MS = Date.parse('2026-11-24T12:00:00Z')
export const ACCOUNT = '111122223333'
export const DEPLOYER = `arn:aws:iam::${ACCOUNT}:role/deployer`
export const TASK_ROLE = `arn:aws:iam::${ACCOUNT}:role/orders-task`
export const EXECUTION_ROLE = `arn:aws:iam::${ACCOUNT}:role/orders-execution`

export const document = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement })
export const allow = (
  Action: string | string[],
  Resource: string | string[],
  more: Partial<Statement> = {},
): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
export const trusting = (
  Principal: { [type: string]: string | string[] },
  more: Partial<Statement> = {},
): PolicyDocument => document({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...more })

export function inline(owner: string, name: string, ...statements: Statement[]): SourcedPolicy {
  return { type: 'identity', name, arn: null, attachedTo: owner, document: document(...statements) }
}

export function managed(
  owner: string,
  name: string,
  attachments: number | null,
  ...statements: Statement[]
): SourcedPolicy {
  const policy = { ...inline(owner, name, ...statements), arn: `arn:aws:iam::${ACCOUNT}:policy/${name}` }
  return attachments === null ? policy : { ...policy, attachments }
}

export function identity(arn: string, policies: readonly SourcedPolicy[] = [], more: Partial<Identity> = {}): Identity {
  const { kind = 'role', accountId = ACCOUNT, name = '', path = '/' } = parseEntityArn(arn) ?? {}
  return { kind, arn, accountId, name, path, uniqueId: null, tags: {}, policies, unseen: [], boundary: ABSENT, ...more }
}

export function role(
  arn: string,
  trust: PolicyDocument,
  policies: readonly SourcedPolicy[] = [],
  more: Partial<Identity> = {},
): TargetRole {
  const value: Role = { ...identity(arn, policies, more), kind: 'role', trust: known(trust) }
  return { arn, role: found(value), near: known([]) }
}

export function picture(
  caller: Identity | null,
  targets: readonly TargetRole[],
  more: Partial<AccessPicture> = {},
): AccessPicture {
  return {
    caller: caller === null ? ABSENT : found(caller),
    targets,
    organization: known({ id: 'o-abc123', managementAccountId: '999999999999' }),
    scps: known([]),
    rcps: known([]),
    session: known([]),
    vpce: known([]),
    ...more,
  }
}

const BASE: Denial = {
  id: 'event-1',
  source: 'cloudtrail',
  timeMs: NOW_MS - 120_000,
  accountId: ACCOUNT,
  region: 'eu-central-1',
  partition: 'aws',
  action: 'iam:PassRole',
  principal: {
    kind: 'role',
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ci`,
    roleArn: DEPLOYER,
    pathKnown: true,
    accountId: ACCOUNT,
    name: 'deployer',
    sessionName: 'ci',
    uniqueId: 'AROAEXAMPLEDEPLOYER:ci',
  },
  resource: TASK_ROLE,
  reason: 'none-given',
  reasonPolicyArn: null,
  authorizationId: null,
  encodedMessage: null,
  call: { eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition' },
  via: null,
  passes: [],
  claims: null,
  context: {},
  awsEvaluation: null,
  message: 'not authorized',
}

/** A denied call that passes these roles, the denied one first. */
export function passDenial(
  roles: readonly string[] = [TASK_ROLE],
  service = 'ecs-tasks.amazonaws.com',
  keySent: 'proven' | 'unproven' | 'never' = 'proven',
  more: Partial<Denial> = {},
): Denial {
  const passes = roles.map(arn => ({ arn, parameter: null, service: { candidates: [service], keySent } }))
  return { ...BASE, resource: roles[0] ?? null, passes, ...more }
}

export function assumeDenial(resource: string, more: Partial<Denial> = {}): Denial {
  const call = { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' }
  return { ...BASE, action: 'sts:AssumeRole', resource, call, ...more }
}

const GITHUB = 'token.actions.githubusercontent.com'
export const GITHUB_PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}`

export function webIdentityDenial(resource: string, subject: string, audience = 'sts.amazonaws.com'): Denial {
  return {
    ...BASE,
    action: 'sts:AssumeRoleWithWebIdentity',
    resource,
    call: { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRoleWithWebIdentity' },
    principal: {
      kind: 'web-identity',
      arn: null,
      roleArn: null,
      pathKnown: false,
      accountId: null,
      name: subject,
      sessionName: null,
      uniqueId: null,
    },
    claims: { provider: GITHUB_PROVIDER, subject, audience },
    context: { [`${GITHUB}:sub`]: present(subject), [`${GITHUB}:aud`]: present(audience) },
  }
}

export function githubTrust(sub: string | string[], operator = 'StringLike'): PolicyDocument {
  const audience = { [`${GITHUB}:aud`]: 'sts.amazonaws.com' }
  const Condition =
    operator === 'StringEquals'
      ? { StringEquals: { ...audience, [`${GITHUB}:sub`]: sub } }
      : { StringEquals: audience, [operator]: { [`${GITHUB}:sub`]: sub } }
  return document({
    Effect: 'Allow',
    Principal: { Federated: GITHUB_PROVIDER },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition,
  })
}

export const ecsTrust = trusting({ Service: 'ecs-tasks.amazonaws.com' })
export const account = (id: string): { AWS: string } => ({ AWS: `arn:aws:iam::${id}:root` })

export type Outcome = {
  readonly diagnosis: Diagnosis
  readonly patch: Patch | null
  readonly verified: Verified | null
  /** The refusal of the draft or of the verification; null: the patch is offered. */
  readonly refusal: string | null
}

/** The whole way from denial to verified patch. */
export function examineScene(
  denial: Denial,
  seen: AccessPicture,
  options: { config?: Partial<Config>; withGetRole?: boolean; nowMs?: number } = {},
): Outcome {
  const config: Config = { ...DEFAULT_CONFIG, ...options.config }
  const { nowMs = NOW_MS, withGetRole = false } = options
  const diagnosis = diagnose(denial, seen, { config, nowMs })
  const drafted = draft(denial, diagnosis, seen, { config, withGetRole, nowMs })
  if (!drafted.ok) return { diagnosis, patch: null, verified: null, refusal: drafted.error.code }
  const { patch } = drafted.value
  const verified = verify(patch, { denial, diagnosis, picture: seen, config, nowMs })
  return { diagnosis, patch, verified, refusal: verified.result.ok ? null : verified.result.error.code }
}

/** What the offered patch adds, as `target: statement`; fails the test when it was refused. */
export function offered(outcome: Outcome): Patch {
  if (outcome.refusal !== null || outcome.patch === null)
    throw new Error(
      `refused: ${outcome.refusal} (${outcome.diagnosis.summary}) ${JSON.stringify(outcome.verified?.verification, null, 1)}`,
    )
  return outcome.patch
}
