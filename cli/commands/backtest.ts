/** `rolemedic backtest`: what the bot would have done in the past, before anybody gives it permissions. */

import { UsageError } from '../../core/base/index.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { writePage } from '../files/write-page.ts'
import { backtestText } from '../formats/backtest/text-output.ts'
import { notes, oneLine } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { ACCOUNT, CONFIG, described, JSON_FORM, LIVE, liveOptions, ORG, OUT, PROFILE, REGION } from '../options.ts'
import type { Values } from '../parse-arguments.ts'
import { type BacktestQuestion, backtestHistory } from '../use-cases/backtest/backtest.ts'
import { isS3 } from '../use-cases/backtest/s3-paths.ts'

const NO_PATH = 'give a PATH: CloudTrail files, folders of them, or s3://bucket/prefix with --live'

const OPTIONS = {
  account: ACCOUNT,
  org: ORG,
  config: CONFIG,
  live: described(LIVE, 'read s3://… with your AWS credentials'),
  profile: PROFILE,
  region: described(REGION, 'with --live: the Region of the bucket'),
  out: OUT,
  json: JSON_FORM,
} as const satisfies Options

export const backtestCommand = defineCommand({
  name: 'backtest',
  usage: [['rolemedic backtest PATH... [options]', '']],
  about: [
    'What the bot would have done with the past: how many cards on which days, for which causes, and how often its evaluation agrees with what AWS answered. It changes nothing and sends nothing. Records are streamed: a year needs no more memory than a day.',
  ],
  operands: [
    [
      'PATH',
      'a CloudTrail file, a folder (every file in it is read, whatever its name, packed or not; what holds no record is named), the output of aws cloudtrail lookup-events, or s3://bucket/prefix with --live; - is standard input',
    ],
  ],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic backtest events/ecs-register-task-definition.json --account events/accounts/orders-dev.json',
      about: 'one record against the policies of its account',
      notRun: null,
    },
    {
      run: 'rolemedic backtest events --account events/accounts/orders-dev.json --out backtest.html',
      about: 'a folder of records, with a report',
      notRun: null,
    },
    {
      run: 'rolemedic backtest s3://my-trail/AWSLogs/ --live --json',
      about: 'straight from the bucket',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'done'],
    [2, 'usage or unreadable input; no record, and a file that was not read'],
    [3, 'no record, or none that passes or assumes a role'],
  ],
  outputs: ['backtest'],
  noInput: NO_PATH,
  takes: Number.POSITIVE_INFINITY,
  ask: ({ values, positionals }) => ({ ...wanted(values, positionals), json: values.json }),
  async answer({ json, ...question }, io) {
    const answer = await backtestHistory(question, io, line => io.err(oneLine(line)))
    notes(answer.notes, io)
    if (answer.kind === 'no-records') return answer.isUnreadable ? 2 : 3
    const { summary, nothing } = answer
    if (json) io.data(`${jsonText(summary.output)}\n`)
    else io.out(backtestText(summary, io))
    if (question.out !== null) {
      const { backtestPage } = await import('../formats/backtest/backtest-page.ts')
      await writePage(question.out, backtestPage(summary))
      io.err(oneLine(`the report is in ${question.out}`))
    }
    if (nothing === null) return 0
    io.err(oneLine(nothing))
    return 3
  },
})

function wanted(values: Values<typeof OPTIONS>, paths: readonly string[]): BacktestQuestion {
  const { account: accounts, org, config, out, live } = values
  if (paths.length === 0) throw new UsageError(NO_PATH)
  const bucket = paths.find(isS3)
  if (bucket !== undefined && !live) throw new UsageError(`${bucket}: add --live to read it with your AWS credentials`)
  if (live && bucket === undefined) throw new UsageError('--live is for s3://bucket/prefix')
  return { paths, accounts, org, config, out, live: liveOptions(values) }
}
