import type { AccessPicture } from '../../../../functions/core/access/access-picture.ts'
import { type Config, DEFAULT_CONFIG } from '../../../../functions/core/config/config.ts'
import type { Examined } from '../../../../functions/core/patch/guardrail.ts'
import { checkGuardrails } from '../../../../functions/core/patch/guardrails.ts'
import {
  changeDigest,
  type Patch,
  patchDigest,
  type Target,
  type TargetKind,
} from '../../../../functions/core/patch/patch.ts'
import type { PolicyDocument, Statement } from '../../../../functions/core/policy/policy.ts'
import {
  allow,
  DEPLOYER,
  document,
  ecsTrust,
  examineScene,
  identity,
  NOW_MS,
  passDenial,
  picture,
  role,
  TASK_ROLE,
} from '../../patch-scenes.ts'

export const SID = 'Rolemedic0a1b2c3d'
export const pass = (Resource: string | string[] = TASK_ROLE, more: Partial<Statement> = {}): Statement => ({
  Sid: SID,
  ...allow('iam:PassRole', Resource, {
    Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  }),
  ...more,
})

export function change(kind: TargetKind, arn: string, before: PolicyDocument | null, after: PolicyDocument) {
  const target: Target = {
    kind,
    accountId: arn.split(':')[4] ?? '',
    name: arn.split('/').at(-1) ?? '',
    policyName: kind.endsWith('inline-policy') ? 'rolemedic' : null,
    arn,
  }
  return { target, before, after, required: true, digest: changeDigest({ target, before, after }) }
}

export const patchOf = (...changes: Patch['changes']): Patch => ({ changes, digest: patchDigest(changes) })
export const grant = (...statements: Statement[]) =>
  patchOf(change('role-inline-policy', DEPLOYER, null, document(...statements)))
export const trustPatch = (Principal: Statement['Principal'], roleArn = TASK_ROLE) =>
  patchOf(
    change(
      'role-trust-policy',
      roleArn,
      ecsTrust,
      document(...ecsTrust.Statement, {
        Sid: SID,
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        ...(Principal ? { Principal } : {}),
      }),
    ),
  )

export const taskRole = role(TASK_ROLE, ecsTrust)
export const seen = picture(identity(DEPLOYER), [taskRole])
export const diagnosis = examineScene(passDenial(), seen).diagnosis

export type Changes = Omit<Partial<Examined>, 'config'> & { readonly config?: Partial<Config> }

export function outcome(id: string, changes: Changes = {}) {
  const finding = findingOf(id, changes)
  return finding.outcome === 'warn' ? `warn ${finding.risk}` : finding.outcome
}

export function detail(id: string, changes: Changes = {}) {
  const finding = findingOf(id, changes)
  return finding.outcome === 'pass' ? null : finding.detail
}

function findingOf(id: string, { config, ...changes }: Changes) {
  const examined: Examined = {
    patch: grant(pass()),
    denial: passDenial(),
    diagnosis,
    picture: seen,
    roles: changes.picture?.targets ?? [taskRole],
    nowMs: NOW_MS,
    changesToday: null,
    asked: false,
    ...changes,
    config: { ...DEFAULT_CONFIG, ...config },
  }
  const found = checkGuardrails(examined).find(one => one.id === id)
  if (found === undefined) throw new Error(`no guardrail ${id}`)
  return found.finding
}

export const sees = (targets: AccessPicture['targets'], caller = identity(DEPLOYER)): Changes => ({
  picture: picture(caller, targets),
  roles: targets,
})
