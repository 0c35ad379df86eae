/**
 * The accounts of the local bot: copies of `get-account-authorization-details` files, read by the same adapter as any snapshot
 * and written like IAM. The original files are never changed.
 */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { ABSENT, fail, found, never, ok, parseJsonText, UsageError, unreadable } from '../core/base/index.ts'
import { type PolicyDocument, parsePolicy } from '../core/iam/index.ts'
import type { Target } from '../core/patch/index.ts'
import { NO_ORG_FILE, pagesOfAccounts, readAccountDetails, readOrgFile } from '../core/snapshots/index.ts'
import { type SnapshotReader, snapshotReader, snapshotVersions } from '../functions/adapters/files/index.ts'
import type { AccessReader, AccountUnits, PolicyVersions, PolicyWriter } from '../functions/ports/index.ts'

const text = z.string()
const named = z.looseObject({ PolicyName: text, PolicyDocument: z.unknown() })
const version = z.looseObject({
  VersionId: text,
  IsDefaultVersion: z.boolean(),
  Document: z.unknown(),
  CreateDate: z.exactOptional(text),
})
const managedPolicy = z.looseObject({
  Arn: text,
  PolicyName: text,
  DefaultVersionId: text,
  PolicyVersionList: z.array(version),
})
/** The parts that the writer changes. Everything else in the file is unchanged. */
const accountDetails = z.looseObject({
  RoleDetailList: z.exactOptional(
    z.array(
      z.looseObject({
        Arn: text,
        RoleName: text,
        AssumeRolePolicyDocument: z.unknown(),
        RolePolicyList: z.exactOptional(z.array(named)),
      }),
    ),
  ),
  UserDetailList: z.exactOptional(
    z.array(z.looseObject({ Arn: text, UserName: text, UserPolicyList: z.exactOptional(z.array(named)) })),
  ),
  Policies: z.exactOptional(z.array(managedPolicy)),
})
type Named = z.infer<typeof named>
type ManagedPolicy = z.infer<typeof managedPolicy>
export type SampleAccountDetails = z.infer<typeof accountDetails>

export type SampleAccount = {
  readonly id: string
  /** The account as first copied. */
  readonly original: SampleAccountDetails
  readonly current: SampleAccountDetails
}

export type SampleAccounts = {
  readonly reader: AccessReader
  readonly policyVersions: PolicyVersions
  readonly writer: PolicyWriter
  readonly units: AccountUnits
  all(): readonly SampleAccount[]
  onChange(listener: () => void): void
}

/** Copies each file into `folder` once; later starts use the copies. `org` is an `--org` file. */
export function openSampleAccounts(options: {
  files: readonly string[]
  folder: string
  org?: string
}): SampleAccounts {
  const org = options.org === undefined ? {} : { org: readGiven('organization', options.org), orgName: options.org }
  const organization = org.org === undefined ? NO_ORG_FILE : readOrgFile(org.orgName ?? 'organization', org.org)
  mkdirSync(options.folder, { recursive: true })
  // Validated before anything is copied.
  const files = options.files.map(name => {
    const content = readGiven('account', name)
    return { name, content, details: readAccountDetails(name, content) }
  })
  const accounts = [...pagesOfAccounts(files)].map(([id, pages]) => openAccount(id, pages, options.folder))
  const listeners: Array<() => void> = []
  let reader = readerOf(accounts, org)

  return {
    reader: forward(() => reader),
    policyVersions: snapshotVersions(() => reader),
    writer: {
      async read(target) {
        const account = accounts.find(({ id }) => id === target.accountId)
        if (account === undefined) return unreadable(`account ${target.accountId} is not among the files`)
        const slot = slotOf(account.current, target)
        if (slot === null) return ABSENT
        const value = slot.get()
        if (value === undefined) return ABSENT
        const document = parsePolicy(value)
        return document.ok ? found(document.value) : unreadable(document.error)
      },
      async write(target, document) {
        const account = accounts.find(({ id }) => id === target.accountId)
        const slot = account === undefined ? null : slotOf(account.current, target)
        if (account === undefined || slot === null) {
          return fail({ code: 'NoSuchEntity', message: `${target.arn} does not exist`, retry: false })
        }
        slot.set(document)
        writeWhole(account.path, account.current)
        reader = readerOf(accounts, org)
        for (const listener of listeners) listener()
        return ok({ requestIds: [] })
      },
    },
    units: async accountId => organization.units(accountId),
    all: () => accounts,
    onChange: listener => void listeners.push(listener),
  }
}

type Page = { readonly name: string; readonly content: string; readonly details: { readonly cut: string | null } }

function openAccount(id: string, pages: readonly Page[], folder: string): SampleAccount & { path: string } {
  const inOrder = pages.toSorted((a, b) => Number(a.details.cut === null) - Number(b.details.cut === null))
  const given = joined(inOrder.map(({ name, content }) => parsed(name, parseJsonText(name, content))))
  const path = join(folder, `${id}.json`)
  const originalPath = join(folder, `${id}.original.json`)
  const copied = readCopy(originalPath)
  const current = copied !== null && JSON.stringify(copied) === JSON.stringify(given) ? readCopy(path) : null
  if (current === null) {
    writeWhole(path, given)
    writeWhole(originalPath, given)
  }
  return { id, path, original: given, current: current ?? structuredClone(given) }
}

