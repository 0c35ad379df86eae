/** A Model Context Protocol server on standard input and output. */
import { UsageError } from '../../core/base/index.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { ACCOUNT, CONFIG, iamOptions, LIVE, ORG, PROFILE, REGION, TRAIL } from '../options.ts'
import { readConfig } from '../use-cases/read-config.ts'

const OPTIONS = {
  account: ACCOUNT,
  org: ORG,
  config: CONFIG,
  live: LIVE,
  profile: PROFILE,
  region: REGION,
  trail: TRAIL,
  audit: { type: 'string', value: 'DIR', about: 'the audit log for the tool status: a folder or s3://bucket/prefix' },
} as const satisfies Options

export const mcpCommand = defineCommand({
  name: 'mcp',
  usage: [['rolemedic mcp [options]', '']],
  about: [
    'A Model Context Protocol server on standard input and output, with the tools diagnose, preflight, explain_deploy, explain_policy and status. All of them only read: none can approve, apply or revert. A tool reads no file but those named here.',
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
  takes: 0,
  ask: ({ values }) => ({
    ...{ access: iamOptions(values), config: values.config, audit: values.audit, trail: values.trail },
  }),
  async answer({ access, config, audit, trail }, io) {
    const read = [...access.accounts, ...[access.org, config].filter(file => file !== null)]
    if (read.includes('-')) throw new UsageError('standard input is for the client: give the name of a file')
    // A wrong name fails here instead of in every call.
    for (const file of read) await io.readFile(file)
    await readConfig(config, io)
    const folders = audit === null || audit.startsWith('s3://') ? trail : [...trail, audit]
    for (const path of folders) if (!(await io.exists(path))) throw new UsageError(`${path}: no such file or folder`)
    const files = [...read, ...trail]
    const { mcpServer } = await import('../mcp/server.ts')
    const { serveUntilAnswered } = await import('../mcp/stdio.ts')
    serveUntilAnswered(() => mcpServer({ access, config, files, audit, trail }))
    return 0
  },
})
