/** Policies from files: of accounts, as `aws iam get-account-authorization-details` prints them, and of the organization above them. */

import type { AccessSource, GivenAccount } from '../access/index.ts'
import { ABSENT, found, known, memoize, parseTime, perObject, type Read, unknown, unreadable } from '../base/index.ts'
import {
  type Identity,
  type ListedRole,
  type PolicyArchive,
  type PolicyDocument,
  type PolicyType,
  parseArn,
  parseEntityArn,
  parsePolicy,
  type Role,
  type SourcedPolicy,
} from '../iam/index.ts'
import type { AccountDetails, RoleDetail, UserDetail } from './account-details.ts'
import { joinedPages, type Paged, pagesOfAccounts } from './account-pages.ts'
import { NO_ORG_FILE, readOrgFile } from './org-file.ts'
import { type PolicyLabel, type PolicyReads, reachOf, seenAndUnseen, sourcedPolicy } from './sourced-policy.ts'

export type GivenOrganization = {
  /** The text of an organization file, and its name for messages. */
  readonly org?: string
  readonly orgName?: string
}

export type AccountsRead = AccessSource & {
  readonly given: readonly GivenAccount[]
  /** What the files have besides what applies now. */
  readonly archive: PolicyArchive
  /** The contents of all files, in parts. */
  texts(): Iterable<string>
}

/** Throws UsageError for files that do not belong together and for an invalid organization file. Missing data becomes unknown. */
export function accessIn(
  files: readonly Paged[],
  { org, orgName = 'the organization file' }: GivenOrganization = {},
): AccountsRead {
  const accounts = new Map(
    [...pagesOfAccounts(files)].map(([accountId, pages]) => [accountId, joinedPages(accountId, pages)]),
  )
  const organization = org === undefined ? NO_ORG_FILE : readOrgFile(orgName, org)
  const unseen = (accountId: string) =>
    `no snapshot of account ${accountId} was given (aws iam get-account-authorization-details prints one)`

  return {
    given: [...accounts.values()].map(({ accountId, roleArns, userArns }) => ({
      accountId,
      roleArns,
      userArns,
    })),
    archive: archiveOf([...accounts.values()]),
    *texts() {
      for (const { texts } of accounts.values()) yield* texts()
      if (org !== undefined) yield org
    },
    identity({ accountId, kind, name }) {
      const account = accounts.get(accountId)
      if (account === undefined) return unreadable(unseen(accountId))
      return kind === 'role' ? roleNamed(account, name) : userNamed(account, name)
    },
    role({ accountId, name }) {
      const account = accounts.get(accountId)
      return account === undefined ? unreadable(unseen(accountId)) : roleNamed(account, name)
    },
    roles(accountId) {
      const account = accounts.get(accountId)
      if (account === undefined) return unknown(unseen(accountId))
      return account.gaps.roles === null ? known(listedRoles(account)) : unknown(account.gaps.roles)
    },
    instanceProfileRole({ accountId, name }) {
      const account = accounts.get(accountId)
      if (account === undefined) return unreadable(unseen(accountId))
      const arn = account.profileRole(name)
      if (arn !== undefined) return found(arn)
      return account.gaps.roles === null ? ABSENT : unreadable(account.gaps.roles)
    },
    organization: () => organization.organization,
    serviceControlPolicies: accountId => organization.serviceControlPolicies(accountId),
    resourceControlPolicies: accountId => organization.resourceControlPolicies(accountId),
  }
}

function archiveOf(accounts: readonly AccountDetails[]): PolicyArchive {
  const accountNamed = (id: string) => accounts.find(({ accountId }) => accountId === id)
  return {
    policy(arn) {
      const owner = accountNamed(parseArn(arn)?.accountId ?? '')
      const detail = (owner === undefined ? accounts : [owner]).flatMap(account => account.policy(arn) ?? [])[0]
      if (detail === undefined) return null
      const versions = new Map<string, PolicyDocument>()
      for (const { VersionId, Document } of detail.PolicyVersionList) {
        const parsed = parsePolicy(Document)
        if (parsed.ok && VersionId != null) versions.set(VersionId, parsed.value)
      }
      const isDefault = detail.PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion === true)
      return { defaultVersionId: detail.DefaultVersionId ?? isDefault?.VersionId ?? null, versions }
    },
    group(accountId, name) {
      const account = accountNamed(accountId)
      const detail = account?.group(name)
      if (account === undefined || detail === undefined) return null
      const { policies, unseen } = seenAndUnseen([
        ...inline(detail.GroupPolicyList, detail.Arn),
        ...attached(account, detail.AttachedManagedPolicies, detail.Arn),
      ])
      return unseen.length > 0 ? null : policies
    },
  }
}

/** Cached, so that indexes of the list are also reused. */
const listedRoles = perObject((account: AccountDetails): readonly ListedRole[] => {
  // Most roles share the same few trust policies.
  const trustIn = memoize((text: string | null) => trustOf(text === null ? undefined : JSON.parse(text)))
  return account.roleArns.map((arn, place) => new Listing(arn, () => trustIn(account.trustAt(place))))
})

