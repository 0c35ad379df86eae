import { UsageError } from '../../core/base/index.ts'
import type { Description, Options } from '../command.ts'
import type { DiagnoseArguments } from '../diagnose/arguments.ts'
import { parseArguments } from '../parse-arguments.ts'

export type PatchCodeArguments = {
  readonly help: boolean
  readonly folder: string
  /** What `diagnose` takes. */
  readonly diagnose: DiagnoseArguments
  readonly write: boolean
  readonly json: boolean
}

export const NO_FOLDER = 'give a DIR with the code, and an EVENT, - or --message TEXT'
const HINT = '(rolemedic patch-code --help)'

const OPTIONS = {
  message: { type: 'string', value: 'TEXT', about: 'instead of EVENT: the error text on your screen' },
  account: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    about:
      'output of aws iam get-account-authorization-details, one per account or one for each of its pages (repeatable)',
  },
  org: { type: 'string', value: 'FILE', about: 'the organization with its service and resource control policies' },
  live: { type: 'boolean', about: 'read IAM with your AWS credentials instead of --account' },
  config: {
    type: 'string',
    value: 'FILE',
    about: 'a rolemedic.config.json; default: the default settings',
  },
  write: { type: 'boolean', about: 'edit the files instead of printing a diff, and print their names' },
  json: { type: 'boolean', about: 'one object for programs' },
} as const satisfies Options

export const PATCH_CODE: Description = {
  name: 'patch-code',
  usage: [['rolemedic patch-code DIR [EVENT|-] [options]', '']],
  about: [
    'Prints a unified diff that git apply accepts. The edited files are parsed again and must evaluate to exactly the change; if they do not, or if the place is not certain, the change is a draft: the snippet on standard output, the reason on standard error, and no edit.',
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
}

export function parsePatchCodeArguments(args: readonly string[]): PatchCodeArguments {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic patch-code --help')
  const { message = null, account = [], org = null, config = null, live = false } = values
  const [folder = '', file = null] = positionals
  if (values.help !== true) {
    if (folder === '') throw new UsageError(`${NO_FOLDER} ${HINT}`)
    if (positionals.length > 2) throw new UsageError(`patch-code takes one DIR and one EVENT ${HINT}`)
    if (file !== null && message !== null) throw new UsageError(`give an EVENT or --message, not both ${HINT}`)
    if (file === null && message === null) throw new UsageError(`give an EVENT, - or --message TEXT ${HINT}`)
    if (message?.trim() === '') throw new UsageError(`--message is empty ${HINT}`)
    if (live && account.length > 0) throw new UsageError(`give --live or --account FILE, not both ${HINT}`)
  }
  return {
    help: values.help ?? false,
    folder,
    diagnose: {
      ...{ help: false, file, log: null, message, accounts: account, org, config },
      live: live ? { profile: null, region: null } : null,
      ...{ withGetRole: false, atMs: null, format: 'json' },
    },
    write: values.write ?? false,
    json: values.json ?? false,
  }
}
