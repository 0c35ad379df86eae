/** Takes a grant away without Slack and without the bot. */

import { setTimeout as sleep } from 'node:timers/promises'
import { neutralText, never, UsageError } from '../../../core/base/index.ts'
import { ansiStyles } from '../../ansi.ts'
import type { Options } from '../../command.ts'
import { defineCommand } from '../../define-command.ts'
import { type Io, readGiven } from '../../io.ts'
import { jsonText } from '../../json-text.ts'
import { AUDIT_LOG, described, FROM, JSON_FORM, PROFILE } from '../../options.ts'
import type { RevertOutput } from '../../outputs/revert.ts'

type Change = RevertOutput['changes'][number]

const MAX_REASON_CHARS = 200

const OPTIONS = {
  reason: {
    type: 'string',
    value: 'TEXT',
    about: `why, in at most ${MAX_REASON_CHARS} characters: CloudTrail keeps it with each call, as part of the user agent`,
  },
  from: FROM,
  keys: {
    type: 'string',
    value: 'FILE',
    about: 'the public keys, as audit keys prints them (default: those next to DIR, or those of the deployment in KMS)',
  },
  profile: described(
    PROFILE,
    'the AWS profile that takes it away, of the account of the grant (default: the ordinary credentials, which also read the log)',
  ),
  'dry-run': { type: 'boolean', about: 'shows what would be taken away, and changes nothing' },
  json: JSON_FORM,
} as const satisfies Options

export const revertCommand = defineCommand({
  name: 'revert',
  usage: [['rolemedic revert ID --reason TEXT [--from DIR|s3://bucket/prefix] [--profile P] [--dry-run] [--json]', '']],
  about: [
    'Takes a grant away with your own AWS credentials, where Slack or the bot does not answer: exactly what was added, as write signed it beside the audit log. What others changed since is kept, and a statement that somebody edited is left and named.',
    'It needs the permissions that writing needs, such as iam:GetRolePolicy, iam:PutRolePolicy and iam:DeleteRolePolicy on the role, and in another account those of that account.',
  ],
  operands: [['ID', 'the proposal, as audit grants lists it']],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic revert p-0a1b2c --reason "wrong role" --from s3://my-audit-bucket/audit --profile orders-dev --dry-run',
      about: 'what it would take away',
      notRun: 'needs AWS credentials',
    },
    {
      run: 'rolemedic revert p-0a1b2c --reason "wrong role" --from s3://my-audit-bucket/audit --profile orders-dev',
      about: 'takes it away',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'nothing of it is left'],
    [1, 'something of it is left, or may be; with --dry-run: something would be left'],
    [2, 'usage, no log, or nothing signed says that it was granted'],
  ],
  outputs: ['revert'],
  takes: 1,
  ask({ values: { reason, from, keys, profile, json, 'dry-run': dryRun }, positionals: [id] }) {
    if (id === undefined) throw new UsageError('revert needs an ID: rolemedic audit grants lists those that stand')
    if (reason === null || reason.trim() === '') throw new UsageError('revert needs --reason TEXT')
    if (reason.length > MAX_REASON_CHARS)
      throw new UsageError(`--reason has ${reason.length} characters, at most ${MAX_REASON_CHARS} are kept`)
    return { id, reason: reason.trim(), from: from ?? AUDIT_LOG, keys, profile, dryRun, json }
  },
  async answer({ id, reason, from, keys: file, profile, dryRun, json }, io) {
    const { revertGrant } = await import('../../use-cases/operate/revert-grant.ts')
    const { liveOperator } = await import('../../live/operator.ts')
    const keys = file === null ? null : await readGiven(file, io)
    const operator = () => liveOperator({ id, reason, profile }, io)
    const output = await revertGrant({ id, from, keys, dryRun }, { ...io, operator, sleep })
    if (json) io.data(`${jsonText(output)}\n`)
    else io.out(textOf(output, io))
    return output.changes.every(({ outcome }) => isDone(outcome)) ? 0 : 1
  },
})

const isDone = (outcome: Change['outcome']): boolean => outcome !== 'left' && outcome !== 'other-account'

function textOf({ proposalId, dryRun, isOver, changes, notes }: RevertOutput, io: Io): string {
  const { bold } = ansiStyles(io.colour)
  const isAll = changes.every(({ outcome }) => isDone(outcome))
  const head = dryRun
    ? isAll
      ? 'would be taken away whole; nothing was changed'
      : 'would not be taken away whole; nothing was changed'
    : isAll
      ? 'nothing of it is left'
      : 'something of it is left'
  const lines = [
    bold(`${neutralText(proposalId)}: ${head}`),
    ...(isOver ? ['  The bot had taken it away for good.'] : []),
    ...changes.flatMap(change => [
      `  ${placeOf(change)}: ${wordsOf(change)}`,
      ...change.statements.map(statement => `    ${neutralText(JSON.stringify(statement), 2_000)}`),
    ]),
    ...notes.map(note => `  ${neutralText(note, 500)}`),
  ]
  return `${lines.join('\n')}\n`
}

const placeOf = ({ target: { arn, policyName } }: Change): string =>
  policyName === null ? neutralText(arn) : `${neutralText(arn)}, inline policy ${neutralText(policyName)}`

function wordsOf({ outcome, why }: Change): string {
  switch (outcome) {
    case 'taken-away':
      return 'taken away'
    case 'nothing-left':
      return 'nothing of it was there'
    case 'planned':
      return 'would be taken away'
    case 'left':
    case 'other-account':
      return `left: ${neutralText(why ?? '', 1_000)}`
    default:
      return never(outcome)
  }
}
