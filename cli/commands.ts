/** The commands in the order of the help, each loaded on first use: a command starts without the others. */
import type { Command, Documented } from './command.ts'

type Listed = { readonly summary: string; readonly load: () => Promise<Command> }

export const COMMANDS = {
  diagnose: {
    summary: 'why an iam:PassRole or sts:AssumeRole was denied, and the smallest fix',
    load: () => import('./commands/diagnose.ts'),
  },
  preflight: {
    summary: 'what a deploy will pass or assume, before it runs, against what is live',
    load: () => import('./commands/preflight.ts'),
  },
  'patch-code': {
    summary: 'the change as an edit of the Terraform, CloudFormation, SAM or CDK code that makes the role',
    load: () => import('./commands/patch-code.ts'),
  },
  backtest: {
    summary: 'how many cards the bot would have sent for the past, about what, and how right it would have been',
    load: () => import('./commands/backtest.ts'),
  },
  comment: {
    summary: 'the output of diagnose --json as a comment for a pull request',
    load: () => import('./commands/comment.ts'),
  },
  ci: {
    summary: 'one step of a CI job: explains a failure in the summary and the pull request',
    load: () => import('./commands/ci.ts'),
  },
  start: {
    summary: 'the whole bot on this machine, with sample denials and a web page instead of Slack',
    load: () => import('./commands/start.ts'),
  },
  audit: {
    summary: 'the log of what was seen, decided and changed, and whether it is intact',
    load: () => import('./commands/audit.ts'),
  },
  status: { summary: 'what happened to each denial, from the audit log', load: () => import('./commands/status.ts') },
  'explain-policy': {
    summary: 'whether one policy document allows one request, statement by statement',
    load: () => import('./commands/explain-policy.ts'),
  },
  config: {
    summary: 'validates the configuration and prints it with defaults filled in',
    load: () => import('./commands/config.ts'),
  },
  doctor: {
    summary: 'whether the files of a deployment are in order: settings, configuration, age of the facts',
    load: () => import('./commands/doctor.ts'),
  },
  patterns: {
    summary: 'the EventBridge patterns that the stacks deploy, as JSON',
    load: () => import('./commands/reference/patterns.ts'),
  },
  match: {
    summary: 'which of the deployed EventBridge patterns an event matches',
    load: () => import('./commands/match.ts'),
  },
  mcp: {
    summary: 'a Model Context Protocol server: the tools diagnose, preflight, explain_policy and status',
    load: () => import('./commands/mcp.ts'),
  },
  schema: { summary: 'the JSON Schema of an output', load: () => import('./commands/reference/schema.ts') },
  completion: {
    summary: 'completion for bash, zsh and fish',
    load: async () => (await import('./commands/reference/completion.ts')).completionCommand(allCommands),
  },
  version: { summary: 'prints the version', load: () => import('./commands/reference/version.ts') },
} as const satisfies { readonly [name: string]: Listed }

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly (keyof typeof COMMANDS)[]

/** In the order of the help. */
export function allCommands(): Promise<readonly Documented[]> {
  return Promise.all(
    COMMAND_NAMES.map(async name => {
      const command: Command = await COMMANDS[name].load()
      return { description: command.DESCRIPTION, summary: COMMANDS[name].summary }
    }),
  )
}
