/**
 * The output of `aws iam get-account-authorization-details` for one account, indexed by name while it is read, so that the work
 * per denial does not grow with the account. An entry stays text until it is needed. Ignores unused fields.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */

import * as z from 'zod'
import { firstIssue, type JsonPlace, jsonScanner, NotJson, UsageError, withoutByteOrderMark } from '../base/index.ts'
import { parseArn } from '../iam/index.ts'
import { type EntryList, entryList } from './entry-list.ts'

const listOf = <T extends z.ZodType>(item: T) =>
  z.pipe(
    z.nullish(z.array(item)),
    z.transform(items => items ?? []),
  )

const inlinePolicy = z.object({ PolicyName: z.string(), PolicyDocument: z.optional(z.unknown()) })
const attachment = z.object({ PolicyArn: z.string(), PolicyName: z.nullish(z.string()) })
const tag = z.object({ Key: z.string(), Value: z.string() })
const boundary = z.nullish(z.object({ PermissionsBoundaryArn: z.string() }))
const entityArn = z.string().check(z.refine(text => parseArn(text)?.service === 'iam', 'not an IAM ARN'))

const user = z.object({
  Arn: entityArn,
  UserName: z.string(),
  UserId: z.nullish(z.string()),
  CreateDate: z.nullish(z.string()),
  UserPolicyList: listOf(inlinePolicy),
  GroupList: listOf(z.string()),
  AttachedManagedPolicies: listOf(attachment),
  PermissionsBoundary: boundary,
  Tags: listOf(tag),
})
const group = z.object({
  Arn: entityArn,
  GroupName: z.string(),
  GroupPolicyList: listOf(inlinePolicy),
  AttachedManagedPolicies: listOf(attachment),
})
const instanceProfiles = listOf(z.object({ InstanceProfileName: z.string() }))
const role = z.object({
  Arn: entityArn,
  RoleName: z.string(),
  RoleId: z.nullish(z.string()),
  CreateDate: z.nullish(z.string()),
  AssumeRolePolicyDocument: z.optional(z.unknown()),
  RolePolicyList: listOf(inlinePolicy),
  AttachedManagedPolicies: listOf(attachment),
  InstanceProfileList: instanceProfiles,
  PermissionsBoundary: boundary,
  Tags: listOf(tag),
})
const managedPolicy = z.object({
  Arn: entityArn,
  PolicyName: z.nullish(z.string()),
  DefaultVersionId: z.nullish(z.string()),
  UpdateDate: z.nullish(z.string()),
  AttachmentCount: z.nullish(z.number()),
  PermissionsBoundaryUsageCount: z.nullish(z.number()),
  PolicyVersionList: listOf(
    z.object({
      VersionId: z.nullish(z.string()),
      IsDefaultVersion: z.nullish(z.boolean()),
      CreateDate: z.nullish(z.string()),
      Document: z.optional(z.unknown()),
    }),
  ),
})
const anObject = z.looseObject({})
const aList = z.nullish(z.array(z.unknown()))
const aFlag = z.nullish(z.boolean())
const aToken = z.nullish(z.string())

export type UserDetail = z.infer<typeof user>
export type GroupDetail = z.infer<typeof group>
export type RoleDetail = z.infer<typeof role>
export type ManagedPolicyDetail = z.infer<typeof managedPolicy>

export type AccountDetails = Omit<AccountPage, 'cut' | 'missing'> & {
  readonly accountId: string
  /** Why entities may be missing from the files. Null: the list is complete. */
  readonly gaps: { readonly users: string | null; readonly roles: string | null }
}

/** The content of one file. */
export type AccountPage = {
  /** Null: the page has no entity of the account. */
  readonly accountId: string | null
  /** Finds by name, ignoring case, as IAM names are unique ignoring case. Throws UsageError for an entry of an unexpected shape. */
  user(name: string): UserDetail | undefined
  group(name: string): GroupDetail | undefined
  role(name: string): RoleDetail | undefined
  policy(arn: string): ManagedPolicyDetail | undefined
  readonly userArns: readonly string[]
  readonly roleArns: readonly string[]
  /** The trust policy, as JSON text, of the role at this index of `roleArns`. Null: the role has none. */
  trustAt(place: number): string | null
  /** The ARN of the role in an instance profile. */
  profileRole(name: string): string | undefined
  /** How the file says that another page follows. Null: none follows. */
  readonly cut: string | null
  /** Why users or roles cannot be looked up: the file lacks their list. Null: it has it. */
  readonly missing: { readonly users: string | null; readonly roles: string | null }
  /** The text of every entry. */
  texts(): Iterable<string>
}

export type AccountParser = {
  /** Takes UTF-8 without a byte order mark. Throws UsageError: one line that names the file; `end` adds the place in it. */
  push(chunk: Uint8Array): void
  end(): AccountPage
}

export function readAccountDetails(file: string, text: string): AccountPage {
  const parser = accountParser(file)
  parser.push(Buffer.from(withoutByteOrderMark(text)))
  return parser.end()
}

/** Up to this many entries, all are checked at once; in larger accounts, each is checked on access. */
const MAX_CHECKED = 2_000

const TRUST = 'AssumeRolePolicyDocument'
const PROFILES = 'InstanceProfileList'
/** Members that say where the next page begins: of the AWS CLI, and of the API. */
const TOKENS = ['NextToken', 'Marker']

