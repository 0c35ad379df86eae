import { UsageError } from '../../core/base/index.ts'
import { type Command, EXIT_CODES, type Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { noneText } from '../formats/diagnosis/notes.ts'
import { printerFor } from '../formats/diagnosis/printer.ts'
import { printHints } from '../formats/hint/print-hints.ts'
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
  type OutputFormat,
  outputFormat,
  PROFILE,
  REGION,
  TRAIL,
} from '../options.ts'
import type { Values } from '../parse-arguments.ts'
import { type DiagnoseQuestion, diagnoseInput } from '../use-cases/diagnose/diagnose.ts'
import type { DenialInput } from '../use-cases/diagnose/input.ts'
import type { OpenReader } from '../use-cases/diagnose/read-denials.ts'
import { CONFIG_FILE } from '../use-cases/read-config.ts'

const NO_INPUT = 'give a FILE, a TEXT in quotes, or - for standard input'

const OPTIONS = {
  message: MESSAGE,
  log: LOG,
  account: ACCOUNT,
  trail: TRAIL,
  org: ORG,
  config: CONFIG,
  live: described(
    LIVE,
    "read IAM (and Organizations and CloudTrail's event history, if allowed) with your AWS credentials instead of --account and --trail",
  ),
  profile: PROFILE,
  region: REGION,
  'with-get-role': { type: 'boolean', about: 'also allow iam:GetRole on the same role in a PassRole patch' },
  at: AT,
  verbose: {
    type: 'boolean',
    about: 'also the evidence, what was not seen, the checks and the digests; --json always has them',
  },
  json: described(JSON_FORM, '--format json'),
  format: described(
    FORMAT,
    'text; json: one object per denial, one per line; terraform, cdk, cloudformation or cli: the change as code; markdown: a comment for a pull request',
  ),
} as const satisfies Options

