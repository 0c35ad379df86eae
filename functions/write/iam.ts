/**
 * The only code that changes IAM. Each kind of target is one way to read its document and one way to write it, in a session of the writer
 * role that can make these calls on this entity and nothing else, for 15 minutes.
 */
import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListPolicyVersionsCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { ABSENT, found, type Read, unreadable } from '../../core/base/fact.ts'
import { fail, ok, RolemedicError } from '../../core/base/result.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { Target } from '../../core/patch/target.ts'
import { documentIn } from '../domain/authority/checks/grant.ts'
import type { PolicyWriters, WriteFailure } from '../ports/writing/policy-writer.ts'

export type Accepted = { readonly requestIds: readonly string[]; readonly notes: readonly string[] }

/** The calls of a session, and on what. */
export type SessionRule = { readonly calls: readonly string[]; readonly resources: readonly string[] }

/** How one kind of document is read, put and deleted. Without `remove`, it never is. */
type DocumentKind = {
  readonly calls: { readonly [purpose in 'read' | 'put' | 'remove']: readonly string[] }
  read(client: IAMClient, target: Target): Promise<string | null | undefined>
  put(client: IAMClient, target: Target, document: string): Promise<Accepted>
  remove?(client: IAMClient, target: Target): Promise<Accepted>
}

const ofRole = ({ name, policyName }: Target) => ({ RoleName: name, PolicyName: policyName ?? '' })
const ofUser = ({ name, policyName }: Target) => ({ UserName: name, PolicyName: policyName ?? '' })

const KINDS: { readonly [kind in Exclude<Target['kind'], 'permission-set-inline-policy'>]: DocumentKind } = {
  'role-inline-policy': {
    calls: { read: ['iam:GetRolePolicy'], put: ['iam:PutRolePolicy'], remove: ['iam:DeleteRolePolicy'] },
    read: async (iam, target) => (await iam.send(new GetRolePolicyCommand(ofRole(target)))).PolicyDocument,
    put: async (iam, target, PolicyDocument) =>
      accepted(await iam.send(new PutRolePolicyCommand({ ...ofRole(target), PolicyDocument }))),
    remove: async (iam, target) => accepted(await iam.send(new DeleteRolePolicyCommand(ofRole(target)))),
  },
  'user-inline-policy': {
    calls: { read: ['iam:GetUserPolicy'], put: ['iam:PutUserPolicy'], remove: ['iam:DeleteUserPolicy'] },
    read: async (iam, target) => (await iam.send(new GetUserPolicyCommand(ofUser(target)))).PolicyDocument,
    put: async (iam, target, PolicyDocument) =>
      accepted(await iam.send(new PutUserPolicyCommand({ ...ofUser(target), PolicyDocument }))),
    remove: async (iam, target) => accepted(await iam.send(new DeleteUserPolicyCommand(ofUser(target)))),
  },
  'role-trust-policy': {
    calls: { read: ['iam:GetRole'], put: ['iam:UpdateAssumeRolePolicy'], remove: [] },
    read: async (iam, { name }) =>
      (await iam.send(new GetRoleCommand({ RoleName: name }))).Role?.AssumeRolePolicyDocument,
    put: async (iam, { name }, PolicyDocument) =>
      accepted(await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument }))),
  },
  'managed-policy': {
    calls: {
      read: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
      // IAM keeps five versions: the oldest makes room.
      put: ['iam:CreatePolicyVersion', 'iam:DeletePolicyVersion', 'iam:ListPolicyVersions'],
      remove: [],
    },
    async read(iam, { arn }) {
      const VersionId = (await iam.send(new GetPolicyCommand({ PolicyArn: arn }))).Policy?.DefaultVersionId
      if (VersionId === undefined) throw new RolemedicError('aws-read', `${arn} has no default version`)
      return (await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }))).PolicyVersion?.Document
    },
    put: (iam, { arn }, document) => newVersion(iam, arn, document),
  },
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_VERSIONS = 5

/** Any refusal other than the quota of versions leaves all of them in place. */
async function newVersion(iam: IAMClient, PolicyArn: string, PolicyDocument: string): Promise<Accepted> {
  const create = () => iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }))
  try {
    return accepted(await create())
  } catch (error) {
    if (!isFull(error)) throw error
    const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))
    // Version ids only ever count up, also where two were made in the same second.
    const [oldest] = Versions.filter(one => one.IsDefaultVersion !== true)
      .map(({ VersionId = '' }) => Number(VersionId.slice(1)))
      .sort((a, b) => a - b)
    if (Versions.length < MAX_VERSIONS || oldest === undefined) throw error
    const removed = await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: `v${oldest}` }))
    const note = `version v${oldest} of ${PolicyArn} was removed, as IAM keeps ${MAX_VERSIONS} versions`
    const created = await create().catch(cause => {
      throw new RolemedicError(VERSION_REMOVED, note, { cause })
    })
    return { requestIds: [...accepted(removed).requestIds, ...accepted(created).requestIds], notes: [note] }
  }
}