/** Concatenates the lists of all pages. Everything else comes from the last page, which ends the list. */
function joined([first = {}, ...more]: readonly SampleAccountDetails[]): SampleAccountDetails {
  return more.reduce((all, page) => {
    const lists = Object.entries(all).flatMap(([key, value]) => {
      const next = page[key]
      return Array.isArray(value) ? [[key, Array.isArray(next) ? [...value, ...next] : value] as const] : []
    })
    return parsed('the pages of the account', { ...page, ...Object.fromEntries(lists) })
  }, first)
}

function readGiven(what: 'account' | 'organization', file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`cannot read the ${what} file ${file}`, { cause })
  }
}

function parsed(file: string, value: unknown): SampleAccountDetails {
  const read = accountDetails.safeParse(value)
  if (!read.success) throw new UsageError(`${file}: ${z.prettifyError(read.error)}`)
  return read.data
}

function readCopy(path: string): SampleAccountDetails | null {
  try {
    return parsed(path, JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

function writeWhole(path: string, details: SampleAccountDetails): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(details, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}

function readerOf(accounts: readonly SampleAccount[], org: { org?: string; orgName?: string }): SnapshotReader {
  return snapshotReader({
    files: accounts.map(({ id, current }) => ({ name: id, text: JSON.stringify(current) })),
    ...org,
  })
}

/** Delegates every call to the newest reader, because each write replaces it. */
function forward(newest: () => AccessReader): AccessReader {
  return {
    identity: entity => newest().identity(entity),
    role: (entity, scope) => newest().role(entity, scope),
    roles: accountId => newest().roles(accountId),
    instanceProfileRole: entity => newest().instanceProfileRole(entity),
    organization: () => newest().organization(),
    serviceControlPolicies: accountId => newest().serviceControlPolicies(accountId),
    resourceControlPolicies: accountId => newest().resourceControlPolicies(accountId),
  }
}

type Slot = { get(): unknown; set(document: PolicyDocument | null): void }

/** Access to the target's document in the details. Null: its entity does not exist. */
function slotOf(details: SampleAccountDetails, target: Target): Slot | null {
  switch (target.kind) {
    case 'role-inline-policy': {
      const role = details.RoleDetailList?.find(({ Arn }) => Arn === target.arn)
      if (role === undefined) return null
      role.RolePolicyList ??= []
      return inlineSlot(role.RolePolicyList, target.policyName ?? '')
    }
    case 'user-inline-policy': {
      const user = details.UserDetailList?.find(({ Arn }) => Arn === target.arn)
      if (user === undefined) return null
      user.UserPolicyList ??= []
      return inlineSlot(user.UserPolicyList, target.policyName ?? '')
    }
    case 'permission-set-inline-policy': {
      const role = details.RoleDetailList?.find(({ RoleName }) => RoleName.startsWith(`AWSReservedSSO_${target.name}_`))
      if (role === undefined) return null
      role.RolePolicyList ??= []
      return inlineSlot(role.RolePolicyList, 'AwsSSOInlinePolicy')
    }
    case 'role-trust-policy': {
      const role = details.RoleDetailList?.find(({ Arn }) => Arn === target.arn)
      if (role === undefined) return null
      return {
        get: () => role.AssumeRolePolicyDocument,
        set: document => {
          if (document !== null) role.AssumeRolePolicyDocument = document
        },
      }
    }
    case 'managed-policy': {
      const policy = details.Policies?.find(({ Arn }) => Arn === target.arn)
      return policy === undefined ? null : managedSlot(policy)
    }
    default:
      return never(target.kind)
  }
}

function inlineSlot(policies: Named[], name: string): Slot {
  return {
    get: () => policies.find(policy => policy.PolicyName === name)?.PolicyDocument,
    set: document => {
      const at = policies.findIndex(policy => policy.PolicyName === name)
      const entry = document === null ? [] : [{ PolicyName: name, PolicyDocument: document }]
      policies.splice(at === -1 ? policies.length : at, at === -1 ? 0 : 1, ...entry)
    },
  }
}

/** Adds a new default version, like IAM. Deletes the oldest other version if there are five. */
function managedSlot(policy: ManagedPolicy): Slot {
  const versions = policy.PolicyVersionList
  return {
    get: () => versions.find(version => version.IsDefaultVersion)?.Document,
    set: document => {
      if (document === null) return
      const numbers = versions.map(version => Number(version.VersionId.slice(1)))
      const id = `v${Math.max(0, ...numbers) + 1}`
      for (const version of versions) version.IsDefaultVersion = false
      if (versions.length >= 5) versions.splice(versions.length - 1, 1)
      versions.unshift({ VersionId: id, IsDefaultVersion: true, Document: document })
      policy.DefaultVersionId = id
    },
  }
}
