/** A Model Context Protocol server on standard input and output. */
import { UsageError } from '../../core/base/index.ts'
import { type Description, helpText, type Options } from '../command.ts'
import type { Io } from '../io.ts'
import { ACCOUNT, CONFIG, iamOptions, LIVE, ORG, PROFILE, REGION } from '../options.ts'
import { parseArguments, withHint } from '../parse-arguments.ts'

const OPTIONS = {
  account: ACCOUNT,
  org: ORG,
  config: CONFIG,
  live: LIVE,
  profile: PROFILE,
  region: REGION,
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

const HELP = 'rolemedic mcp --help'

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS, HELP)
  if (values.help) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const { account, org, config, audit } = values
  if (positionals.length > 0) throw new UsageError(`mcp takes no FILE (${HELP})`)
  const access = withHint(HELP, () => iamOptions(values))
  const files = [...account, ...[org, config].filter(file => file !== null)]
  // A wrong name is an error now rather than with every call.
  for (const file of files) await io.readFile(file)
  const { mcpServer } = await import('../mcp/server.ts')
  const { serveStdio } = await import('@modelcontextprotocol/server/stdio')
  serveStdio(() => mcpServer({ access, config, files, audit }))
  return 0
}
