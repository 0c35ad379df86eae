/**
 * Logs of a given length: an ordinary one of a build service, and hostile ones that consist of parts of denials. Each contains
 * two real denials, in its middle and in its last line.
 */
export type GeneratedLog = { readonly name: string; readonly unit: (index: number) => string }

export const HIDDEN_ROLES = ['hidden-in-the-middle', 'hidden-at-the-end'] as const

const WHO = 'arn:aws:sts::111122223333:assumed-role/deployer/ci'
const denied = (role: string): string =>
  `User: ${WHO} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/${role} because no identity-based policy allows the iam:PassRole action`

export function textOf({ unit }: GeneratedLog, chars: number): string {
  const parts: string[] = []
  let length = 0
  let index = 0
  const addUntil = (end: number) => {
    for (; length < end; index += 1) {
      const part = unit(index)
      parts.push(part)
      length += part.length
    }
  }
  for (const [at, role] of HIDDEN_ROLES.entries()) {
    addUntil((chars * (at + 1)) / HIDDEN_ROLES.length)
    parts.push(`\n${denied(role)}\n`)
  }
  return parts.join('')
}

const ORDINARY = [
  'Run actions/checkout with fetch-depth 1 of 1842 objects, 22.41 MiB',
  'npm warn deprecated glob@7.2.3: Glob versions prior to v9 are no longer supported',
  ' ✓ orders > handler > stores an order with its lines (14 ms)',
  'aws_lambda_function.worker: Still creating... [10s elapsed] arn:aws:lambda:eu-west-1:111122223333:function:worker',
  '{"level":"info","role":"arn:aws:iam::111122223333:role/orders-task","message":"authorized request of a user"}',
  'GET https://archive.example.com/debian/pool/main?name=libssl3&message=not%20authorized%20by%20a%20user',
  'An error occurred (AccessDenied) when calling the GetObject operation: Access Denied',
  'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::artifacts"',
  '  const client = await assumeRole({ roleArn: settings.roleArn, sessionName: "tests" })',
  'INFO [worker] will try to assume the role of the tenant',
]

const stamp = (index: number): string => {
  const two = (value: number) => String(value % 60).padStart(2, '0')
  return `2026-11-24T02:${two(Math.floor(index / 60))}:${two(index)}.${String(index % 9_999_999).padStart(7, '0')}Z `
}

/** Differs from line to line, like real names. */
const name = (index: number): string => index.toString(36).padStart(6, 'q')

const same = (text: string) => () => text

const ON_NOTHING =
  'User: arn:aws:sts::111122223333:assumed-role/a/b is not authorized to perform: iam:PassRole on resource: '
const SAM_HEADER = 'ResourceStatus           ResourceType             LogicalResourceId        ResourceStatusReason\n'

export const ORDINARY_LOG: GeneratedLog = {
  name: 'an ordinary build',
  unit: index => `${stamp(index)}${ORDINARY[index % ORDINARY.length]}\n`,
}

