/** What one policy document answers to one request, statement by statement. */

import { requestOf as requestOfDenial } from '../../core/access/index.ts'
import { ACTIONS, actionWithOrWithoutPrefix, descriptorOf, resolveRequest } from '../../core/actions/index.ts'
import { neutralText, UsageError, unknown, unreadable } from '../../core/base/index.ts'
import { type Principal, principalNamed } from '../../core/denial/index.ts'
import { describeOutcome } from '../../core/diagnosis/index.ts'
import {
  type AccessSnapshot,
  evaluateLayer,
  type LayerOutcome,
  POLICY_TYPES,
  type PolicyType,
  parseEntityArn,
  parsePolicy,
  parseRoleArn,
  parseSessionArn,
  present,
  unknownKey,
} from '../../core/iam/index.ts'
import { denialOfNeed } from '../../iac/needs/index.ts'
import { ansiStyles } from '../ansi.ts'
import { type Description, helpText, type Options } from '../command.ts'
import { type Io, missingInput } from '../io.ts'
import { jsonText } from '../json-text.ts'
import type { PolicyOutput } from '../outputs/policy.ts'
import { parseArguments } from '../parse-arguments.ts'

const OPTIONS = {
  action: {
    type: 'string',
    value: 'A',
    values: ACTIONS.map(({ name }) => name),
    about: `what is asked: ${ACTIONS.map(({ name }) => name).join(', ')}`,
  },
  role: { type: 'string', value: 'ARN', about: 'the role that would be passed or assumed' },
  as: { type: 'string', value: 'ARN', about: 'who asks: a role, a user or a role session. A trust policy needs it' },
  service: { type: 'string', value: 'S', about: 'the service that gets the role (iam:PassedToService)' },
  type: {
    type: 'string',
    value: 'T',
    values: POLICY_TYPES,
    about: `the kind of policy: ${POLICY_TYPES.join(', ')}; default: trust if a statement has a Principal, else identity`,
  },
  json: { type: 'boolean', about: 'machine-readable output' },
} as const satisfies Options

export const DESCRIPTION: Description = {
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
}

const HINT = '(rolemedic explain-policy --help)'

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic explain-policy --help')
  if (values.help === true) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const [file, ...more] = positionals
  if (file === undefined) return missingInput('give a FILE, or - for standard input', helpText(DESCRIPTION), io)
  if (more.length > 0) throw new UsageError(`explain-policy takes one FILE ${HINT}`)
  const request = requestOf(values)
  const output = explained(await readPolicy(file, io), request, values.type ?? null, io.nowMs())
  io.out(values.json === true ? `${jsonText(output)}\n` : textOf(output, io))
  return output.answer === 'allows' ? 0 : 1
}

type Question = PolicyOutput['request'] & { readonly action: (typeof ACTIONS)[number]['name'] }

function requestOf(values: { action?: string; role?: string; as?: string; service?: string }): Question {
  const action = actionWithOrWithoutPrefix(values.action)
  if (action === null)
    throw new UsageError(
      `--action takes ${ACTIONS.map(({ name }) => name).join(', ')}${values.action === undefined ? '' : `, not "${values.action}"`} ${HINT}`,
    )
  const { role, as: principal = null, service = null } = values
  if (role === undefined || parseRoleArn(role) === null)
    throw new UsageError(`--role takes the ARN of a role${role === undefined ? '' : `, not "${role}"`} ${HINT}`)
  if (principal !== null && parseEntityArn(principal) === null && parseSessionArn(principal) === null)
    throw new UsageError(`--as takes the ARN of a role, a user or a role session, not "${principal}" ${HINT}`)
  if (service !== null && !descriptorOf(action).passesRoles)
    throw new UsageError(`--service is for iam:PassRole, not for ${action} ${HINT}`)
  return { action, role, principal, service }
}

async function readPolicy(file: string, io: Io) {
  const name = file === '-' ? 'standard input' : file
  const text = file === '-' ? await io.readStdin() : await io.readFile(file)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`${name}: not JSON`, { cause })
  }
  const policy = parsePolicy(json)
  if (!policy.ok) throw new UsageError(`${name}: not a policy document: ${policy.error}`)
  return policy.value
}

const NOT_GIVEN = unknown('only the policy document was given')

/** Nothing but the document is known. */
function nothingRead(role: string): AccessSnapshot {
  const unread = unreadable(NOT_GIVEN.why)
  return {
    caller: unread,
    targets: [{ arn: role, role: unread, near: NOT_GIVEN }],
    organization: NOT_GIVEN,
    scps: NOT_GIVEN,
    rcps: NOT_GIVEN,
    session: NOT_GIVEN,
    vpce: NOT_GIVEN,
  }
}

function explained(
  document: Awaited<ReturnType<typeof readPolicy>>,
  request: Question,
  wantedType: string | null,
  nowMs: number,
): PolicyOutput {
  const type =
    policyType(wantedType) ?? (document.Statement.some(one => one.Principal ?? one.NotPrincipal) ? 'trust' : 'identity')
  if (type === 'trust' && request.principal === null)
    throw new UsageError(`a trust policy decides by who asks: give --as ARN ${HINT}`)
  const denial = denialOfNeed(
    { action: request.action, operation: request.action, service: request.service, via: null },
    request.role,
    request.principal === null ? NOBODY : principalNamed(request.principal),
    { region: null, nowMs },
  )
  const asked = requestOfDenial(denial)
  const context = descriptorOf(request.action).passesRoles
    ? {
        ...asked.context,
        'iam:passedtoservice': request.service === null ? unknownKey('no service was given') : present(request.service),
      }
    : asked.context
  const resolved = resolveRequest({ ...asked, context }, nothingRead(request.role))
  const layer = evaluateLayer(
    type,
    [{ type, name: 'the document', arn: null, attachedTo: '', document }],
    resolved,
  ).explain()
  const deciding = new Set(layer.deciding)
  return {
    schema: 'rolemedic.policy/1',
    request: { action: request.action, role: request.role, principal: request.principal, service: request.service },
    type,
    answer: answerOf(layer.answer),
    statements: layer.statements.map(one => ({
      index: one.index,
      sid: one.sid,
      effect: one.effect,
      matches: one.matches,
      decides: deciding.has(one),
      finding: describeOutcome(one),
    })),
    unknowns: layer.statements.flatMap(one => one.unknowns).map(({ fact, why }) => ({ fact, why })),
  }
}

/** An identity policy names no caller: its principal matters for condition keys alone, which stay unknown. */
const NOBODY: Principal = {
  kind: 'unknown',
  arn: null,
  roleArn: null,
  pathKnown: false,
  accountId: null,
  name: null,
  sessionName: null,
  uniqueId: null,
}

function policyType(wanted: string | null): PolicyType | null {
  if (wanted === null) return null
  const type = POLICY_TYPES.find(one => one === wanted)
  if (type === undefined) throw new UsageError(`--type takes ${POLICY_TYPES.join(', ')}, not "${wanted}" ${HINT}`)
  return type
}

function answerOf(answer: LayerOutcome['answer']): PolicyOutput['answer'] {
  switch (answer) {
    case 'allows':
    case 'implicit-deny':
    case 'explicit-deny':
      return answer
    default:
      return 'unknown'
  }
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