export function accountParser(file: string): AccountParser {
  const users = entryList({
    ...{ file, list: 'UserDetailList', schema: user },
    ...{ members: ['Arn', 'UserName'], key: { member: 'UserName', exact: false } },
  })
  const groups = entryList({
    ...{ file, list: 'GroupDetailList', schema: group },
    ...{ members: ['Arn', 'GroupName'], key: { member: 'GroupName', exact: false } },
  })
  const roles = entryList({
    ...{ file, list: 'RoleDetailList', schema: role },
    ...{ members: ['Arn', 'RoleName', TRUST, PROFILES], key: { member: 'RoleName', exact: false } },
  })
  const policies = entryList({
    ...{ file, list: 'Policies', schema: managedPolicy },
    ...{ members: ['Arn'], key: { member: 'Arn', exact: true } },
  })
  const lists: readonly EntryList<unknown>[] = [users, groups, roles, policies]
  const byName = new Map(lists.map(one => [one.list, one]))
  /** The top-level members, each as some value of its type. */
  const given = new Map<string, unknown>()

  const places = new Map<JsonPlace, string>()
  const member = (name: string, place: JsonPlace): readonly [string, JsonPlace] => {
    places.set(place, name)
    return [name, place]
  }
  const root = {
    members: Object.fromEntries([
      ...lists.map(({ list, members }) => member(list, { items: { piece: members } })),
      ...['IsTruncated', ...TOKENS].map(name => member(name, {})),
    ]),
  }
  const scanner = jsonScanner(
    root,
    {
      onMember(place, first) {
        const name = places.get(place)
        if (name === undefined) return
        given.set(name, ofKind(first))
        byName.get(name)?.clear()
      },
      onPiece: (item, _, path) => byName.get(path()[0] ?? '')?.add(item),
    },
    { keepsText: true },
  )

  function checkAll(): void {
    const count = lists.reduce((sum, list) => sum + list.size(), 0)
    for (const one of lists) {
      check(file, aList, given.get(one.list), [one.list])
      one.check(count <= MAX_CHECKED)
    }
    check(file, aFlag, given.get('IsTruncated'), ['IsTruncated'])
    for (const name of TOKENS) check(file, aToken, given.get(name), [name])
  }

  function profileRoles(): ReadonlyMap<string, string> {
    return new Map(
      roles.arns.flatMap((arn, place) => {
        const listed = check(file, instanceProfiles, JSON.parse(roles.textAt(place, PROFILES) ?? 'null'), [
          'RoleDetailList',
          place,
          PROFILES,
        ])
        return listed.map(({ InstanceProfileName }) => [InstanceProfileName, arn] as const)
      }),
    )
  }

  function cut(): string | null {
    if (given.get('IsTruncated') === true) return `${file} is truncated (IsTruncated)`
    const token = TOKENS.find(name => given.get(name) != null)
    return token === undefined ? null : `${file} is truncated (${token})`
  }

  const missing = (list: string): string | null => (given.get(list) == null ? `${file} has no ${list}` : null)

  return {
    push: chunk => asUsageError(file, () => scanner.push(chunk)),
    end() {
      const root = ofKind(asUsageError(file, () => scanner.end()))
      const { error } = anObject.safeParse(root)
      if (error !== undefined) throw new UsageError(`${file}: ${WRONG_FORMAT} (${firstIssue(error)})`)
      checkAll()
      if (lists.every(({ list }) => given.get(list) == null))
        throw new UsageError(`${file}: ${WRONG_FORMAT} (no RoleDetailList)`)
      let profiles: ReadonlyMap<string, string> | null = null
      return {
        accountId: accountIdOf(file, [roles, users, groups, policies]),
        user: users.get,
        group: groups.get,
        role: roles.get,
        policy: policies.get,
        userArns: users.arns,
        roleArns: roles.arns,
        trustAt: place => roles.textAt(place, TRUST),
        profileRole(name) {
          profiles ??= profileRoles()
          return profiles.get(name)
        },
        cut: cut(),
        missing: { users: missing('UserDetailList'), roles: missing('RoleDetailList') },
        *texts() {
          for (const { texts } of lists) yield* texts()
        },
      }
    },
  }
}

/** The profile may ask for another form. */
const NOT_JSON =
  'not JSON: if it is YAML, text or a table, add --output json to aws iam get-account-authorization-details'

const WRONG_FORMAT = 'not the output of aws iam get-account-authorization-details'

/** Some value of the type that begins with this character; true and false are kept. */
function ofKind(first: string): unknown {
  const kinds: { readonly [first: string]: unknown } = { '{': {}, '[': [], '"': '', t: true, f: false, n: null }
  return Object.hasOwn(kinds, first) ? kinds[first] : 0
}

function check<T>(file: string, schema: z.ZodType<T>, value: unknown, within: readonly (string | number)[]): T {
  const read = schema.safeParse(value)
  if (!read.success) throw new UsageError(`${file}: ${firstIssue(read.error, within)}`)
  return read.data
}

const WHY = {
  empty: 'is empty',
  broken: 'is not JSON',
  cut: 'is not JSON',
  deep: 'is not JSON',
  large: 'has an entry that is too large to read',
  more: 'is more than one JSON document; give one file per account, the output of one aws iam get-account-authorization-details',
} as const

function asUsageError<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof NotJson)) throw cause
    const why = cause.why === 'broken' && cause.depth === 0 ? NOT_JSON : WHY[cause.why]
    throw new UsageError(`${file}: ${why}`, { cause })
  }
}

/** The account id in the ARNs. AWS managed policies have none. */
function accountIdOf(file: string, lists: readonly EntryList<unknown>[]): string | null {
  const [id, other] = new Set(lists.flatMap(({ accountIds }) => [...accountIds]))
  if (other !== undefined) throw new UsageError(`${file}: mixes accounts ${id} and ${other}; give one file per account`)
  return id ?? null
}
