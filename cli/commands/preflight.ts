/** Compares what a deploy will pass or assume with the live permissions, before it runs. */
import { never, UsageError } from '../../core/base/index.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { preflightCode } from '../formats/preflight/code-output.ts'
import { preflightOutput } from '../formats/preflight/json-output.ts'
import { noDeployerText } from '../formats/preflight/notes.ts'
import { type Io, notes } from '../io.ts'
import { jsonText } from '../json-text.ts'
import {
  ACCOUNT,
  AS,
  AT,
  CONFIG,
  described,
  FORMAT,
  iamOptions,
  JSON_FORM,
  LIVE,
  ORG,
  type OutputFormat,
  outputFormat,
  PARAMETER,
  PROFILE,
  REGION,
} from '../options.ts'
import type { Values } from '../parse-arguments.ts'
import { type PreflightQuestion, preflightDeploy } from '../use-cases/preflight/preflight.ts'
import type { PreflightReport } from '../use-cases/preflight/report.ts'

const NO_PATH = 'give a PATH: a template, cdk.out or a plan'

const OPTIONS = {
  as: described(
    AS,
    "who deploys; without it the deploy role that the source names: the CDK's CloudFormation execution role, the role that a Terraform provider assumes",
  ),
  account: ACCOUNT,
  org: ORG,
  config: CONFIG,
  live: LIVE,
  profile: PROFILE,
  region: described(REGION, 'the Region that is deployed to'),
  parameter: PARAMETER,
  format: FORMAT,
  at: AT,
  json: described(JSON_FORM, '--format json'),
} as const satisfies Options

export const preflightCommand = defineCommand({
  name: 'preflight',
  usage: [['rolemedic preflight PATH... [options]', '']],
  about: [],
  operands: [
    [
      'PATH',
      'a CloudFormation or SAM template (JSON or YAML), a cdk.out folder, or the output of terraform show -json PLAN; - is standard input',
    ],
  ],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic preflight template.yaml --as arn:aws:iam::111122223333:role/deploy/pipeline-deploy --account account.json',
      about: 'a template, for a role that deploys it',
      notRun: null,
    },
    { run: 'rolemedic preflight cdk.out --live', about: 'a CDK app, against IAM', notRun: 'needs AWS credentials' },
  ],
  exitCodes: [
    [0, 'all is allowed'],
    [1, 'something is denied or unknown'],
    [2, 'unreadable'],
    [3, 'nothing is passed or assumed'],
  ],
  outputs: ['preflight'],
  noInput: NO_PATH,
  takes: Number.POSITIVE_INFINITY,
  ask: ({ values, positionals }) => ({
    ...wanted(values, positionals),
    format: outputFormat(values.format, values.json),
  }),
  async answer({ format, ...question }, io) {
    const answer = await preflightDeploy(question, io)
    notes(answer.notes, io)
    switch (answer.kind) {
      case 'nothing':
        return answer.unread.length === 0 ? 3 : 1
      case 'no-deployer':
        throw new UsageError(noDeployerText(answer))
      case 'report':
        await print(answer.report, format, io)
        return EXITS[answer.answer]
      default:
        return never(answer)
    }
  },
})

const EXITS = { allowed: 0, open: 1, nothing: 3 } as const

function wanted(values: Values<typeof OPTIONS>, paths: readonly string[]): PreflightQuestion {
  if (paths.length === 0) throw new UsageError(NO_PATH)
  const { region, live } = values
  return {
    sources: [...new Set(paths)].map(name => ({ kind: 'path', name })),
    as: values.as,
    access: iamOptions({ ...values, region: live ? region : null }),
    config: values.config,
    region,
    parameters: new Map(values.parameter),
    atMs: values.at,
  }
}

async function print(report: PreflightReport, format: OutputFormat, io: Io): Promise<void> {
  switch (format) {
    case 'json':
      io.data(`${jsonText(preflightOutput(report))}\n`)
      return
    case 'text': {
      const { preflightText } = await import('../formats/preflight/text-output.ts')
      io.out(preflightText(report, { colour: io.colour }))
      return
    }
    case 'markdown': {
      const { preflightMarkdown } = await import('../formats/preflight/markdown-output.ts')
      io.out(preflightMarkdown(report))
      return
    }
    default:
      io.data(preflightCode(report, format))
  }
}