/** One call in a hundred is denied; one record in a thousand is cut, and the next line goes on without it. */
const record = (index: number): string => {
  const isDenied = index % 100 === 0
  const role = `arn:aws:iam::111122223333:role/${name(index)}`
  const text = JSON.stringify({
    ...{ eventVersion: '1.11', eventID: `e${index}`, eventTime: '2026-11-24T02:13:00Z', awsRegion: 'eu-west-1' },
    userIdentity: { type: 'AssumedRole', arn: WHO, accountId: '111122223333', principalId: 'AROAEXAMPLEDEPLOY123:ci' },
    ...{ eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition', recipientAccountId: '111122223333' },
    ...(isDenied ? { errorCode: 'AccessDeniedException', errorMessage: denied(name(index)) } : {}),
    ...{ requestParameters: { family: name(index), taskRoleArn: role }, responseElements: null },
  })
  return index % 1_000 === 1 ? text.slice(0, text.lastIndexOf(',"') + 1) : text
}

export const RECORDS_LOG: GeneratedLog = { name: 'records of CloudTrail', unit: index => `${record(index)}\n` }

const HOSTILE: readonly (readonly [string, (index: number) => string])[] = [
  ['PassRole on nothing, the same line', same(`${ON_NOTHING}\n`)],
  ['PassRole on nothing, one line', same(ON_NOTHING)],
  ['PassRole on nothing, by many callers', index => `${ON_NOTHING.replace('a/b', `${name(index)}/b`)}\n`],
  ['PassRole on many roles', index => `${ON_NOTHING}arn:aws:iam::111122223333:role/${name(index)}\n`],
  ['PassRole on many roles, one line', index => `${ON_NOTHING}arn:aws:iam::111122223333:role/${name(index)} `],
  [
    'PassRole on many roles, by many callers',
    index => `${ON_NOTHING.replace('a/b', name(index))}arn:aws:iam::111122223333:role/${name(index)} because\n`,
  ],
  ['one denial, every second', index => `${stamp(index)}${denied('orders')}\n`],
  [
    'denials of S3',
    index => `${ON_NOTHING.replace('iam:PassRole', 's3:GetObject')}arn:aws:s3:::bucket/${name(index)}\n`,
  ],
  ['AccessDenied', same('AccessDenied ')],
  ['not authorized', same('not authorized ')],
  ['authorized to perform', same('authorized to perform ')],
  ['not authorized to perform: PassRole', same('not authorized to perform: PassRole ')],
  ['parts of ARNs', same('arn:aws:iam::')],
  ['one ARN without an end', same('arn:aws:iam::111122223333:role/')],
  [
    'denials on parts of ARNs',
    index => `not authorized to perform: iam:PassRole on resource: arn:aws:iam::${name(index)} `,
  ],
  [
    'when calling AssumeRole',
    index => `An error occurred (AccessDenied) when calling the AssumeRole operation: Access denied ${name(index)}\n`,
  ],
  ['to assume role', same('to assume role ')],
  ['services that cannot assume roles', index => `The service was unable to assume the role ${name(index)} \n`],
  ['Lambda that cannot assume a role', same('The role defined for the function cannot be assumed by Lambda. ')],
  ['service-linked roles', same('service linked role ')],
  ['kubectl without a token', same('could not get token: AccessDenied ')],
  ['root accounts', same('Roles may not be assumed by root accounts. ')],
  ['parts of decoded messages', same('{"explicitDeny":false,')],
  [
    'decoded messages',
    index =>
      `{"allowed":false,"explicitDeny":false,"context":{"principal":{"arn":"arn:aws:iam::111122223333:user/a"},"action":"iam:PassRole","resource":"arn:aws:iam::111122223333:role/${name(index)}"}}\n`,
  ],
  [
    'encoded messages',
    index => `not authorized to perform this operation. Encoded authorization failure message: ${name(index)} `,
  ],
  [
    'words broken by a terminal',
    same(
      'User: arn:aws:sts::111122223333:assumed-role/a/b is not authori\nzed to perform: iam:PassRole on resource: arn:aws:iam::1111222233\n33:role/x because\n',
    ),
  ],
  ['the shortest broken words', same('aaaa aaaaaaaaaaa authori\nzed aaaaaaaaaaaa autho\nrized ')],
  [
    'a table of SAM',
    index =>
      index === 0
        ? SAM_HEADER
        : 'CREATE_FAILED            AWS::Lambda::Function    W                        User: a is not authorized to perform: iam:PassRole\n',
  ],
  ['headers of tables', same(SAM_HEADER)],
  ['URL codes', same('not+authorized%20to+perform%3A+iam%3APassRole%20')],
  ['nothing but coded blanks', same('%20')],
  ['escapes and markup', same('\\"not\\u0020authorized\\n to perform iam:PassRole &lt;b&gt; ')],
  ['colors', same('\u001b[31mnot authorized\u001b[0m to \u001b[1mperform iam:PassRole ')],
  ['empty lines', same('\n')],
  ['lines of one letter', same('a\n')],
]

export const HOSTILE_LOGS: readonly GeneratedLog[] = HOSTILE.map(([name, unit]) => ({ name, unit }))
