/** Why a deploy failed: the alert of the bot, for a person at a terminal. */
import { UsageError } from '../../core/base/index.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { type Io, notes, oneLine, readGiven } from '../io.ts'
import { jsonText } from '../json-text.ts'
import {
  ACCOUNT,
  AT,
  CONFIG,
  described,
  FORMAT,
  iamOptions,
  JSON_FORM,
  LIVE,
  LOG,
  ORG,
  oneOf,
  PARAMETER,
  PROFILE,
  REGION,
  TRAIL,
} from '../options.ts'
import type { Values } from '../parse-arguments.ts'
import { type ExplainDeployAnswer, explainFailedDeploy } from '../use-cases/explain-deploy/explain-deploy.ts'
import type { ExplainDeployQuestion, LiveRun } from '../use-cases/explain-deploy/question.ts'

const NO_INPUT =
  'give an EVENT, --stack-events FILE, --log FILE, or --live with --stack, --build, --pipeline, --deployment or --service'
const FORMATS = ['text', 'json', 'markdown'] as const
type Form = (typeof FORMATS)[number]

const OPTIONS = {
  'stack-events': {
    type: 'string',
    value: 'FILE',
    about: 'output of aws cloudformation describe-stack-events, with Stacks of describe-stacks if there is any',
  },
  template: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    about:
      'what was deployed: a template, a cdk.out folder, or the output of terraform show -json PLAN (repeatable). Without it, no trust policy is patched',
  },
  code: {
    type: 'string',
    value: 'DIR',
    about: 'a checkout: what it lacks of other permissions is drafted for the code of the role, and nothing is edited',
  },
  log: described(LOG, 'the log of a build or deploy; - is standard input'),
  stack: {
    type: 'string',
    value: 'NAME',
    about: 'with --live: the name or ARN of a stack, which is read with its template',
  },
  build: { type: 'string', value: 'ID', about: 'with --live: a build of CodeBuild, as project:id or ARN' },
  pipeline: {
    type: 'string',
    value: 'NAME',
    about: 'with --live: the newest execution of a pipeline of CodePipeline, with the logs of its builds',
  },
  execution: { type: 'string', value: 'ID', about: 'another execution of --pipeline than the newest' },
  deployment: { type: 'string', value: 'ID', about: 'with --live: a deployment of CodeDeploy' },
  service: {
    type: 'string',
    value: 'CLUSTER/NAME',
    about: 'with --live: the newest deployment of an ECS service, with the reasons of its stopped tasks',
  },
  trail: TRAIL,
  account: ACCOUNT,
  org: ORG,
  config: CONFIG,
  live: described(
    LIVE,
    "read IAM (and CloudTrail's event history, if allowed) with your AWS credentials instead of --account and --trail",
  ),
  profile: PROFILE,
  region: described(REGION, 'the Region of the deploy'),
  parameter: PARAMETER,
  at: AT,
  json: described(JSON_FORM, '--format json'),
  format: {
    ...described(FORMAT, FORMATS.join(', ')),
    values: FORMATS,
    read: oneOf<Form>('format', FORMATS),
  },
} as const satisfies Options

