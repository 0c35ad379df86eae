/** Edits the code that owns the role. */

import { UsageError, withoutInvisible, withoutTerminalSequences } from '../../core/base/index.ts'
import type { CodeChange } from '../../iac/edit/index.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { patchCodeOutput } from '../formats/patch-code/json-output.ts'
import { unifiedDiff } from '../formats/patch-code/unified-diff.ts'
import { type Io, notes, oneLine, readGiven } from '../io.ts'
import { jsonText } from '../json-text.ts'
import {
  ACCOUNT,
  AS,
  CONFIG,
  described,
  iamOptions,
  JSON_FORM,
  LIVE,
  MESSAGE,
  ORG,
  PROFILE,
  REGION,
} from '../options.ts'
import type { Values } from '../parse-arguments.ts'
import type { DenialInput } from '../use-cases/diagnose/input.ts'
import { type PlannedDeploy, patchCodeFor } from '../use-cases/patch-code/patch-code.ts'

const NO_FOLDER = 'give a DIR with the code, and an EVENT, - or --message TEXT'

const OPTIONS = {
  message: described(MESSAGE, 'instead of EVENT: the error text on your screen'),
  preflight: {
    type: 'string',
    multiple: true,
    value: 'PATH',
    about:
      'instead of EVENT: a template, a cdk.out folder or a plan; edits the trust policies in the code that keep out the service of a role that it makes (repeatable)',
  },
  as: described(AS, 'with --preflight: who deploys'),
  account: ACCOUNT,
  org: ORG,
  config: CONFIG,
  live: LIVE,
  profile: PROFILE,
  region: REGION,
  write: { type: 'boolean', about: 'edit the files instead of printing a diff, and print their names' },
  json: described(JSON_FORM, 'one object for programs'),
} as const satisfies Options

export const patchCodeCommand = defineCommand({
  name: 'patch-code',
  usage: [['rolemedic patch-code DIR [EVENT|-] [options]', '']],
  about: [
    'Prints a unified diff that git apply accepts in DIR, or with --directory=DIR from the top of the repository. The edited files are parsed again and must evaluate to exactly the change; if they do not, or if the place is not certain, the change is a draft: the snippet on standard output, the reason on standard error, and no edit.',
  ],
  operands: [
    [
      'DIR',
      'a checkout with Terraform, CloudFormation or SAM templates, or a CDK app in TypeScript or Python (with its cdk.out, if there is one)',
    ],
    ['EVENT', 'the denial, in each form that rolemedic diagnose reads; - is standard input'],
  ],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic patch-code infrastructure event.json --account account.json',
      about: 'the change as a diff of the Terraform code',
      notRun: null,
    },
    {
      run: 'rolemedic patch-code . event.json --live --write',
      about: 'reads IAM with your credentials and edits the files',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'exact'],
    [1, 'draft'],
    [2, 'usage or unreadable input'],
    [3, 'nothing to change: not ours, already allowed, refused, or the code grants it already'],
  ],
  outputs: ['patch-code'],
  noInput: NO_FOLDER,
  takes: 2,
  ask: ({ values, positionals }) => ({ ...wanted(values, positionals), json: values.json }),
  async answer({ event, json, ...question }, io) {
    const input = await inputOf(event, io)
    const answer = await patchCodeFor({ ...question, input }, io)
    notes(answer.notes, io)
    if (answer.kind === 'nothing') return 3
    const { change, policies } = answer
    if (json) io.data(`${jsonText(patchCodeOutput(change, policies))}\n`)
    else print(change, question.write, io)
    return EXITS[change.outcome]
  },
})

type Given = ReturnType<typeof eventNamed> | ({ readonly kind: 'deploy' } & PlannedDeploy)

async function inputOf(given: Given, io: Io): Promise<DenialInput | PlannedDeploy> {
  switch (given.kind) {
    case 'message':
      return { name: '--message', text: given.text }
    case 'file':
      return readGiven(given.file, io)
    case 'deploy':
      return { sources: given.sources, as: given.as, region: given.region }
  }
}

const EXITS = { exact: 0, draft: 1, present: 3 } as const

function wanted(values: Values<typeof OPTIONS>, [folder = '', file]: readonly string[]) {
  if (folder === '') throw new UsageError(NO_FOLDER)
  const { message, config, write, preflight: sources, as, live } = values
  if (sources.length > 0) {
    if (file !== undefined || message !== null)
      throw new UsageError('give --preflight, or an EVENT or --message, not both')
    const { region } = values
    const access = iamOptions({ ...values, region: live ? region : null })
    return { folder, event: { kind: 'deploy', sources, as, region } as const, access, config, write }
  }
  if (file !== undefined && message !== null) throw new UsageError('give an EVENT or --message, not both')
  return { folder, event: eventNamed(file, message), access: iamOptions(values), config, write }
}

function eventNamed(file: string | undefined, message: string | null) {
  if (message !== null && message !== '-') return { kind: 'message', text: message } as const
  const given = message ?? file
  if (given === undefined) throw new UsageError('give an EVENT, - or --message TEXT')
  return { kind: 'file', file: given } as const
}

function print(change: CodeChange, isWritten: boolean, io: Io): void {
  // Names of files, and the lines around an edit, come from the repository. What a program applies keeps every character.
  const data = (text: string) => io.data(io.stdoutIsTerminal ? onTerminal(text) : text)
  if (change.outcome === 'draft') {
    io.err(oneLine(`draft: ${change.reason}`))
    if (change.snippet !== null) data(change.snippet)
    return
  }
  if (change.outcome === 'present') {
    io.err(oneLine(change.reason))
    return
  }
  if (isWritten) data(change.edits.map(({ file }) => `${file}\n`).join(''))
  else data(change.edits.map(unifiedDiff).join(''))
}

/** Removes what a terminal obeys, and what hides or turns text. Keeps lines and blanks. */
const onTerminal = (text: string): string =>
  withoutInvisible(withoutTerminalSequences(text)).replace(/(?![\n\t])\p{Cc}/gu, '')