/** Parses the trust policy on first access, because a search by name needs none. */
class Listing implements ListedRole {
  readonly arn: string
  readonly #read: () => Role['trust']
  #trust: Role['trust'] | null = null

  constructor(arn: string, read: () => Role['trust']) {
    this.arn = arn
    this.#read = read
  }

  get trust(): Role['trust'] {
    this.#trust ??= this.#read()
    return this.#trust
  }
}

function trustOf(document: unknown): Role['trust'] {
  const trust = parsePolicy(document)
  return trust.ok ? known(trust.value) : unknown(`the trust policy is not readable: ${trust.error}`)
}

function userNamed(account: AccountDetails, name: string): Read<Identity> {
  const user = account.user(name)
  if (user === undefined) return account.gaps.users === null ? ABSENT : unreadable(account.gaps.users)
  const own = [...inline(user.UserPolicyList, user.Arn), ...attached(account, user.AttachedManagedPolicies, user.Arn)]
  const groups = user.GroupList.map(group => ({ group, detail: account.group(group) }))
  const ofGroups = groups.flatMap(({ detail }) =>
    detail === undefined
      ? []
      : [
          ...inline(detail.GroupPolicyList, detail.Arn),
          ...attached(account, detail.AttachedManagedPolicies, detail.Arn),
        ],
  )
  const { policies, unseen } = seenAndUnseen([...own, ...ofGroups])
  const missingGroups = groups
    .filter(({ detail }) => detail === undefined)
    .map(({ group }) => ({ fact: `policies of group ${group} of ${user.Arn}`, why: 'the snapshot lacks the group' }))
  return found({
    ...entity(account, user, 'user', user.UserName, user.UserId ?? null),
    policies,
    ...(user.GroupList.length === 0 ? {} : { groups: user.GroupList }),
    unseen: [...unseen, ...missingGroups],
  })
}

function roleNamed(account: AccountDetails, name: string): Read<Role> {
  const role = account.role(name)
  if (role === undefined) return account.gaps.roles === null ? ABSENT : unreadable(account.gaps.roles)
  return found({
    ...entity(account, role, 'role', role.RoleName, role.RoleId ?? null),
    ...seenAndUnseen([
      ...inline(role.RolePolicyList, role.Arn),
      ...attached(account, role.AttachedManagedPolicies, role.Arn),
    ]),
    trust: trustOf(role.AssumeRolePolicyDocument),
  })
}

function dated<K extends string>(member: K, date: string | null | undefined): { readonly [key in K]?: number } {
  const ms = date == null ? null : parseTime(date)
  return (ms === null ? {} : { [member]: ms }) as { readonly [key in K]?: number }
}

function entity<Kind extends 'role' | 'user'>(
  account: AccountDetails,
  detail: RoleDetail | UserDetail,
  kind: Kind,
  name: string,
  uniqueId: string | null,
) {
  const boundaryArn = detail.PermissionsBoundary?.PermissionsBoundaryArn
  return {
    kind,
    arn: detail.Arn,
    accountId: account.accountId,
    name,
    path: parseEntityArn(detail.Arn)?.path ?? '/',
    uniqueId,
    tags: Object.fromEntries(detail.Tags.map(({ Key, Value }) => [Key, Value])),
    ...dated('createdAtMs', detail.CreateDate),
    boundary: boundaryArn === undefined ? ABSENT : managed(account, boundaryArn, 'boundary', detail.Arn).read,
  }
}

function inline(policies: UserDetail['UserPolicyList'], attachedTo: string): PolicyReads {
  return policies.map(({ PolicyName, PolicyDocument }) => {
    const label: PolicyLabel = { type: 'identity', name: PolicyName, arn: null, attachedTo }
    return { label, read: sourcedPolicy(label, PolicyDocument) }
  })
}

function attached(
  account: AccountDetails,
  policies: UserDetail['AttachedManagedPolicies'],
  attachedTo: string,
): PolicyReads {
  return policies.map(({ PolicyArn }) => managed(account, PolicyArn, 'identity', attachedTo))
}

/** A managed policy that is not in the file still exists: it is unseen. */
function managed(account: AccountDetails, arn: string, type: PolicyType, attachedTo: string) {
  const name = parseArn(arn)?.resource.split('/').at(-1) ?? arn
  const label: PolicyLabel = { type, name, arn, attachedTo }
  const detail = account.policy(arn)
  const version = detail?.PolicyVersionList.find(
    ({ VersionId, IsDefaultVersion }) => IsDefaultVersion === true || (VersionId ?? '') === detail.DefaultVersionId,
  )
  const read: Read<SourcedPolicy> =
    version === undefined
      ? unreadable('the snapshot lacks its default version')
      : sourcedPolicy(
          {
            ...{ ...label, ...reachOf(detail?.AttachmentCount, detail?.PermissionsBoundaryUsageCount) },
            ...dated('changedAtMs', version.CreateDate ?? detail?.UpdateDate),
          },
          version.Document,
        )
  return { label, read }
}
