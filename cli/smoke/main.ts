/** `npm run smoke -- --profile P --region R`: sends a harmless denial through the deployed bot, with a person in Slack. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { IAMClient } from '@aws-sdk/client-iam'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { proposalsTable } from '../../functions/adapters/aws/dynamodb/proposals-table.ts'
import { RolemedicError, UsageError } from '../../functions/domain/base/errors.ts'
import { SILENT_OBSERVER } from '../../functions/ports/observer.ts'
import { oneLine } from '../io.ts'
import { requireCredentials, requireProfile } from '../live/aws-credentials.ts'
import { parseArguments } from '../parse-arguments.ts'
import { sleepUntilStopped } from './sleep-until-stopped.ts'
import { smoke } from './steps.ts'
import { createTestRoles } from './test-roles.ts'

const HELP = `npm run smoke -- --region REGION [--profile PROFILE] [--table NAME]

Creates two roles without permissions in the account of the bot, causes a denial by assuming one from the other, waits for
the card and for your Approve and Revert in Slack, and checks each step with AWS. Deletes the roles at the end, also on
Ctrl-C. The profile needs permission to create, delete and assume roles named smoke-*, and to read the table.
`

const OPTIONS = {
  profile: { type: 'string' },
  region: { type: 'string' },
  table: { type: 'string', default: 'rolemedic' },
} as const

// The roles must be deleted even if nobody reads the output any more.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

await run(process.argv.slice(2)).catch(printError)

function printError(error: unknown): void {
  if (!(error instanceof RolemedicError || isFromAws(error))) throw error
  process.stderr.write(`${oneLine(error.message)}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}

/** The SDK marks errors from AWS with `$metadata`; network errors have a system error code. */
function isFromAws(error: unknown): error is Error {
  return error instanceof Error && ('$metadata' in error || 'code' in error)
}

async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArguments(args, OPTIONS, 'npm run smoke -- --help')
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  if (values.help) return print(HELP)
  if (positionals.length > 0) throw new UsageError('smoke takes no file (npm run smoke -- --help)')
  const region = values.region ?? process.env['AWS_REGION']
  if (region === undefined) throw new UsageError('--region REGION is missing: the Region of the bot')
  const { profile, table: tableName } = values
  requireProfile(profile ?? null, process.env)
  const shared = { region, credentials: fromNodeProviderChain(profile === undefined ? {} : { profile }) }
  await requireCredentials(shared.credentials)
  const store = proposalsTable({ client: new DynamoDBClient(shared), tableName, observer: SILENT_OBSERVER })
  // Checked before anything is created: usually the Region or the account is wrong.
  await store.open(1).catch((cause: Error) => {
    throw new RolemedicError('smoke', `the table ${tableName} cannot be read in ${region}: ${cause.message}`, { cause })
  })
  const sleep = sleepUntilStopped(process, print)
  const roles = await createTestRoles(new IAMClient(shared), shared, sleep)
  try {
    await smoke({ roles, store, print, sleep, nowMs: Date.now })
    print('7. everything works; deleting the roles (a card for the denial of step 6 may still arrive)')
  } finally {
    // An earlier error is reported too.
    await roles.remove().catch(printError)
  }
}
