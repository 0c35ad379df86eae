/** The answer of one policy document to one request, statement by statement. */

import { neutralText, UsageError } from '../../core/base/index.ts'
import { POLICY_TYPES, parseRoleArn } from '../../core/iam/index.ts'
import { ansiStyles } from '../ansi.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { policyProblemText } from '../formats/policy-problem.ts'
import { type Io, readGiven } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { ACTION, ACTION_NEEDED, AS, described, JSON_FORM, oneOf } from '../options.ts'
import type { PolicyOutput } from '../outputs/policy.ts'
import type { Values } from '../parse-arguments.ts'
import { explainPolicy, type PolicyQuestion } from '../use-cases/explain-policy.ts'

const NO_FILE = 'give a FILE, or - for standard input'

const OPTIONS = {
  action: ACTION,
  role: {
    type: 'string',
    value: 'ARN',
    about: 'the role that would be passed or assumed',
    read(text: string): string {
      if (parseRoleArn(text) === null) throw new UsageError(`--role takes the ARN of a role, not "${text}"`)
      return text
    },
  },
  as: described(AS, 'who asks: a role, a user or a role session. A trust policy needs it'),
  service: { type: 'string', value: 'S', about: 'the service that gets the role (iam:PassedToService)' },
  type: {
    type: 'string',
    value: 'T',
    values: POLICY_TYPES,
    about: `the kind of policy: ${POLICY_TYPES.join(', ')}; default: trust if a statement has a Principal, else identity`,
    read: oneOf('type', POLICY_TYPES),
  },
  json: JSON_FORM,
} as const satisfies Options

export const explainPolicyCommand = defineCommand({
  name: 'explain-policy',
  usage: [['rolemedic explain-policy FILE|- --action A --role ARN [options]', '']],
  about: [
    'Whether one policy document allows one request, which statement decides, and why each other statement does not match. It answers for this document alone: other policies may still deny. Condition keys that the request does not show are unknown, never guessed.',
  ],
  operands: [['FILE', 'an IAM policy document as JSON; - is standard input']],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic explain-policy policy.json --action iam:PassRole --role arn:aws:iam::111122223333:role/app/orders-task --service ecs-tasks.amazonaws.com',
      about: 'does this policy pass the role to ECS?',
      notRun: null,
    },
  ],
  exitCodes: [
    [0, 'it allows the request'],
    [1, 'it denies it, or the answer is unknown'],
    [2, 'usage or unreadable input'],
  ],
  outputs: ['policy'],
  noInput: NO_FILE,
  takes: 1,
  ask({ values, positionals: [file] }) {
    if (file === undefined) throw new UsageError(NO_FILE)
    return { file, json: values.json, question: wanted(values) }
  },
  async answer({ file, json, question }, io) {
    const output = explainPolicy(await readGiven(file, io), question, io.nowMs())
    if (typeof output === 'string') throw new UsageError(policyProblemText(output, question.action))
    if (json) io.data(`${jsonText(output)}\n`)
    else io.out(textOf(output, io))
    return output.answer === 'allows' ? 0 : 1
  },
})

function wanted({ action, role, as: principal, service, type }: Values<typeof OPTIONS>): PolicyQuestion {
  if (action === null) throw new UsageError(ACTION_NEEDED)
  if (role === null) throw new UsageError('--role takes the ARN of a role')
  return { action, role, principal, service, type }
}

function textOf({ request, type, answer, statements }: PolicyOutput, io: Io): string {
  const styles = ansiStyles(io.colour)
  const verdicts: { readonly [answer in PolicyOutput['answer']]: string } = {
    allows: styles.green('allows'),
    'implicit-deny': `${styles.red('does not allow')} (no statement matches)`,
    'explicit-deny': styles.red('denies'),
    unknown: 'may allow: a condition key cannot be seen',
  }
  const service = request.service === null ? '' : ` for ${request.service}`
  const lines = statements.map(
    ({ index, sid, effect, decides, finding }) =>
      `  ${decides ? '→' : ' '} statement ${index + 1}${sid === null ? '' : ` (${neutralText(sid, 100)})`}, ${effect}: ${neutralText(finding, 600)}`,
  )
  return [
    `${request.action} on ${request.role}${service}`,
    `The ${type} policy ${verdicts[answer]}.`,
    ...lines,
    '',
  ].join('\n')
}
