/** The settings of a deployment, `rolemedic.deploy.json`. Objects are strict, so a typo in a key stops the synthesis. */

import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { UsageError } from '../core/base/index.ts'
import { partitionOfRegion } from '../core/iam/index.ts'
import { nearestKey, strictJson } from '../functions/domain/config/index.ts'
import { chatSettings } from './chat.ts'
import { PROTECTED_TAG } from './names.ts'
import { unknownRegion } from './regions.ts'

const accountId = z.string().regex(/^\d{12}$/, 'an account id has 12 digits')
const region = z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'a Region looks like eu-west-1')
const arnOf = (service: string, resource: string, example: string) =>
  z
    .string()
    .regex(new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:${resource}$`), `an ARN looks like ${example}`)

const organization = z.strictObject({
  id: z.string().regex(/^o-[a-z0-9]{10,32}$/, 'an organization id looks like o-a1b2c3d4e5'),
  hubAccountId: accountId.describe('The account that the bot runs in.'),
  /** Absent: a change of a permission set that people approve is not written, and the card says why. */
  identityCenter: z.strictObject({ accountId, region }).optional(),
})

/** Existing resources to use instead of new ones. Their policies remain the owner's task: see docs/deploy.md. */
const existing = z.strictObject({
  busArn: arnOf('events', 'event-bus/[\\w./-]+', 'arn:aws:events:eu-west-1:111122223333:event-bus/denials').optional(),
  topicArn: arnOf('sns', '[\\w-]+', 'arn:aws:sns:eu-west-1:111122223333:alerts').optional(),
  keyArn: arnOf(
    'kms',
    'key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})',
    'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-…, with the whole id',
  ).optional(),
  auditBucket: z
    .string()
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    .regex(
      /^(?!.*\.\.)(?!\d+(\.\d+){3}$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      'a bucket name has 3 to 63 lower-case characters, no two dots together, and is no IP address',
    )
    .optional(),
})

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const TAG_KEY = /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu
const tagValue = z
  .string()
  .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u, 'a tag value has at most 256 letters, digits, spaces or _.:/=+-@')

const rotations = z
  .array(z.iso.datetime({ error: 'a time looks like 2026-12-01T09:00:00Z' }))
  .default([])
  .refine(times => times.every((time, index) => index === 0 || Date.parse(times[index - 1] ?? '') < Date.parse(time)), {
    error: 'the times of a key ascend',
  })

const LOG_RETENTION_DAYS = [7, 14, 30, 60, 90, 120, 180, 365, 731] as const

const settingsSchema = z.strictObject({
  $comment: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('For people: it is not read.'),
  region: region.describe('Where the bot runs.'),
  otherRegions: z
    .array(region)
    .default([])
    .describe(
      'Further Regions of the same account whose denials are forwarded. Include the one that has the events of IAM: us-east-1, us-gov-west-1 or cn-north-1.',
    ),
  organization: organization.nullable().default(null).describe('Null: one account.'),
  ...chatSettings,
  alertEmails: z.array(z.email()).default([]).describe('Subscribed to the alert topic; each confirms by mail.'),
  writerExternalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{8,128}$/, 'an external id has 8 to 128 letters, digits or + = , . @ : / - _')
    .default('rolemedic-writer'),
  audit: z
    .strictObject({
      mode: z.enum(['governance', 'compliance']).default('governance'),
      days: z.number().int().min(1).max(36_500).default(365),
    })
    .prefault({}),
  protectedPaths: z
    .array(
      z
        .string()
        // In a policy, ${…} would be a variable and protect nothing. IAM paths contain no white space.
        .regex(
          /^\/([^/*?$\s]+\/)+$/,
          'an IAM path starts and ends with /, like /security/, and has no space, *, ? or $',
        ),
    )
    .default([])
    .describe('Paths whose roles, users and policies the writer role may never touch.'),
  boundaryPolicies: z
    .array(
      z
        .string()
        .regex(/^(?!\/)[\w+=,.@/*?-]{1,128}$/, 'the name of a managed policy, like team/Ceiling-*, with no / first'),
    )
    .default(['*boundary*', '*Boundary*', '*BOUNDARY*'])
    .describe('Managed policies that serve as permissions boundaries, by name: the writer role may never edit them.'),
  buildLogGroups: z
    .array(z.string().regex(/^[\w./#*-]{1,512}$/, 'the name of a log group, with *'))
    .default(['/aws/codebuild/*'])
    .describe('Where builds write their logs: read for the denial that broke a build.'),
  rolePath: z
    .string()
    // IAM's own limit: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    .regex(/^\/([\w+=,.@-]+\/)*$/, 'a role path starts and ends with /, like /platform/')
    .max(512, 'a role path has at most 512 characters')
    .refine(path => !/^\/(aws-service-role|aws-reserved)\//.test(path), 'this path belongs to AWS')
    .default('/')
    .describe('Of every role and policy. Choose it before the first deployment: a role cannot move.'),
  permissionsBoundary: z
    .string()
    .regex(/^(?!\/)[\w+=,.@/-]{1,512}$/, 'the name of a managed policy, like team/Boundary, with no / first and no ARN')
    .nullable()
    .default(null)
    .describe(
      'A managed policy of each account, by name: the boundary of every role but the writer, which has its own.',
    ),
  tags: z
    .record(z.string(), tagValue)
    .superRefine((tags, { addIssue }) => {
      for (const key of Object.keys(tags)) {
        if (!TAG_KEY.test(key))
          addIssue('a tag key has 1 to 128 letters, digits, spaces or _.:/=+-@, and does not start with aws:')
        if (key === PROTECTED_TAG)
          addIssue(`${PROTECTED_TAG} says what the bot may never change, and is no tag of its own`)
      }
    })
    .default({})
    .describe('On everything that can have tags.'),
  logRetentionDays: z.literal(LOG_RETENTION_DAYS).default(90),
  /** A new account has a quota of 10 concurrent executions, of which none can be reserved. */
  reservedConcurrency: z.boolean().default(true),
  keyRotations: z
    .strictObject({ decisions: rotations, attestations: rotations, outcomes: rotations, enrollments: rotations })
    .prefault({})
    .describe('When a signing key was replaced, the first time first: each makes a new key, which signs from then on.'),
  existing: existing.prefault({}),
  endpoint: z
    .strictObject({
      domainName: z
        .string()
        .max(253)
        .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'a host name, like rolemedic.example.com'),
      certificateArn: arnOf(
        'acm',
        'certificate/[0-9a-f-]{36}',
        'arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd-…, in the Region of the bot',
      ),
    })
    .nullable()
    .default(null)
    .describe(
      'A host of your own for the endpoint; its DNS record is yours. Null: the host that API Gateway gives. Passkeys belong to the host: a change loses all of them.',
    ),
  runbook: z
    .url({ protocol: /^https?$/, error: 'the address of your copy of docs/runbooks.md starts with https://' })
    .refine(address => !address.includes('#'), 'without a section: each alarm adds its own')
    .nullable()
    .default(null)
    .describe('Where docs/runbooks.md can be read; null: alarms name the file.'),
  enabled: z
    .boolean()
    .default(true)
    .describe('False: no rule brings denials or failed deploys in, here and in members. Heartbeats are sent anyway.'),
  heartbeats: z
    .strictObject({
      regions: z.array(region).default([]),
      retired: z
        .array(z.string().regex(/^\d{12}(\/[a-z]{2,}(-[a-z]+)+-\d)?$/, 'like 111122223333 or 111122223333/eu-west-1'))
        .default([]),
    })
    .prefault({})
    .describe('Regions in which every member is expected, and the members whose silence is intended.'),
  /** The bot's own configuration, which every function contains. */
  config: z.string().min(1).default('rolemedic.config.json'),
})

/**
 * The Region in which IAM and the global STS endpoint record their events, per partition.
 * https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-iam.html and the SDK's own list of endpoints.
 */
export const GLOBAL_REGIONS: { readonly [partition: string]: string } = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
}

/** Null: the global Region is covered. */
export function missingGlobalRegion({
  region,
  otherRegions,
}: Pick<DeploySettings, 'region' | 'otherRegions'>): string | null {
  const wanted = GLOBAL_REGIONS[partitionOfRegion(region)]
  return wanted === undefined || [region, ...otherRegions].includes(wanted) ? null : wanted
}

/** Removed settings, with what to do instead. */
const REMOVED: { readonly [key: string]: string } = {
  memberAlarmTopic:
    'remove it, and its topics. A member that falls silent raises the alarm silent-members in the hub, which needs no topic elsewhere',
}

export type DeploySettings = z.infer<typeof settingsSchema>

/** The error is one line that names each wrong setting. */
export function parseSettings(value: unknown, source: string): DeploySettings {
  for (const [key, instead] of Object.entries(REMOVED))
    if (typeof value === 'object' && value !== null && key in value)
      throw new UsageError(`${source}: ${key}: no longer a setting: ${instead}`)
  const parsed = settingsSchema.safeParse(value)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(
      issue => `${issue.path.join('.') || 'the file'}: ${issue.message}${suggestion(issue)}`,
    )
    throw new UsageError(`${source}: ${wrong.join('; ')}`)
  }
  const contradictions = contradictionsIn(parsed.data)
  if (contradictions.length > 0) throw new UsageError(`${source}: ${contradictions.join('; ')}`)
  return parsed.data
}

/** For a key of the file itself, such as one that is spelled as the Terraform module does. */
function suggestion(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys' || issue.path.length > 0) return ''
  const near = issue.keys.flatMap(key => nearestKey(key, Object.keys(settingsSchema.shape)) ?? [])
  return near.length === 0 ? '' : ` (did you mean ${near.join(', ')}?)`
}

/** The text of the file, which a person writes. */
export function settingsIn(text: string, source: string): DeploySettings {
  const json = strictJson(text)
  if (!json.ok) throw new UsageError(`${source}: ${json.error.join('; ')}`)
  return parseSettings(json.value, source)
}

/** Combinations of valid settings that CloudFormation would refuse only during the deployment. */
function contradictionsIn(settings: DeploySettings): readonly string[] {
  const { region, otherRegions, alertEmails, organization, existing } = settings
  const wrong = otherRegions.includes(region) ? [`otherRegions: ${region} is the bot's own Region`] : []
  if (organization === null && settings.heartbeats.regions.length > 0)
    wrong.push('heartbeats.regions: for an organization; of one account, region and otherRegions are expected')
  wrong.push(...inOtherPartitions(settings))
  const lists = { otherRegions, alertEmails, 'heartbeats.regions': settings.heartbeats.regions }
  for (const [setting, named] of Object.entries(lists)) {
    const twice = named.find((one, index) => named.indexOf(one) !== index)
    if (twice !== undefined) wrong.push(`${setting}: ${twice} is named twice`)
  }
  for (const name of ['busArn', 'topicArn', 'keyArn'] as const) {
    const [, , , where, accountId] = existing[name]?.split(':') ?? []
    if (where === undefined) continue
    if (where !== region) wrong.push(`existing.${name}: it is in ${where}, and the bot runs in ${region}`)
    if (name === 'busArn' && organization !== null && accountId !== organization.hubAccountId)
      wrong.push(`existing.busArn: rules are made on it, so it has to be in the hub's account`)
  }
  if (existing.busArn?.endsWith(':event-bus/default'))
    wrong.push('existing.busArn: the default bus has rules of the bot anyway: leave it out, or name another')
  return wrong
}

