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
import { RolemedicError } from '../../core/base/fault.ts'
import { fail, ok, type Read } from '../../core/base/result.ts'
import { list, type OneOrMore, type PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { Target } from '../../core/patch/target.ts'
import { documentIn } from '../domain/authority/checks/grant.ts'
import { GONE, type PolicyWriter } from '../ports/writing/policy-writer.ts'
import { untrustedJson } from './json.ts'

/** Answers of AWS to calls that it accepted. */
type Accepted = OneOrMore<Readonly<{ $metadata: { readonly requestId?: string | undefined }; stillRuns?: boolean }>>
type Note = (sideEffect: string) => void

/** The calls of a session, and on what. */
export type SessionRule = { readonly calls: readonly string[]; readonly resources: readonly string[] }

/** How one kind of document is read, put and deleted. Without `remove`, it never is. */
type DocumentKind = {
  readonly calls: { readonly [purpose in 'read' | 'put' | 'remove']: readonly string[] }
  read(iam: IAMClient, target: Target): Promise<string | undefined>
  put(iam: IAMClient, target: Target, document: string, note: Note): Promise<Accepted>
  remove?(iam: IAMClient, target: Target): Promise<Accepted>
}

const ofRole = ({ name, policyName }: Target) => ({ RoleName: name, PolicyName: policyName ?? '' })
const ofUser = ({ name, policyName }: Target) => ({ UserName: name, PolicyName: policyName ?? '' })

const KINDS: { readonly [kind in Exclude<Target['kind'], 'permission-set-inline-policy'>]: DocumentKind } = {
  'role-inline-policy': {
    calls: { read: ['iam:GetRolePolicy'], put: ['iam:PutRolePolicy'], remove: ['iam:DeleteRolePolicy'] },
    read: async (iam, target) => (await iam.send(new GetRolePolicyCommand(ofRole(target)))).PolicyDocument,
    put: (iam, target, PolicyDocument) => iam.send(new PutRolePolicyCommand({ ...ofRole(target), PolicyDocument })),
    remove: (iam, target) => iam.send(new DeleteRolePolicyCommand(ofRole(target))),
  },
  'user-inline-policy': {
    calls: { read: ['iam:GetUserPolicy'], put: ['iam:PutUserPolicy'], remove: ['iam:DeleteUserPolicy'] },
    read: async (iam, target) => (await iam.send(new GetUserPolicyCommand(ofUser(target)))).PolicyDocument,
    put: (iam, target, PolicyDocument) => iam.send(new PutUserPolicyCommand({ ...ofUser(target), PolicyDocument })),
    remove: (iam, target) => iam.send(new DeleteUserPolicyCommand(ofUser(target))),
  },
  'role-trust-policy': {
    calls: { read: ['iam:GetRole'], put: ['iam:UpdateAssumeRolePolicy'], remove: [] },
    read: async (iam, { name: RoleName }) =>
      (await iam.send(new GetRoleCommand({ RoleName }))).Role?.AssumeRolePolicyDocument,
    put: (iam, { name: RoleName }, PolicyDocument) =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument })),
  },
  'managed-policy': {
    calls: {
      read: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
      // IAM keeps five versions: the oldest makes room.
      put: ['iam:CreatePolicyVersion', 'iam:DeletePolicyVersion', 'iam:ListPolicyVersions'],
      remove: [],
    },
    async read(iam, { arn: PolicyArn }) {
      const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }))
      const asked = { PolicyArn, VersionId: Policy?.DefaultVersionId }
      return (await iam.send(new GetPolicyVersionCommand(asked)).catch(movedOn)).PolicyVersion?.Document
    },
    put: newVersion,
  },
}

/** The policy is there, and another version was made its default, and this one deleted, just now: the reading says nothing. */
const movedOn = (error: Error) =>
  Promise.reject(Object.assign(error, { name: error.name.replace(GONE, 'ConcurrentModification') }))

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_VERSIONS = 5

/** Any refusal other than the quota of versions leaves all of them in place. */
async function newVersion(iam: IAMClient, { arn: PolicyArn }: Target, PolicyDocument: string, note: Note) {
  const create = () => iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }))
  try {
    return await create()
  } catch (error) {
    if (!isFull(error)) throw error
    const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))
    // Version ids only ever count up, also where two were made in the same second.
    const [oldest] = Versions.filter(one => one.IsDefaultVersion !== true)
      .map(({ VersionId = '' }) => Number(VersionId.slice(1)))
      .sort((a, b) => a - b)
    if (Versions.length < MAX_VERSIONS || oldest === undefined) throw error
    const removed = await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: `v${oldest}` }))
    note(`version v${oldest} of ${PolicyArn} was removed, as IAM keeps ${MAX_VERSIONS} versions`)
    return [removed, await create()]
  }
}

