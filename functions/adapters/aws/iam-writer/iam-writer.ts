/** The only code that changes IAM. Each kind of target has one way to read its document and one way to write it. */

import {
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { assumeRole } from '../../../../core/actions/index.ts'
import { ABSENT, fail, found, never, ok, type Read, RolemedicError, unreadable } from '../../../../core/base/index.ts'
import { type PolicyDocument, parsePolicy } from '../../../../core/iam/index.ts'
import type { Target } from '../../../../core/patch/index.ts'
import type { PolicyWriter } from '../../../ports/writing/policy-writer.ts'
import { newVersion, readDefaultVersion, VERSION_REMOVED } from './managed-policy-versions.ts'
import type { PermissionSets } from './permission-sets.ts'
import { callsOf, type Purpose, sessionPolicy } from './session-policy.ts'
import { describe, missingPermission, noWriterRole, writeFailure } from './write-failure.ts'
import type { Written } from './written.ts'

export type IamWriterDeps = {
  /** A client with a session of the writer role that is limited to `policy`. */
  readonly iam: (target: Target, policy: string) => IAMClient
  /** Null: Identity Center is not configured for the bot. */
  readonly permissionSets: PermissionSets | null
}

export function iamWriter(deps: IamWriterDeps): PolicyWriter {
  return {
    async read(target) {
      try {
        return await readTarget(target, deps)
      } catch (error) {
        if (!(error instanceof Error)) throw error
        if (/^(NoSuchEntity|ResourceNotFound)/.test(error.name)) return ABSENT
        if (/^AccessDenied/.test(error.name)) {
          return unreadable(notReadable(target, missingPermission(error.message)))
        }
        throw new RolemedicError('aws-read', `${describe(target)} cannot be read: ${error.message}`, { cause: error })
      }
    },

    async write(target, document) {
      const operation = operationOf(target, document)
      try {
        return ok(await writeTarget(target, document, deps))
      } catch (error) {
        const removed = error instanceof RolemedicError && error.code === VERSION_REMOVED ? error : null
        const failure = writeFailure(target, operation, removed?.cause ?? error)
        if (failure === null) throw error
        return fail(removed === null ? failure : { ...failure, message: `${failure.message}; ${removed.message}` })
      }
    },
  }
}

function notReadable(target: Target, lacks: string | null): string {
  if (lacks === assumeRole.name) return noWriterRole(target.accountId)
  return `the bot's writer role may not read ${describe(target)}${lacks === null ? '' : `: it lacks ${lacks}`}`
}

/** Identity Center needs no role in the target's account. */
function clientFor(target: Target, purpose: Purpose, iam: IamWriterDeps['iam']): IAMClient {
  const { kind, arn } = target
  if (kind === 'permission-set-inline-policy') throw new RolemedicError('bad-target', `${arn} has no policy in IAM`)
  return iam(target, sessionPolicy([{ calls: callsOf(kind, purpose), resources: [arn] }]))
}

async function readTarget(target: Target, { iam, permissionSets }: IamWriterDeps): Promise<Read<PolicyDocument>> {
  const client = () => clientFor(target, 'read', iam)
  const { name } = target
  switch (target.kind) {
    case 'role-inline-policy':
      return parsed(
        (await client().send(new GetRolePolicyCommand({ RoleName: name, PolicyName: policyName(target) })))
          .PolicyDocument,
      )
    case 'user-inline-policy':
      return parsed(
        (await client().send(new GetUserPolicyCommand({ UserName: name, PolicyName: policyName(target) })))
          .PolicyDocument,
      )
    case 'managed-policy':
      return parsed(await readDefaultVersion(client(), target.arn))
    case 'role-trust-policy':
      return parsed((await client().send(new GetRoleCommand({ RoleName: name }))).Role?.AssumeRolePolicyDocument)
    case 'permission-set-inline-policy': {
      const text = await sets(permissionSets).read(target)
      return text === null ? ABSENT : parsed(text)
    }
    default:
      return never(target.kind)
  }
}

async function writeTarget(
  target: Target,
  document: PolicyDocument | null,
  { iam, permissionSets }: IamWriterDeps,
): Promise<Written> {
  const client = () => clientFor(target, document === null ? 'delete' : 'put', iam)
  const { name } = target
  const PolicyDocument = document === null ? null : JSON.stringify(document)
  switch (target.kind) {
    case 'role-inline-policy': {
      const entity = { RoleName: name, PolicyName: policyName(target) }
      return written(
        PolicyDocument === null
          ? await client().send(new DeleteRolePolicyCommand(entity))
          : await client().send(new PutRolePolicyCommand({ ...entity, PolicyDocument })),
      )
    }
    case 'user-inline-policy': {
      const entity = { UserName: name, PolicyName: policyName(target) }
      return written(
        PolicyDocument === null
          ? await client().send(new DeleteUserPolicyCommand(entity))
          : await client().send(new PutUserPolicyCommand({ ...entity, PolicyDocument })),
      )
    }
    case 'managed-policy':
      if (PolicyDocument === null) return undeletable(target)
      return newVersion(client(), target.arn, PolicyDocument)
    case 'role-trust-policy':
      if (PolicyDocument === null) return undeletable(target)
      return written(await client().send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument })))
    case 'permission-set-inline-policy':
      return sets(permissionSets).write(target, PolicyDocument)
    default:
      return never(target.kind)
  }
}

/** The permission that the write needs first, for refusals that name none. */
function operationOf({ kind }: Target, document: PolicyDocument | null): string {
  switch (kind) {
    case 'role-inline-policy':
      return document === null ? 'iam:DeleteRolePolicy' : 'iam:PutRolePolicy'
    case 'user-inline-policy':
      return document === null ? 'iam:DeleteUserPolicy' : 'iam:PutUserPolicy'
    case 'managed-policy':
      return 'iam:CreatePolicyVersion'
    case 'role-trust-policy':
      return 'iam:UpdateAssumeRolePolicy'
    case 'permission-set-inline-policy':
      return document === null ? 'sso:DeleteInlinePolicyFromPermissionSet' : 'sso:PutInlinePolicyToPermissionSet'
    default:
      return never(kind)
  }
}

function parsed(text: string | null | undefined): Read<PolicyDocument> {
  const policy = parsePolicy(text)
  return policy.ok ? found(policy.value) : unreadable(`the stored document cannot be understood: ${policy.error}`)
}

const written = (output: { readonly $metadata: { readonly requestId?: string | undefined } }): Written => ({
  requestIds: output.$metadata.requestId === undefined ? [] : [output.$metadata.requestId],
  notes: [],
})

function policyName(target: Target): string {
  if (target.policyName === null) throw new RolemedicError('bad-target', `${target.arn} has no inline policy name`)
  return target.policyName
}

function undeletable(target: Target): never {
  throw new RolemedicError('bad-target', `${describe(target)} is never deleted`)
}

function sets(permissionSets: PermissionSets | null): PermissionSets {
  if (permissionSets === null) throw new RolemedicError('bad-target', 'the bot has no access to Identity Center')
  return permissionSets
}