/** One line for each Region that this version does not know: where it is a typo, nothing is heard from there. */
export function unknownRegions({ region, otherRegions, organization, heartbeats }: DeploySettings): readonly string[] {
  const named = {
    region: [region],
    otherRegions,
    'organization.identityCenter': [organization?.identityCenter?.region ?? []].flat(),
    'heartbeats.regions': heartbeats.regions,
    'heartbeats.retired': heartbeats.retired.flatMap(member => member.split('/').slice(1)),
  }
  return Object.entries(named).flatMap(([setting, regions]) =>
    regions.flatMap(one => unknownRegion(one) ?? []).map(why => `${setting}: ${why}`),
  )
}

/** The Regions in which a member sends heartbeats, if it is deployed by these settings. */
export const memberRegions = ({ region, otherRegions, heartbeats }: DeploySettings): readonly string[] =>
  heartbeats.regions.length > 0 ? heartbeats.regions : [region, ...otherRegions]

/** Partitions share no accounts, Regions or roles. */
function inOtherPartitions({
  region,
  otherRegions,
  organization,
  existing,
  heartbeats,
}: DeploySettings): readonly string[] {
  const here = partitionOfRegion(region)
  const arns = (['busArn', 'topicArn', 'keyArn'] as const).flatMap(name => {
    const partition = existing[name]?.split(':')[1]
    return partition === undefined ? [] : [{ setting: `existing.${name}`, partition }]
  })
  const regions = Object.entries({ otherRegions, 'heartbeats.regions': heartbeats.regions }).flatMap(
    ([setting, named]) =>
      named.map(other => ({ setting: `${setting}: ${other}`, partition: partitionOfRegion(other) })),
  )
  const center = organization?.identityCenter?.region ?? region
  const named = [...regions, { setting: 'organization.identityCenter', partition: partitionOfRegion(center) }, ...arns]
  return named
    .filter(({ partition }) => partition !== here)
    .map(({ setting, partition }) => `${setting}: it is in ${partition}, and the bot runs in ${here}`)
}

export function readSettings(path: string): DeploySettings {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`${path}: cannot be read; start from rolemedic.deploy.json`, { cause })
  }
  return settingsIn(text, path)
}
