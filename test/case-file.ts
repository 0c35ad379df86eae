/** The form of the files under `test/cases`, and how a short account or event in them is completed. */
import { z } from 'zod'

type Json = { readonly [key: string]: unknown }

const json = z.record(z.string(), z.unknown())
const strings = z.array(z.string())

const change = z.strictObject({
  /** `<target kind> <name>` or `<target kind> <name>/<inline policy name>`. */
  on: z.string(),
  /** Statements in the document after the change and not before, without the bot's own Sids. */
  adds: z.array(json).default([]),
  /** Statements in the document before the change and not after. */
  drops: z.array(json).default([]),
})

const expected = z.strictObject({
  cause: z.string(),
  verdict: z.string(),
  /** `<policy type> <policy name> <statement index>`, in the order of the evidence. */
  deciding: strings.default([]),
  /** Every fact that the diagnosis reports as unknown. */
  unknowns: strings.default([]),
  patch: z.array(change).default([]),
  /** Changes that are needed later (`required: false`). */
  later: z.array(change).default([]),
  /** The refusal's code. Required exactly if there is no patch. */
  refusal: z.string().nullable().default(null),
  /** How many people must approve the patch. Not compared if absent. */
  approvers: z.number().int().optional(),
  /** Texts that the summary, the findings or the next steps contain. */
  says: strings.default([]),
  /** Texts that neither the diagnosis, the patch nor the refusal contains. */
  silent: strings.default([]),
})

const oneCase = z.strictObject({
  name: z.string(),
  /** The page that is the source of the expected answer. */
  source: z.url().optional(),
  /** A name of the file's `events`, or an event that is `like` another. */
  event: z.union([z.string(), json]).optional(),
  /** An error text instead of an event. */
  message: z.string().optional(),
  /** AWS's own evaluation, from the decoded message or the authorization details. */
  aws: json.optional(),
  accounts: z.array(z.union([z.string(), json])).default([]),
  org: z.union([z.string(), json]).optional(),
  config: json.default({}),
  withGetRole: z.boolean().default(false),
  expect: expected,
})

const caseFile = z.strictObject({
  about: z.string(),
  accounts: z.record(z.string(), json).default({}),
  events: z.record(z.string(), json).default({}),
  orgs: z.record(z.string(), json).default({}),
  cases: z.array(oneCase).min(1),
})

export type CaseFile = z.infer<typeof caseFile>
export type Case = z.infer<typeof oneCase>
export type ExpectedChange = z.infer<typeof change>

export const readCaseFile = (text: string): CaseFile => caseFile.parse(JSON.parse(text))

/** Follows `like` and overlays the other members. Replaces entities of account lists by name. */
function resolve(entry: string | Json, named: { readonly [name: string]: Json }): Json {
  if (typeof entry === 'string') {
    const found = named[entry]
    if (found === undefined) throw new Error(`nothing in this file is called ${entry}`)
    return resolve(found, named)
  }
  const { like, ...own } = entry
  return typeof like === 'string' ? overlay(resolve(like, named), own) : own
}

function overlay(base: unknown, over: unknown): Json {
  const result: { [key: string]: unknown } = { ...(base as Json) }
  for (const [key, value] of Object.entries(over as Json)) {
    const before = result[key]
    if (Array.isArray(before) && Array.isArray(value) && /(DetailList|Policies)$/.test(key)) {
      result[key] = [...before.filter(one => !value.some(other => nameOf(other) === nameOf(one))), ...value]
    } else
      result[key] = isObject(before) && isObject(value) && key !== 'PolicyDocument' ? overlay(before, value) : value
  }
  return result
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const nameOf = (entity: unknown): unknown => {
  const { RoleName, UserName, GroupName, PolicyName } = entity as Json
  return RoleName ?? UserName ?? GroupName ?? PolicyName
}

/** A CloudTrail record: the members of every record, and those of the case. */
export function eventOf(file: CaseFile, { event, name }: Case): Json | null {
  if (event === undefined) return null
  return {
    eventVersion: '1.11',
    eventTime: '2026-11-24T21:55:00Z',
    eventID: name,
    eventType: 'AwsApiCall',
    awsRegion: 'eu-west-1',
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.31.0',
    errorCode: 'AccessDenied',
    readOnly: false,
    managementEvent: true,
    recipientAccountId: '111122223333',
    requestParameters: null,
    responseElements: null,
    ...resolve(event, file.events),
  }
}

export function orgOf(file: CaseFile, { org }: Case): string | null {
  return org === undefined ? null : JSON.stringify(resolve(org, file.orgs))
}

/** Files in the format of get-account-authorization-details. Omitted lists are empty, not missing. */
export function accountsOf(file: CaseFile, { accounts }: Case): readonly { name: string; text: string }[] {
  return accounts.map(entry => {
    const { id = '111122223333', partition = 'aws', ...lists } = resolve(entry, file.accounts)
    const arn = (kind: string, entity: Json, name: unknown) =>
      `arn:${partition}:iam::${id}:${kind}${entity['Path'] ?? '/'}${name}`
    const details = {
      UserDetailList: each(lists['UserDetailList'], one => ({ Arn: arn('user', one, one['UserName']), ...one })),
      GroupDetailList: each(lists['GroupDetailList'], one => ({ Arn: arn('group', one, one['GroupName']), ...one })),
      RoleDetailList: each(lists['RoleDetailList'], one => ({ Arn: arn('role', one, one['RoleName']), ...one })),
      Policies: each(lists['Policies'], one => ({
        Arn: arn('policy', one, one['PolicyName']),
        DefaultVersionId: 'v1',
        PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: one['Document'] }],
        ...one,
      })),
      ...(lists['IsTruncated'] === undefined ? {} : { IsTruncated: lists['IsTruncated'] }),
    }
    return { name: `account ${String(id)}`, text: JSON.stringify(withVersion(details)) }
  })
}

const each = (list: unknown, whole: (entity: Json) => Json): readonly Json[] =>
  (Array.isArray(list) ? (list as Json[]) : []).map(whole)

/** Policy documents of the cases have the current version unless they contain another. */
function withVersion(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withVersion)
  if (!isObject(value)) return value
  const members = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withVersion(member)]))
  return 'Statement' in members ? { Version: '2012-10-17', ...members } : members
}