const DESCRIPTION = {
  name: 'diagnose',
  usage: [
    ['rolemedic diagnose [FILE|TEXT|-] [options]', ''],
    ['rolemedic FILE|TEXT [options]', 'the same'],
    ['… | rolemedic [options]', 'the same, from standard input'],
  ],
  about: [
    'Takes whatever there is: the error text on the screen, the log of a build or deploy of any length, CloudTrail records in any form (a record or log file, JSON Lines, an EventBridge, SQS or SNS event, the output of aws cloudtrail lookup-events, query results of Logs Insights, CloudTrail Lake and Athena, search results of Splunk, Elastic and Security Lake), or the output of aws sts decode-authorization-message; gzip too.',
  ],
  operands: [
    [
      'FILE|TEXT',
      'a file that exists, or else the text itself, in quotes; - is standard input, which is also read without an operand',
    ],
  ],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic "User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-task"',
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
    {
      run: 'rolemedic diagnose event.json --account account.json --trail trail/',
      about: 'whether the denial solved itself, and what changed before it',
      notRun: null,
    },
    { run: 'rolemedic build.log --json', about: 'every denial in a log, for a program', notRun: null },
    {
      run: 'rolemedic diagnose --live --profile prod event.json',
      about: 'reads IAM with your credentials and changes nothing',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: EXIT_CODES,
  outputs: ['diagnosis', 'hint'],
} as const

/** Tests replace `open`, which returns the reader for IAM. */
export const diagnoseWith = (open?: OpenReader): Command =>
  defineCommand({
    ...DESCRIPTION,
    noInput: NO_INPUT,
    readsStdin: true,
    takes: 1,
    ask: ({ values, positionals: [operand = null] }) => wantedBy(values, operand),
    async answer(wanted, io) {
      if (wanted.given === null && io.stdinIsTerminal) throw new UsageError(`${NO_INPUT} (rolemedic diagnose --help)`)
      return diagnose(wanted, await inputOf(wanted.given, io), io, open)
    },
  })

export const diagnoseCommand = diagnoseWith()

/**
 * `rolemedic` without a command: the operand is a file that exists, or else a text; without one, standard input. `unknown`: the
 * error for a word that is neither, as it was meant for a command. `help`: shown where there is nothing to read.
 */
export const withoutCommand = (unknown: (word: string) => UsageError, help: () => string): Command =>
  defineCommand({
    ...DESCRIPTION,
    takes: Number.POSITIVE_INFINITY,
    ask: ({ values, positionals: [operand = null, ...more] }) => ({ wanted: wantedBy(values, operand), operand, more }),
    async answer({ wanted, operand, more }, io) {
      if (operand !== null && operand !== '-' && !isText(operand) && !(await io.exists(operand))) throw unknown(operand)
      if (more.length > 0) throw new UsageError('give one FILE, or a TEXT with quotes around it (rolemedic --help)')
      if (wanted.given === null && io.stdinIsTerminal) {
        io.out(help())
        return 0
      }
      return diagnose(wanted, await inputOf(wanted.given, io), io)
    },
  })

async function diagnose(
  { format, question, isVerbose }: Pick<Wanted, 'format' | 'question' | 'isVerbose'>,
  input: DenialInput,
  io: Io,
  open?: OpenReader,
): Promise<number> {
  const answer = await diagnoseInput({ ...question, input }, io, open)
  notes(answer.notes, io)
  if (answer.kind === 'none') {
    io.progress(null)
    io.err(oneLine(`${noneText(answer)}${isPath(input) ? ' (and there is no file of that name)' : ''}`))
    return 3
  }
  if (answer.kind === 'hints') {
    io.progress(null)
    printHints(answer.hints, format, io)
    return 0
  }
  if (format !== 'json' && question.config === null) await noteUnusedConfig(io)
  const printer = printerFor(format, io, { nowMs: answer.nowMs, isVerbose })
  for await (const one of answer.diagnosed) await printer.one(one)
  await printer.end(answer.hints)
  return 0
}

/** Null: standard input, without being named. */
type Given = { readonly kind: 'operand' | 'file' | 'text'; readonly text: string } | null

type Wanted = {
  readonly question: Omit<DiagnoseQuestion, 'input'>
  readonly format: OutputFormat
  readonly isVerbose: boolean
  readonly given: Given
}

function wantedBy(values: Values<typeof OPTIONS>, operand: string | null): Wanted {
  return {
    format: outputFormat(values.format, values.json),
    isVerbose: values.verbose,
    question: {
      access: iamOptions(values, 'comparing'),
      config: values.config,
      withGetRole: values['with-get-role'],
      atMs: values.at,
      trail: values.trail,
    },
    given: onlyOne(operand, values),
  }
}

function onlyOne(operand: string | null, { log, message }: Pick<Values<typeof OPTIONS>, 'log' | 'message'>): Given {
  const given = [
    ...(operand === null ? [] : [{ kind: 'operand', text: operand } as const]),
    ...(log === null ? [] : [{ kind: 'file', text: log } as const]),
    ...(message === null ? [] : [{ kind: message === '-' ? 'file' : 'text', text: message } as const]),
  ]
  const [only = null, ...more] = given
  if (more.length > 0)
    throw new UsageError(
      `give a FILE, ${log === null ? '' : '--log '}or --message, not ${more.length === 1 ? 'both' : 'all'}`,
    )
  return only
}

/** What is no name of a file that exists and could be none: a sentence, or JSON. */
const isText = (operand: string): boolean => /[\s{]/.test(operand)

async function inputOf(given: Given, io: Io): Promise<DenialInput> {
  if (given === null) return readGiven('-', io)
  const { kind, text } = given
  const isSaid = kind === 'text' || (kind === 'operand' && text !== '-' && isText(text) && !(await io.exists(text)))
  return isSaid ? { name: THE_TEXT, text } : readGiven(text, io)
}

const THE_TEXT = 'the text'

/** A text that may be the name of a file, with a blank in it. */
const isPath = ({ name, text }: DenialInput): boolean =>
  name === THE_TEXT && /^[^\n]{1,255}\.[a-z0-9]{1,8}$/i.test(text)

/** `npm start` uses this file by default and `diagnose` does not, which would otherwise go unnoticed. */
async function noteUnusedConfig(io: Io): Promise<void> {
  const exists = await io.readFile(CONFIG_FILE).then(
    () => true,
    () => false,
  )
  if (exists) io.err(oneLine(`${CONFIG_FILE} exists and was not used: add --config ${CONFIG_FILE} to use it`))
}
