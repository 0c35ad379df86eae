import { UsageError } from '../../core/base/index.ts'
import { type Command, EXIT_CODES, type Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { noneText, placesNotes } from '../formats/diagnosis/notes.ts'
import { printerFor } from '../formats/diagnosis/printer.ts'
import { type Io, notes, oneLine, readGiven } from '../io.ts'
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
  MESSAGE,
  ORG,
  outputFormat,
  PROFILE,
  REGION,
} from '../options.ts'
import type { Values } from '../parse-arguments.ts'
import { type DiagnoseQuestion, diagnoseInput } from '../use-cases/diagnose/diagnose.ts'
import type { DenialInput } from '../use-cases/diagnose/input.ts'
import type { OpenReader } from '../use-cases/diagnose/read-denials.ts'
import { CONFIG_FILE } from '../use-cases/read-config.ts'

const NO_INPUT = 'give a FILE, -, --log FILE or --message TEXT'

const OPTIONS = {
  message: MESSAGE,
  log: LOG,
  account: ACCOUNT,
  org: ORG,
  config: CONFIG,
  live: described(LIVE, 'read IAM (and Organizations, if allowed) with your AWS credentials instead of --account'),
  profile: PROFILE,
  region: REGION,
  'with-get-role': { type: 'boolean', about: 'also allow iam:GetRole on the same role in a PassRole patch' },
  at: AT,
  json: described(JSON_FORM, '--format json'),
  format: described(
    FORMAT,
    'text; json: one object per denial, one per line; terraform, cdk, cloudformation or cli: the change as code; markdown: a comment for a pull request',
  ),
} as const satisfies Options

/** Tests replace `open`, which returns the reader for IAM. */
export const diagnoseWith = (open?: OpenReader): Command =>
  defineCommand({
    name: 'diagnose',
    usage: [['rolemedic diagnose [FILE|-] [options]', '']],
    about: [],
    operands: [
      [
        'FILE',
        'a CloudTrail record or log file, an EventBridge or SQS event, the output of aws cloudtrail lookup-events, or JSON Lines of these; the output of aws sts decode-authorization-message; - is standard input',
      ],
    ],
    subcommands: [],
    options: OPTIONS,
    examples: [
      {
        run: 'rolemedic diagnose --message "User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-task"',
        about: 'the error text on the screen; says what it would need to see for a proof',
        notRun: null,
      },
      {
        run: 'rolemedic diagnose event.json --account account.json',
        about: 'a CloudTrail record against the policies of the account',
        notRun: null,
      },
      {
        run: 'rolemedic diagnose event.json --account account.json --format terraform',
        about: 'the change as Terraform',
        notRun: null,
      },
      { run: 'rolemedic diagnose --log build.log --json', about: 'every denial in a log, for a program', notRun: null },
      {
        run: 'rolemedic diagnose --live --profile prod event.json',
        about: 'reads IAM with your credentials and changes nothing',
        notRun: 'needs AWS credentials',
      },
    ],
    exitCodes: EXIT_CODES,
    outputs: ['diagnosis'],
    noInput: NO_INPUT,
    takes: 1,
    ask: ({ values, positionals: [file = null] }) => wanted(values, file),
    async answer({ format, input, ...question }, io) {
      const answer = await diagnoseInput({ ...question, input: await read(input, io) }, io, open)
      notes(answer.notes, io)
      if (answer.kind === 'none') {
        io.progress(null)
        io.err(oneLine(noneText(answer)))
        return 3
      }
      if (format === 'json') notes(placesNotes(answer), io)
      else if (question.config === null) await noteUnusedConfig(io)
      const printer = printerFor(format, io, answer.nowMs)
      for await (const one of answer.diagnosed) await printer.one(one)
      await printer.end()
      return 0
    },
  })

export const diagnoseCommand = diagnoseWith()

type Named =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'log' | 'records'; readonly file: string }

function wanted(values: Values<typeof OPTIONS>, file: string | null) {
  const format = outputFormat(values.format, values.json)
  const question: Omit<DiagnoseQuestion, 'input'> = {
    access: iamOptions(values),
    config: values.config,
    withGetRole: values['with-get-role'],
    atMs: values.at,
  }
  return { ...question, format, input: namedInput(file, values) }
}

function namedInput(file: string | null, { log, message }: Pick<Values<typeof OPTIONS>, 'log' | 'message'>): Named {
  const given: Named[] = [
    ...(file === null ? [] : [{ kind: 'records', file } as const]),
    ...(log === null ? [] : [{ kind: 'log', file: log } as const]),
    ...(message === null ? [] : [{ kind: 'message', text: message } as const]),
  ]
  const [only, ...more] = given
  if (only === undefined) throw new UsageError(NO_INPUT)
  if (more.length > 0)
    throw new UsageError(
      `give a FILE, ${log === null ? '' : '--log '}or --message, not ${more.length === 1 ? 'both' : 'all'}`,
    )
  return only
}

const read = async (input: Named, io: Io): Promise<DenialInput> =>
  input.kind === 'message' ? input : { kind: input.kind, ...(await readGiven(input.file, io)) }

/** `npm start` uses this file by default and `diagnose` does not, which would otherwise go unnoticed. */
async function noteUnusedConfig(io: Io): Promise<void> {
  const exists = await io.readFile(CONFIG_FILE).then(
    () => true,
    () => false,
  )
  if (exists) io.err(oneLine(`${CONFIG_FILE} exists and was not used: add --config ${CONFIG_FILE} to use it`))
}
