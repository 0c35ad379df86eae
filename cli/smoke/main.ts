/** `npm run smoke -- --profile P --region R`: sends a harmless denial through the deployed bot, with a person in Slack. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { IAMClient } from '@aws-sdk/client-iam'
import { S3Client } from '@aws-sdk/client-s3'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { RolemedicError, UsageError } from '../../core/base/index.ts'
import { proposalsTable } from '../../functions/adapters/aws/dynamodb/index.ts'
import { historyClients } from '../../functions/adapters/aws/event-history/index.ts'
import type { MemberRegion } from '../../functions/domain/members/index.ts'
import { type ProposalStore, SILENT_OBSERVER } from '../../functions/ports/index.ts'
import { oneLine } from '../io.ts'
import { requireCredentials, requireProfile } from '../live/aws-credentials.ts'
import { parseArguments, type Values } from '../parse-arguments.ts'
import { type MemberAccess, memberAccess } from '../use-cases/doctor/member-access.ts'
import { memberPath } from './member-path.ts'
import { runAll, type SmokeRun } from './runs.ts'
import { sleepUntilStopped } from './sleep-until-stopped.ts'
import { smoke } from './steps.ts'
import { createTestRoles } from './test-roles.ts'

const HELP = `npm run smoke -- --region REGION [--profile PROFILE] [--table NAME]
npm run smoke -- --member ACCOUNT... --region REGION... --hub-region REGION --role NAME [--audit s3://BUCKET/PREFIX]

Creates two roles without permissions in the account of the bot, causes a denial by assuming one from the other, waits for
the card and for your Approve and Revert in Slack, and checks each step with AWS. Deletes the roles at the end, also on
Ctrl-C. The profile needs permission to create, delete and assume roles named smoke-*, and to read the table.

With --member, the roles are made in that account and the denial is caused in that Region; both options may be repeated, and
every pair is tested at once. It goes through heartbeat, forwarder, the hub's bus, reader role, Slack, writer role and audit
log, and ends with CloudTrail's record of the write, which names the person who approved.

  --region REGION      of the bot; with --member, of the members
  --member ACCOUNT     an account with rolemedic-member
  --role NAME          to assume in each member: may do there with smoke-* roles what is said above, and cloudtrail:LookupEvents
  --hub-region REGION  with --member: of the bot
  --audit S3URI        with --member: reads the audit log, too
`

const OPTIONS = {
  profile: { type: 'string' },
  region: { type: 'string', multiple: true },
  member: { type: 'string', multiple: true },
  role: { type: 'string' },
  'hub-region': { type: 'string' },
  audit: { type: 'string' },
  table: { type: 'string', default: 'rolemedic' },
} as const

// The roles must be deleted even if nobody reads the output.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

await run(process.argv.slice(2)).catch(printError)

function printError(error: unknown): void {
  if (!(error instanceof RolemedicError || isFromAws(error))) throw error
  process.stderr.write(`${oneLine(error.message)}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}

/** The SDK marks AWS's errors with `$metadata`; network errors have a system error code. */
function isFromAws(error: unknown): error is Error {
  return error instanceof Error && ('$metadata' in error || 'code' in error)
}

async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArguments(args, OPTIONS, 'npm run smoke -- --help')
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  if (values.help) return print(HELP)
  if (positionals.length > 0) throw new UsageError('smoke takes no file (npm run smoke -- --help)')
  const { members, hubRegion } = placesIn(values)
  const { profile, table: tableName } = values
  requireProfile(profile, process.env)
  const shared = { region: hubRegion, credentials: fromNodeProviderChain(profile === null ? {} : { profile }) }
  await requireCredentials(shared.credentials)
  const store = proposalsTable({ client: new DynamoDBClient(shared), tableName, observer: SILENT_OBSERVER })
  // Checked before anything is created, because usually the Region or the account is wrong.
  await store.open(1).catch((cause: Error) => {
    throw new RolemedicError('smoke', `the table ${tableName} cannot be read in ${hubRegion}: ${cause.message}`, {
      cause,
    })
  })
  const sleep = sleepUntilStopped(process, print)
  // Never the bot's own account, which is tested without --member.
  const own: MemberAccess = { accountId: '', credentials: shared.credentials }
  const accessTo = memberAccess({ own, roleName: values.role, region: hubRegion })
  const audit = values.audit === null ? null : { client: new S3Client(shared), from: values.audit }
  const runs: readonly SmokeRun[] =
    members.length === 0
      ? [{ member: null, run: print => runOne(null, { ...shared, store, sleep, print, audit }) }]
      : members.map(member => {
          const access = accessTo(member.accountId)
          if (access === null) throw new UsageError('--role NAME is missing: the role to assume in each member')
          const { credentials } = access
          const { region } = member
          return { member, run: print => runOne(member, { region, credentials, store, sleep, print, audit }) }
        })
  const failed = await runAll(runs, print)
  for (const { name, error } of failed) {
    if (runs.length > 1) process.stderr.write(`${name}:\n`)
    printError(error)
  }
}

function placesIn(given: Values<typeof OPTIONS>): {
  readonly members: readonly MemberRegion[]
  readonly hubRegion: string
} {
  const { member, region: regions } = given
  const fromEnvironment = process.env['AWS_REGION'] || undefined
  if (member.length === 0) {
    const [region = fromEnvironment, ...others] = regions
    if (region === undefined) throw new UsageError('--region REGION is missing: the Region of the bot')
    if (others.length > 0) throw new UsageError('--region is given twice, and there is no --member')
    return { members: [], hubRegion: region }
  }
  if (regions.length === 0) throw new UsageError('--region REGION is missing: the Region of the members')
  const hubRegion = given['hub-region'] ?? fromEnvironment
  if (hubRegion === undefined) throw new UsageError('--hub-region REGION is missing: the Region of the bot')
  const wrong = member.find(accountId => !/^\d{12}$/.test(accountId))
  if (wrong !== undefined) throw new UsageError(`--member ${wrong}: an account id has 12 digits`)
  const members = [...new Set(member)].flatMap(accountId =>
    [...new Set(regions)].map(region => ({ accountId, region })),
  )
  return { members, hubRegion }
}

type RunProps = {
  readonly region: string
  readonly credentials: MemberAccess['credentials']
  readonly store: ProposalStore
  readonly sleep: (ms: number) => Promise<void>
  readonly print: (line: string) => void
  readonly audit: { readonly client: S3Client; readonly from: string } | null
}

async function runOne(member: MemberRegion | null, { store, sleep, print, audit, ...shared }: RunProps): Promise<void> {
  const roles = await createTestRoles(new IAMClient(shared), shared, sleep)
  try {
    const deps = { roles, store, print, sleep, nowMs: Date.now }
    if (member === null) await smoke(deps)
    else {
      const history = { client: historyClients(() => shared.credentials), sleep, clock: Date.now }
      await smoke({ ...deps, path: memberPath({ member, store, callerArn: roles.callerArn, history, audit }) })
    }
    print('everything works; deleting the roles (a card for the last denial may still arrive)')
  } finally {
    // An earlier error is reported as well.
    await roles.remove().catch(printError)
  }
}