/** Error code: one version was deleted and its replacement was not created. The cause says why. */
const VERSION_REMOVED = 'version-removed'

/** `A managed policy can have up to 5 versions`; the quota of a document's size has the same name. */
const isFull = (error: unknown): boolean =>
  error instanceof Error && error.name.startsWith('LimitExceeded') && /version/i.test(error.message)

export const accepted = ({
  $metadata: { requestId },
}: {
  readonly $metadata: { readonly requestId?: string | undefined }
}): Accepted => ({ requestIds: requestId === undefined ? [] : [requestId], notes: [] })

/** What Identity Center is asked for, without a role in the target's account. */
export type SetPolicies = {
  read(target: Target): Promise<string | null>
  /** Writes or (null) deletes it, and waits until every account has it. */
  write(target: Target, document: string | null): Promise<Accepted>
}

export type IamDeps = {
  readonly clientFor: (accountId: string, rules: readonly SessionRule[]) => IAMClient
  /** Null: no Identity Center is set up for the bot. */
  readonly sets: SetPolicies | null
}

export function policiesIn({ clientFor, sets: setPolicies }: IamDeps): ReturnType<PolicyWriters> {
  function sets(): SetPolicies {
    if (setPolicies === null) throw new RolemedicError('bad-target', 'the bot has no access to Identity Center')
    return setPolicies
  }

  function textOf(target: Target): Promise<string | null | undefined> {
    if (target.kind === 'permission-set-inline-policy') return sets().read(target)
    const { calls, read } = KINDS[target.kind]
    return read(clientFor(target.accountId, [{ calls: calls.read, resources: [target.arn] }]), target)
  }

  function put(target: Target, document: PolicyDocument | null): Promise<Accepted> {
    const text = document === null ? null : JSON.stringify(document)
    if (target.kind === 'permission-set-inline-policy') return sets().write(target, text)
    const { calls, put: write, remove } = KINDS[target.kind]
    const client = (of: readonly string[]) => clientFor(target.accountId, [{ calls: of, resources: [target.arn] }])
    if (text !== null) return write(client(calls.put), target, text)
    if (remove === undefined) throw new RolemedicError('bad-target', `${target.kind} of ${target.arn} is never deleted`)
    return remove(client(calls.remove), target)
  }

  return {
    async read(target) {
      try {
        const text = await textOf(target)
        return text === null ? ABSENT : documentOf(text)
      } catch (error) {
        if (!(error instanceof Error)) throw error
        if (/^(NoSuchEntity|ResourceNotFound)/.test(error.name)) return ABSENT
        const answer = answerOf(target, error)
        if (/^AccessDenied/.test(error.name)) return unreadable(answer)
        throw new RolemedicError('aws-read', answer, { cause: error })
      }
    },
    async write(target, document) {
      try {
        return ok(await put(target, document))
      } catch (error) {
        const removed = error instanceof RolemedicError && error.code === VERSION_REMOVED ? error : null
        const failure = refusalOf(target, removed?.cause ?? error)
        if (failure === null) throw error
        return fail(removed === null ? failure : { ...failure, message: `${failure.message}; ${removed.message}` })
      }
    },
  }
}

/** AWS refused, and nothing was written. After any other error (network, bug) the write may have happened. */
const REFUSED =
  /^(AccessDenied|UnauthorizedOperation|NotAuthorized|NoSuchEntity|ResourceNotFound|LimitExceeded|MalformedPolicyDocument|ProvisioningFailed|UnmodifiableEntity|InvalidInput|ValidationError|ValidationException)/
/** Refused for now: the same call may succeed later. */
const BUSY =
  /^(Throttling|TooManyRequestsException|RequestLimitExceeded|ServiceUnavailable|ConcurrentModification|EntityTemporarilyUnmodifiable|ConflictException|ServiceFailure|InternalServer|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|CredentialsProviderError)/

function refusalOf(target: Target, error: unknown): WriteFailure | null {
  if (!(error instanceof Error)) return null
  const retry = BUSY.test(error.name)
  return retry || REFUSED.test(error.name) ? { code: error.name, message: answerOf(target, error), retry } : null
}

/** `<kind> of <ARN>: <error>: <AWS's words>`. `verify` words it for people (`functions/domain/messages/aws-answer.ts`). */
const answerOf = ({ kind, arn }: Target, { name, message }: Error): string =>
  `${kind} of ${arn}: ${name}: ${message.length > 300 ? `${message.slice(0, 300)}…` : message}`

/** IAM gives documents URL-encoded, Identity Center does not. */
function documentOf(text: string | undefined): Read<PolicyDocument> {
  try {
    const json: unknown = JSON.parse(text?.trimStart().startsWith('%') ? decodeURIComponent(text) : (text ?? ''))
    const document = documentIn(json)
    return document === null ? unreadable('the stored document has an element that is not known') : found(document)
  } catch {
    return unreadable('the stored document cannot be understood')
  }
}