/** `A managed policy can have up to 5 versions`; the quota of a document's size has the same name. */
const isFull = (error: unknown): boolean => /^LimitExceeded\w*: .*version/is.test(String(error))

/**
 * IAM knows no path of what does not exist, and would refuse a session for the whole ARN instead of saying so. A name is unique in any path.
 * https://github.com/aws/aws-cdk/issues/27067 (`iam:GetRole on resource: role <name>`)
 */
const bare = (arn: string): string => arn.replace(/(:(?:role|user))\/.*\//, '$1/')

/** Documents of one kind as AWS has them: null where there is none, or to delete it. */
export type StoredPolicies = {
  read(target: Target): Promise<string | null | undefined>
  write(target: Target, document: string | null, note: Note): Promise<Accepted>
}

export type IamDeps = {
  readonly clientFor: (accountId: string, rules: readonly SessionRule[]) => IAMClient
  /** Of permission sets. Null: no Identity Center is set up for the bot. */
  readonly sets: StoredPolicies | null
}

export function policiesIn({ clientFor, sets }: IamDeps): PolicyWriter {
  function storedAt({ kind, accountId, arn }: Target): StoredPolicies {
    if (kind === 'permission-set-inline-policy') {
      if (sets === null) throw new RolemedicError('bad-target', 'the bot has no access to Identity Center')
      return sets
    }
    const { calls, read, put, remove } = KINDS[kind]
    const iamFor = (purpose: keyof typeof calls, resources = [arn]) =>
      clientFor(accountId, [{ calls: calls[purpose], resources }])
    return {
      read: target => read(iamFor('read', [...new Set([arn, bare(arn)])]), target),
      write(target, text, note) {
        if (text !== null) return put(iamFor('put'), target, text, note)
        if (remove === undefined) throw new RolemedicError('bad-target', `${kind} of ${arn} is never deleted`)
        return remove(iamFor('remove'), target)
      },
    }
  }

  return {
    async read(target) {
      try {
        const text = await storedAt(target).read(target)
        return text === null ? { kind: 'absent' } : documentOf(text)
      } catch (error) {
        if (!(error instanceof Error) || !REFUSED.test(error.name)) throw error
        return GONE.test(error.name) ? { kind: 'absent' } : { kind: 'unreadable', why: answerOf(target, error) }
      }
    },
    async write(target, document) {
      const notes: string[] = []
      try {
        const text = document === null ? null : JSON.stringify(document)
        const accepted = list(await storedAt(target).write(target, text, note => notes.push(note)))
        const requestIds = accepted.flatMap(({ $metadata: { requestId } }) => requestId ?? [])
        return ok({ requestIds, notes, stillRuns: accepted.some(one => one.stillRuns) })
      } catch (error) {
        // The oldest version of a policy may be gone, and the new one not be made.
        const words = (text: string) => [text, ...notes].join('; ')
        const code = error instanceof Error ? error.name : ''
        const retry = BUSY.test(code)
        if (!(error instanceof Error) || !(retry || REFUSED.test(code)))
          throw new RolemedicError('unknown-write', words(String(error)), { cause: error })
        return fail({ code, message: words(answerOf(target, error)), retry })
      }
    },
  }
}

/** AWS refused, or it was never asked, and nothing was written. After any other error (network, bug) the write may have happened. */
const REFUSED =
  /^(RolemedicError|URIError|PackedPolicyTooLarge|RegionDisabled|DeleteConflict|AccessDenied|UnauthorizedOperation|NotAuthorized|NoSuchEntity|ResourceNotFound|LimitExceeded|ServiceQuotaExceeded|MalformedPolicyDocument|ProvisioningFailed|UnmodifiableEntity|InvalidInput|ValidationError|ValidationException)/
/** Refused for now: the same call may succeed later. */
const BUSY =
  /^(Throttling|TooManyRequestsException|RequestLimitExceeded|ServiceUnavailable|ConcurrentModification|EntityTemporarilyUnmodifiable|ConflictException|ServiceFailure|InternalServer|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|CredentialsProviderError)/

/** `<kind> of <ARN>: <error>: <AWS's words>`. `verify` words it for people (`functions/domain/messages/aws-answer.ts`). */
const answerOf = ({ kind, arn }: Target, { name, message }: Error): string =>
  `${kind} of ${arn}: ${name}: ${message.length > 300 ? `${message.slice(0, 300)}…` : message}`

/** IAM gives documents URL-encoded, Identity Center does not. */
function documentOf(text = ''): Read<PolicyDocument> {
  const value = documentIn(untrustedJson(text.trimStart().startsWith('%') ? decodeURIComponent(text) : text))
  return value === null
    ? { kind: 'unreadable', why: 'the stored document cannot be understood' }
    : { kind: 'found', value }
}
