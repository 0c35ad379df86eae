/** The commands in the order of the help. Each loads on first use, so that a command starts without the others. */
import type { Command, Documented } from './command.ts'

type Listed = { readonly summary: string; readonly load: () => Promise<Command> }

export const COMMANDS = {
  diagnose: {
    summary: 'why an iam:PassRole or sts:AssumeRole was denied, and the smallest fix',
    load: async () => (await import('./commands/diagnose.ts')).diagnoseCommand,
  },
  preflight: {
    summary: 'what a deploy will pass or assume, before it runs, against what is live',
    load: async () => (await import('./commands/preflight.ts')).preflightCommand,
  },
  'explain-deploy': {
    summary: 'why a deploy failed: a denied role, or a service that could not use its role',
    load: async () => (await import('./commands/explain-deploy.ts')).explainDeployCommand,
  },
  'patch-code': {
    summary: 'the change as an edit of the Terraform, CloudFormation, SAM or CDK code that makes the role',
    load: async () => (await import('./commands/patch-code.ts')).patchCodeCommand,
  },
  backtest: {
    summary: 'how many cards the bot would have sent for the past, about what, and how right it would have been',
    load: async () => (await import('./commands/backtest.ts')).backtestCommand,
  },
  comment: {
    summary: 'the output of diagnose --json as a comment for a pull request',
    load: async () => (await import('./commands/comment.ts')).commentCommand,
  },
  ci: {
    summary: 'one step of a CI job: explains a failure in the summary and the pull request',
    load: async () => (await import('./commands/ci.ts')).ciCommand,
  },
  start: {
    summary: 'the whole bot on this machine, with sample denials and a web page instead of Slack',
    load: async () => (await import('./commands/start.ts')).startCommand,
  },
  audit: {
    summary: 'the log of what was seen, decided and changed, and whether it is intact',
    load: async () => (await import('./commands/audit.ts')).auditCommand,
  },
  revert: {
    summary: 'takes a grant away with your own AWS credentials, where Slack or the bot does not answer',
    load: async () => (await import('./commands/operate/revert.ts')).revertCommand,
  },
  redrive: {
    summary: 'moves dead letters back to the queues that they came from, and says which nobody can move',
    load: async () => (await import('./commands/operate/redrive.ts')).redriveCommand,
  },
  stop: {
    summary: 'stops granting; reverts and ends go on',
    load: async () => (await import('./commands/operate/stop.ts')).stopCommand,
  },
  resume: {
    summary: 'lets granting go on after stop',
    load: async () => (await import('./commands/operate/stop.ts')).resumeCommand,
  },
  passkeys: {
    summary: 'whose passkeys count: enrolls, lists and removes them',
    load: async () => (await import('./commands/operate/passkeys.ts')).passkeysCommand,
  },
  status: {
    summary: 'what happened to each denial, from the audit log',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  'explain-policy': {
    summary: 'whether one policy document allows one request, statement by statement',
    load: async () => (await import('./commands/explain-policy.ts')).explainPolicyCommand,
  },
  init: {
    summary: 'writes the files of a new deployment, and prints the Slack manifest and the next command',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  config: {
    summary: 'validates the configuration, or packs it for a deploy',
    load: async () => (await import('./commands/config.ts')).configCommand,
  },
  doctor: {
    summary: 'whether the files of a deployment are in order: settings, configuration, age of the facts',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  canary: {
    summary: 'sends a harmless denial through the deployed bot, and says which hop lost it',
    load: async () => (await import('./commands/operate/canary.ts')).canaryCommand,
  },
  patterns: {
    summary: 'the EventBridge patterns that the stacks deploy, as JSON',
    load: async () => (await import('./commands/reference/patterns.ts')).patternsCommand,
  },
  match: {
    summary: 'which of the deployed EventBridge patterns an event matches',
    load: async () => (await import('./commands/match.ts')).matchCommand,
  },
  mcp: {
    summary:
      'a Model Context Protocol server: the tools diagnose, preflight, explain_deploy, explain_policy and status',
    load: async () => (await import('./commands/mcp.ts')).mcpCommand,
  },
  schema: {
    summary: 'the JSON Schema of an output',
    load: async () => (await import('./commands/reference/schema.ts')).schemaCommand,
  },
  completion: {
    summary: 'completion for bash, zsh, fish and PowerShell',
    load: async () => (await import('./commands/reference/completion.ts')).completionCommand(allCommands),
  },
  version: {
    summary: 'prints the version',
    load: async () => (await import('./commands/reference/version.ts')).versionCommand,
  },
} as const satisfies { readonly [name: string]: Listed }

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly (keyof typeof COMMANDS)[]

/** In the order of the help. */
export function allCommands(): Promise<readonly Documented[]> {
  return Promise.all(
    COMMAND_NAMES.map(async name => {
      const command: Command = await COMMANDS[name].load()
      return { description: command.description, summary: COMMANDS[name].summary }
    }),
  )
}
