/** `npm run smoke -- --profile P --region R`: a harmless denial through the bot that is deployed, with a person at Slack. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { IAMClient } from '@aws-sdk/client-iam'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { proposalsTable } from '../../functions/adapters/aws/dynamodb/proposals-table.ts'
import { RolemedicError, UsageError } from '../../functions/domain/base/errors.ts'
import { oneLine } from '../io.ts'
import { requireCredentials, requireProfile } from '../live/aws-credentials.ts'
import { parsedArguments } from '../parsed-arguments.ts'
import { sleepUntilStopped } from './sleep-until-stopped.ts'
import { smoke } from './steps.ts'
import { makeTestRoles } from './test-roles.ts'

const HELP = `npm run smoke -- --region REGION [--profile PROFILE] [--table NAME]

Makes two roles without permissions in the account of the bot, lets one be denied to assume the other, waits for the
card, for your Approve and your Revert in Slack, and checks each with AWS. The roles are removed at the end, also on Ctrl-C.
The profile needs to make and remove roles named smoke-*, to assume them, and to read the table.
`

const OPTIONS = {
  profile: { type: 'string' },
  region: { type: 'string' },
  table: { type: 'string', default: 'rolemedic' },
} as const

// Nobody may read on, and the roles are removed all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

await run(process.argv.slice(2)).catch(tell)

function tell(error: unknown): void {
  if (!(error instanceof RolemedicError || isFromAws(error))) throw error
  process.stderr.write(`${oneLine(error.message)}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}

/** The SDK marks what AWS answered; a host that does not answer has a code of the system. */
function isFromAws(error: unknown): error is Error {
  return error instanceof Error && ('$metadata' in error || 'code' in error)
}

async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parsedArguments(args, OPTIONS, 'npm run smoke -- --help')
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  if (values.help) return say(HELP)
  if (positionals.length > 0) throw new UsageError('smoke takes no file (npm run smoke -- --help)')
  const region = values.region ?? process.env['AWS_REGION']
  if (region === undefined) throw new UsageError('--region REGION: where the bot runs')
  const { profile, table: tableName } = values
  requireProfile(profile ?? null, process.env)
  const shared = { region, credentials: fromNodeProviderChain(profile === undefined ? {} : { profile }) }
  await requireCredentials(shared.credentials)
  const store = proposalsTable({ client: new DynamoDBClient(shared), tableName })
  // Before anything is made: most often the Region or the account is another than the bot's.
  await store.open(1).catch((cause: Error) => {
    throw new RolemedicError('smoke', `the table ${tableName} cannot be read in ${region}: ${cause.message}`, { cause })
  })
  const sleep = sleepUntilStopped(process, say)
  const roles = await makeTestRoles(new IAMClient(shared), shared, sleep)
  try {
    await smoke({ roles, store, say, sleep, nowMs: Date.now })
    say('7. all of it works; removing the roles (a last card, about the denial of step 6, may still come)')
  } finally {
    // Whatever else went wrong is told, too.
    await roles.remove().catch(tell)
  }
}
