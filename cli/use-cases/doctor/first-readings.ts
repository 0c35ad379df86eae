/** Whether `decide` has read each group of approvers once: who is in its first reading counts at every risk, who comes later after a day. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3'
import { plural, RolemedicError, utc } from '../../../core/base/index.ts'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import { firstSeenKey, signedFirstSeenSchema } from '../../../functions/domain/authority/index.ts'
import { PREFIX } from '../../../infra/names.ts'
import { type Check, failedCheck, isRefused, okCheck, warning } from './check.ts'
import type { MemberAccess } from './member-access.ts'

export type FirstReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'read'; readonly people: number; readonly atMs: number }
  /** It is there, and these credentials may not read it. */
  | { readonly kind: 'unread' }
  /** Something that `decide` does not write. */
  | { readonly kind: 'foreign'; readonly key: string }

const NAME = 'approver group'

function firstReadingCheck(group: string, reading: FirstReading): Check {
  switch (reading.kind) {
    case 'none':
      return warning(
        NAME,
        `${group}: not read yet: type /rolemedic help once in Slack, or open the app's Home tab, before anybody is added to the group; else the first press reads it`,
      )
    case 'unread':
      return okCheck(NAME, `${group}: read; these credentials may not see when`)
    case 'foreign':
      return failedCheck(
        NAME,
        `${group}: ${reading.key} is not what decide writes: from elevated risk on, nobody of this group counts for a day after their first press; see member_record_foreign in the runbooks`,
      )
    default: {
      const { people, atMs } = reading
      return okCheck(
        NAME,
        `${group}: first read ${utc(atMs)}, ${plural(people, 'person', 'people')}: each counts at every risk`,
      )
    }
  }
}

/** Of the deployment whose state stack is here, or of every deployment that has kept something in the bucket. */
export async function firstReadingChecks(
  { credentials }: MemberAccess,
  region: string,
  bucket: string,
  groups: readonly string[],
): Promise<readonly Check[]> {
  const config = { region, credentials, ...LONG_TIMEOUTS }
  const s3 = new S3Client(config)
  const own = await ownDeployment(new CloudFormationClient(config))
  const deployments = own === null ? await deploymentsIn(s3, bucket) : [own]
  const { s3Ledger } = await import('../../../functions/adapters/aws/ledger/s3-ledger.ts')
  const ledger = s3Ledger(s3, bucket)
  return Promise.all(
    groups.map(async group => {
      let found: FirstReading = { kind: 'none' }
      for (const deployment of deployments) {
        const key = firstSeenKey(deployment, group, null)
        const versions = await ledger.versions(key)
        if (versions.length === 0) continue
        found = { kind: 'foreign', key }
        for (const { id, isDeleteMarker } of versions) {
          if (isDeleteMarker) continue
          const text = await ledger.read(key, id).catch(unlessRefused)
          if (text === null) return firstReadingCheck(group, { kind: 'unread' })
          const reading = readingOf(text, key)
          if (reading !== null) return firstReadingCheck(group, reading)
        }
      }
      return firstReadingCheck(group, found)
    }),
  )
}

function readingOf(text: string, key: string): FirstReading | null {
  try {
    const { statement } = signedFirstSeenSchema.parse(JSON.parse(text))
    return statement.key === key ? { kind: 'read', people: statement.users.length, atMs: statement.atMs } : null
  } catch {
    return null
  }
}

function unlessRefused(error: unknown): null {
  if (isRefused(error) || (error instanceof RolemedicError && error.code === 'ledger-unreadable')) return null
  throw error
}

/** The UUID of the state stack. Null: there is no such stack, or these credentials may not see it. */
async function ownDeployment(cloudFormation: CloudFormationClient): Promise<string | null> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: `${PREFIX}-state` }))
    return Stacks[0]?.StackId?.split('/')[2] ?? null
  } catch (error) {
    if (isRefused(error) || (error instanceof Error && error.name === 'ValidationError')) return null
    throw error
  }
}

async function deploymentsIn(s3: S3Client, Bucket: string): Promise<readonly string[]> {
  const list = new ListObjectVersionsCommand({ Bucket, Prefix: 'members/', Delimiter: '/' })
  const { CommonPrefixes = [] } = await s3.send(list)
  return CommonPrefixes.flatMap(({ Prefix = '' }) => Prefix.split('/')[1] ?? [])
}
