/** A Model Context Protocol server on standard input and output. */
import { UsageError } from '../../core/base/index.ts'
import { type Description, helpText, type Options } from '../command.ts'
import type { Io } from '../io.ts'
import { parseArguments } from '../parse-arguments.ts'

const OPTIONS = {
  account: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    about:
      'output of aws iam get-account-authorization-details, one per account or one for each of its pages (repeatable)',
  },
  org: { type: 'string', value: 'FILE', about: 'the organization with its service and resource control policies' },
  config: { type: 'string', value: 'FILE', about: 'a rolemedic.config.json; default: the default settings' },
  live: { type: 'boolean', about: 'read IAM with your AWS credentials instead of --account' },
  profile: { type: 'string', value: 'P', about: 'with --live: the profile of the AWS configuration' },
  region: { type: 'string', value: 'R', about: 'with --live: the Region' },
  audit: { type: 'string', value: 'DIR', about: 'the audit log for the tool status: a folder or s3://bucket/prefix' },
} as const satisfies Options

export const DESCRIPTION: Description = {
  name: 'mcp',
  usage: [['rolemedic mcp [options]', '']],
  about: [
    'A Model Context Protocol server on standard input and output, with the tools diagnose, preflight, explain_policy and status. All of them only read: none can approve, apply or revert. A tool reads no file but those named here.',
  ],
  operands: [],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic mcp --account account.json < /dev/null',
      about: 'answers a client until its input ends; here there is none',
      notRun: null,
    },
    { run: 'rolemedic mcp --live --profile reader', about: 'reads IAM itself', notRun: 'needs AWS credentials' },
  ],
  exitCodes: [
    [0, 'the client ended the connection'],
    [2, 'usage or unreadable files'],
  ],
  outputs: [],
}

const HINT = '(rolemedic mcp --help)'

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic mcp --help')
  if (values.help === true) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const { account = [], org, config, live = false, profile, region, audit = null } = values
  if (positionals.length > 0) throw new UsageError(`mcp takes no FILE ${HINT}`)
  if (live && account.length > 0) throw new UsageError(`give --live or --account FILE, not both ${HINT}`)
  if (!live && (profile ?? region) !== undefined) throw new UsageError(`--profile and --region need --live ${HINT}`)
  const files = [...account, ...(org === undefined ? [] : [org]), ...(config === undefined ? [] : [config])]
  // A wrong name is an error now rather than with every call.
  for (const file of files) await io.readFile(file)
  const { mcpServer } = await import('../mcp/server.ts')
  const { serveStdio } = await import('@modelcontextprotocol/server/stdio')
  const accessArgs = [
    ...account.map(file => `--account=${file}`),
    ...Object.entries({ org, config, profile, region }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    ),
    ...(live ? ['--live'] : []),
  ]
  serveStdio(() => mcpServer({ accessArgs, files, audit }))
  return 0
}