export const explainDeployCommand = defineCommand({
  name: 'explain-deploy',
  usage: [
    ['rolemedic explain-deploy [EVENT|-] [options]', ''],
    ['rolemedic explain-deploy --live --stack NAME [options]', 'a stack, with its template'],
    ['rolemedic explain-deploy --live --build ID [options]', 'a build, with its log'],
    ['rolemedic explain-deploy --live --pipeline NAME [--execution ID] [options]', 'a pipeline, with its builds'],
    ['rolemedic explain-deploy --live --deployment ID [options]', 'a deployment by CodeDeploy'],
    ['rolemedic explain-deploy --live --service CLUSTER/NAME [options]', 'a deployment of an ECS service'],
  ],
  about: [
    'Tells why a deploy failed, as the alert of the bot does: a denied role, or a service that could not use its role. For each cause: a patch, retry, correct the code, create the role, or whom to ask. The text of a service alone never leads to a patch: the template or plan, and the live trust policy prove it.',
  ],
  operands: [['EVENT', 'the EventBridge event of a failed deploy; - is standard input']],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic explain-deploy --stack-events stack-events.json --template template.yaml --account account.json',
      about: 'a failed stack, from files',
      notRun: null,
    },
    {
      run: 'rolemedic explain-deploy --live --stack orders --region eu-west-1',
      about: 'reads the stack, its template and IAM with your credentials',
      notRun: 'needs AWS credentials',
    },
    {
      run: 'rolemedic explain-deploy --live --service live/web --region eu-west-1',
      about: 'reads why the newest deployment of an ECS service failed',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'explained'],
    [1, 'it failed for another reason than a permission'],
    [2, 'usage or unreadable input'],
    [3, 'it did not fail'],
  ],
  outputs: ['explain-deploy'],
  noInput: NO_INPUT,
  takes: 1,
  ask: ({ values, positionals: [event = null] }) => ({ ...wanted(values, event), format: formOf(values) }),
  async answer({ format, files, ...question }, io) {
    const read = (file: string | null) => (file === null ? null : readGiven(file, io))
    const [event, stackEvents, log] = await Promise.all([read(files.event), read(files.stackEvents), read(files.log)])
    const answer = await explainFailedDeploy({ ...question, event, stackEvents, log }, io)
    if (answer === null) {
      io.err(oneLine('it did not fail: nothing in the input reports a failure'))
      return 3
    }
    notes(answer.notes, io)
    await print(answer, format, io)
    return answer.otherReason === null ? 0 : 1
  },
})

function formOf({ format, json }: Values<typeof OPTIONS>): Form {
  if (json && format !== null && format !== 'json') throw new UsageError(`give --json or --format ${format}, not both`)
  return format ?? (json ? 'json' : 'text')
}

function wanted(
  values: Values<typeof OPTIONS>,
  event: string | null,
): Omit<ExplainDeployQuestion, 'event' | 'stackEvents' | 'log'> & {
  readonly files: { readonly event: string | null; readonly stackEvents: string | null; readonly log: string | null }
} {
  const { live, region } = values
  const run = namedRun(values)
  const files = { event, stackEvents: values['stack-events'], log: values.log }
  if (run === null && Object.values(files).every(file => file === null)) throw new UsageError(NO_INPUT)
  if (run !== null && !live) throw new UsageError(`--${run.kind} needs --live`)
  return {
    ...{ files, run, region, config: values.config, atMs: values.at },
    sources: values.template,
    code: values.code,
    trail: values.trail,
    access: iamOptions({ ...values, region: live ? region : null }, 'comparing'),
    parameters: new Map(values.parameter),
  }
}

const RUNS = ['stack', 'build', 'pipeline', 'deployment', 'service'] as const

/** Null: nothing is read from AWS but IAM. */
function namedRun(values: Values<typeof OPTIONS>): LiveRun | null {
  const { stack, build, pipeline, execution, deployment, service } = values
  const [named, ...others] = RUNS.filter(kind => values[kind] !== null)
  if (others.length > 0) throw new UsageError(`give one of --${[named, ...others].join(', --')}`)
  if (execution !== null && pipeline === null) throw new UsageError('--execution needs --pipeline')
  if (stack !== null) return { kind: 'stack', name: stack }
  if (build !== null) return { kind: 'build', id: build }
  if (pipeline !== null) return { kind: 'pipeline', name: pipeline, execution }
  if (deployment !== null) return { kind: 'deployment', id: deployment }
  if (service === null) return null
  const [, cluster, name] = /^(?:arn:[^/]{1,200}:service\/)?([^/]{1,255})\/([^/]{1,255})$/.exec(service) ?? []
  if (cluster === undefined || name === undefined) throw new UsageError('--service takes CLUSTER/NAME')
  return { kind: 'service', cluster, service: name }
}

async function print(answer: ExplainDeployAnswer, format: Form, io: Io): Promise<void> {
  switch (format) {
    case 'json': {
      const { explainDeployOutput } = await import('../formats/explain-deploy/json-output.ts')
      io.data(`${jsonText(explainDeployOutput(answer))}\n`)
      return
    }
    case 'text': {
      const { explainDeployText } = await import('../formats/explain-deploy/text-output.ts')
      io.out(explainDeployText(answer, { colour: io.colour }))
      return
    }
    case 'markdown': {
      const { explainDeployMarkdown } = await import('../formats/explain-deploy/markdown-output.ts')
      io.out(explainDeployMarkdown(answer))
      return
    }
  }
}
