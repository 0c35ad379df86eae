/** Forms in which one denial reaches a person: as CloudTrail's record, or as an error text. */
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'

export type SampleDenial = {
  readonly record: { readonly [member: string]: unknown }
  /** AWS's sentence. */
  readonly sentence: string
}

/** `of`: the content of the form, the whole record or only the sentence. */
export type Wrapping = {
  readonly name: string
  readonly of: 'record' | 'sentence'
  readonly wrap: (denial: SampleDenial) => string | Buffer
}

const json = (value: unknown): string => JSON.stringify(value)
const pretty = (value: unknown): string => JSON.stringify(value, null, 4)

const ALLOWED = {
  eventVersion: '1.11',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/other', accountId: '111122223333' },
  eventTime: '2026-11-24T02:40:00Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'ListBuckets',
  awsRegion: 'eu-west-1',
  eventID: '00000000-0000-4000-8000-000000000000',
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html */
const eventBridge = (record: SampleDenial['record']) => ({
  version: '0',
  id: 'e1',
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.lambda',
  account: record['recipientAccountId'],
  time: record['eventTime'],
  region: record['awsRegion'],
  resources: [],
  detail: record,
})

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const lookedUp = (record: SampleDenial['record']) => ({
  EventId: record['eventID'],
  EventName: record['eventName'],
  ReadOnly: 'false',
  EventTime: record['eventTime'],
  EventSource: record['eventSource'],
  Username: 'ci',
  Resources: [],
  CloudTrailEvent: json(record),
})

/** A structure in the format of Athena and CloudTrail Lake. */
function structure(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const fields = Object.entries(value).map(([name, inner]) => `${name.toLowerCase()}=${structure(inner)}`)
  return `{${fields.join(', ')}}`
}

/** Columns of the table that the CloudTrail console creates for Athena. */
function columns(record: SampleDenial['record']): readonly (readonly [string, string])[] {
  return [
    ['eventversion', '1.11'],
    ['useridentity', structure(record['userIdentity'])],
    ['eventtime', String(record['eventTime'])],
    ['eventsource', String(record['eventSource'])],
    ['eventname', String(record['eventName'])],
    ['awsregion', String(record['awsRegion'])],
    ['errorcode', String(record['errorCode'])],
    ['errormessage', String(record['errorMessage'])],
    ['requestparameters', json(record['requestParameters'] ?? null)],
    ['eventid', String(record['eventID'])],
    ['recipientaccountid', String(record['recipientAccountId'])],
  ]
}

const csvCell = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** Breaks lines at a width, also inside words, like a terminal. */
const atWidth = (width: number, text: string): string =>
  text
    .split('\n')
    .map(line => line.replaceAll(new RegExp(`(.{${width}})(?=.)`, 'g'), '$1\n'))
    .join('\n')

const stamped = (text: string): string =>
  text
    .split('\n')
    .map(line => `2026-11-24T02:47:31.1234567Z ${line}`)
    .join('\n')

/** Breaks lines between words, with something before each. */
const filled = (text: string, width: number, before: (line: number) => string): string => {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line, index) => `${before(index)}${line}`).join('\n')
}

/** What runners and loggers put before each line of Terraform's box, which is broken between words. */
const PREFIXES: readonly (readonly [string, (line: number) => string])[] = [
  // https://docs.docker.com/reference/cli/docker/compose/logs/
  ['Compose', () => 'terraform-1  | '],
  ['Compose in colours', () => '\u001b[36mterraform-1  |\u001b[0m '],
  ['Compose with time stamps', line => `terraform-1  | 2026-11-24T02:47:3${line % 10}.123456789Z `],
  // https://plugins.jenkins.io/timestamper/
  ['Jenkins', line => `02:47:3${line % 10}  `],
  ['Jenkins, in a branch', line => `02:47:3${line % 10}  [deploy] `],
  // https://www.jetbrains.com/help/teamcity/build-log.html
  ['TeamCity', line => `[02:47:3${line % 10}]W:\t [Step 2/3] `],
  // https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html
  ['aws logs tail', line => `2026-11-24T02:47:3${line % 10}.123000+00:00 0f2c1b2e-5b1f-4f5c-9d0b-0123456789ab `],
  // https://www.rfc-editor.org/rfc/rfc3164 and https://www.rfc-editor.org/rfc/rfc5424
  ['journald', line => `Nov 24 02:47:3${line % 10} ip-10-0-0-1 terraform[1234]: `],
  ['syslog', line => `<34>1 2026-11-24T02:47:3${line % 10}.123Z host terraform 123 ID47 - `],
  ['syslog with offsets', line => `2026-11-24T02:47:3${line % 10}.123456+00:00 host terraform[1234]: `],
  // https://kubernetes.io/docs/reference/kubectl/generated/kubectl_logs/
  ['kubectl', () => '[pod/runner-abc12/terraform] '],
  ['the log file of a container', line => `2026-11-24T02:47:3${line % 10}.123456789Z stdout F `],
  // https://terragrunt.gruntwork.io/docs/reference/logging/
  ['Terragrunt', line => `02:47:3${line % 10}.123 STDERR [units/orders] terraform: `],
  // https://github.com/terraform-aws-modules/terraform-aws-eks/issues/145
  ['Terratest', line => `TestOrders 2026-11-24T02:47:3${line % 10}Z logger.go:66: `],
  // https://github.com/awslabs/aws-deployment-framework/issues/744
  ["CodeBuild's console", line => `${98 + line} | `],
]

/** The folds of PyYAML in double quotes. https://yaml.org/spec/1.2.2/#731-double-quoted-style */
const folded = (text: string): string =>
  `message: "${filled(text.replaceAll('"', '\\"'), 70, () => '')
    .split('\n')
    .join('\\\n    \\ ')}"\n`

/** The literals of Python. https://docs.python.org/3/library/functions.html#repr */
function printed(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string')
    return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  return `{${Object.entries(value)
    .map(([name, inner]) => `'${name}': ${printed(inner)}`)
    .join(', ')}}`
}

/** Block style, with texts in single quotes. https://yaml.org/spec/1.2.2/ */
const blockOf = (value: object): string =>
  Object.entries(value)
    .map(([name, inner]) => {
      if (typeof inner === 'string') return `${name}: '${inner.replaceAll("'", "''")}'`
      if (typeof inner !== 'object' || inner === null) return `${name}: ${inner}`
      const lines = Array.isArray(inner)
        ? inner
            .map(one => (typeof one === 'object' ? `- ${blockOf(one).replaceAll('\n', '\n  ')}` : `- '${one}'`))
            .join('\n')
        : blockOf(inner).replaceAll(/^/gm, '  ')
      return lines.trim() === '' ? `${name}: {}` : `${name}:\n${lines}`
    })
    .join('\n')

/** The colours of jq. */
const coloured = (text: string): string =>
  text
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, part => `\u001b[0;32m${part}\u001b[0m`)
    .replaceAll(/([{}])/g, '\u001b[1;39m$1\u001b[0m')

const RECORDS: readonly (readonly [string, (denial: SampleDenial) => string | Buffer])[] = [
  ['a record', ({ record }) => json(record)],
  ['a pretty record', ({ record }) => `${pretty(record)}\n`],
  ['a log file', ({ record }) => json({ Records: [ALLOWED, record] })],
  ['a log file in gzip', ({ record }) => gzipSync(json({ Records: [ALLOWED, record] }))],
  ['an array', ({ record }) => pretty([ALLOWED, record])],
  ['JSON Lines', ({ record }) => `${json(ALLOWED)}\n${json(record)}\r\n`],
  ['objects one after the other, as jq prints them', ({ record }) => `${pretty(ALLOWED)}\n${pretty(record)}\n`],
  ['objects without anything between them, as Firehose writes them', ({ record }) => `${json(ALLOWED)}${json(record)}`],
  ['lookup-events', ({ record }) => pretty({ Events: [lookedUp(ALLOWED), lookedUp(record)] })],
  [
    'lookup-events --output text',
    ({ record }) =>
      `EVENTS\t\t${json(record)}\t${record['eventID']}\t${record['eventName']}\t${record['eventSource']}\t2026-11-24T02:47:31+00:00\tfalse\tci\nRESOURCES\torders\tAWS::Lambda::Function\n`,
  ],
  ['an EventBridge event', ({ record }) => pretty(eventBridge(record))],
  ['a print of Python', ({ record }) => `event: ${printed(eventBridge(record))}\n`],
  ['a print of JavaScript', ({ record }) => `INFO\t${inspect(eventBridge(record), { depth: null })}\n`],
  ['YAML', ({ record }) => `Records:\n- ${blockOf(record).replaceAll('\n', '\n  ')}\n`],
  ['an SQS message', ({ record }) => pretty({ Messages: [{ MessageId: 'm', Body: json(eventBridge(record)) }] })],
  [
    'an SNS message in an SQS event',
    ({ record }) => json({ Records: [{ body: json({ Type: 'Notification', Message: json(eventBridge(record)) }) }] }),
  ],
  [
    'an SNS message by e-mail',
    ({ record }) =>
      `${json(eventBridge(record))}\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n`,
  ],
  [
    'Logs Insights',
    ({ record }) =>
      pretty({
        results: [
          [
            { field: '@timestamp', value: '2026-11-24 02:47:31.000' },
            { field: '@message', value: json(record) },
            { field: '@ptr', value: 'CmEK' },
          ],
        ],
        status: 'Complete',
      }),
  ],
  [
    'fields of Logs Insights',
    ({ record }) => {
      const { type, arn, accountId } = record['userIdentity'] as { type: string; arn: string; accountId: string }
      return pretty({
        results: [
          [
            ...['eventID', 'eventTime', 'eventSource', 'eventName', 'awsRegion', 'errorCode', 'errorMessage'].map(
              field => ({ field, value: record[field] }),
            ),
            { field: 'recipientAccountId', value: record['recipientAccountId'] },
            { field: 'userIdentity.type', value: type },
            { field: 'userIdentity.arn', value: arn },
            { field: 'userIdentity.accountId', value: accountId },
          ],
        ],
      })
    },
  ],
  ['CSV of Logs Insights', ({ record }) => `@timestamp,@message\n2026-11-24 02:47:31.000,${csvCell(json(record))}\n`],
  [
    'CloudTrail Lake',
    ({ record }) =>
      pretty({
        QueryStatus: 'FINISHED',
        QueryResultRows: [columns(record).map(([name, value]) => ({ [name]: value }))],
      }),
  ],
  [
    'rows of Athena',
    ({ record }) => {
      const row = (cells: readonly string[]) => ({ Data: cells.map(VarCharValue => ({ VarCharValue })) })
      const named = columns(record)
      return pretty({
        ResultSet: { Rows: [row(named.map(([name]) => name)), row(named.map(([, value]) => value))] },
        UpdateCount: 0,
      })
    },
  ],
  [
    'CSV of Athena',
    ({ record }) => {
      const named = columns(record)
      return `${named.map(([name]) => csvCell(name)).join(',')}\n${named.map(([, value]) => csvCell(value)).join(',')}\n`
    },
  ],
  ['Splunk', ({ record }) => json({ preview: false, result: { _time: '2026-11-24', _raw: json(record) } })],
  [
    'Elastic',
    ({ record }) =>
      pretty({ hits: { hits: [{ _id: 'x', _source: { event: { action: 'x', original: json(record) } } }] } }),
  ],
  [
    'OCSF with the raw record',
    ({ record }) =>
      json({ class_uid: 6003, activity_name: 'Create', metadata: { version: '1.1.0' }, raw_data: json(record) }),
  ],
  [
    'a subscription of CloudWatch Logs',
    ({ record }) =>
      json({
        awslogs: {
          data: gzipSync(
            json({ messageType: 'DATA_MESSAGE', logEvents: [{ id: '1', message: json(record) }] }),
          ).toString('base64'),
        },
      }),
  ],
  [
    'a record of Kinesis',
    ({ record }) => json({ Records: [{ kinesis: { data: Buffer.from(json(record)).toString('base64') } }] }),
  ],
  ['a JSON string', ({ record }) => json(json(record))],
  ['the inside of a JSON string', ({ record }) => `message: ${json(json(record)).slice(1, -1)}`],
  ['a pretty record under the time stamps of GitHub', ({ record }) => stamped(pretty(record))],
  ['a line of a log', ({ record }) => `2026-11-24T02:47:31Z INFO event received ${json(record)} (trace 42)\n`],
  ['a record in colours', ({ record }) => coloured(pretty(record))],
  ['a record that a terminal wrapped', ({ record }) => atWidth(100, json(record))],
  ['a record between prompts', ({ record }) => `$ cat record.json\n${pretty(record)}\n$ `],
  ['a record in a quote', ({ record }) => pretty(record).replaceAll(/^/gm, '> ')],
  ['a record in a quote that a mailer wrapped', ({ record }) => filled(json(record), 76, () => '> ')],
  ...PREFIXES.map(
    ([name, before]) =>
      [
        `a record, ${name} before each line`,
        ({ record }: SampleDenial) =>
          pretty(record)
            .split('\n')
            .map((line, index) => `${before(index)}${line}`)
            .join('\n'),
      ] as const,
  ),
  ['a record in a box', ({ record }) => pretty(record).replaceAll(/^.*$/gm, line => `│ ${line.padEnd(400)} │`)],
  ['a record with the quotes of a wiki', ({ record }) => pretty(record).replaceAll(/"([^"]*)"/g, '\u201c$1\u201d')],
  ['a record of PowerShell', ({ record }) => Buffer.from(`\ufeff${pretty(record)}`, 'utf16le')],
]

const SENTENCES: readonly (readonly [string, (denial: SampleDenial) => string | Buffer])[] = [
  ['the sentence', ({ sentence }) => sentence],
  [
    'the AWS CLI',
    ({ sentence }) => `\nAn error occurred (AccessDenied) when calling the Frobnicate operation: ${sentence}\n`,
  ],
  [
    'Terraform, with frames and colours',
    ({ sentence }) =>
      `\u001b[31m╷\u001b[0m\u001b[0m\n\u001b[31m│\u001b[0m \u001b[0m\u001b[1m\u001b[31mError: \u001b[0m\u001b[0m\u001b[1m${sentence}\u001b[0m\n\u001b[31m│\u001b[0m \u001b[0m\n\u001b[31m╵\u001b[0m\u001b[0m\n`,
  ],
  ['GitHub, with time stamps', ({ sentence }) => stamped(`Run deploy\n##[error]${sentence}\nPost job cleanup.`)],
  ['a terminal that wraps', ({ sentence }) => atWidth(90, `Error: ${sentence}`)],
  ['a JSON log', ({ sentence }) => json({ level: 'error', msg: `deploy failed: "${sentence}"\nat step 4` })],
  ['a JSON log in a JSON log', ({ sentence }) => json({ log: json({ msg: `"${sentence}"` }) })],
  ['a quote', ({ sentence }) => `It says:\n\n> ${sentence}\n\nWhat now?`],
  ['a code block', ({ sentence }) => `\`\`\`\n${sentence}\n\`\`\`\n`],
  ['double quotes', ({ sentence }) => `reason: "${sentence}"`],
  ['HTML', ({ sentence }) => `<p>Error: &quot;${sentence}&quot;</p>`],
  ['PowerShell', ({ sentence }) => Buffer.from(`\ufeff${sentence}\r\n`, 'utf16le')],
  ['UTF-16, the high byte first', ({ sentence }) => Buffer.from(`\ufeff${sentence}\r\n`, 'utf16le').swap16()],
  ['UTF-16 without a byte order mark', ({ sentence }) => Buffer.from(`${sentence}\r\n`, 'utf16le')],
  ...PREFIXES.map(
    ([name, before]) =>
      [
        `${name}, before each line`,
        ({ sentence }: SampleDenial) =>
          `${filled(`Error: operation failed: ${sentence}`, 76, line => `${before(line)}│ `)}\n`,
      ] as const,
  ),
  ['a box that breaks words', ({ sentence }) => atWidth(90, sentence).replaceAll(/^.*$/gm, '│ $& │')],
  ['a quote that breaks words', ({ sentence }) => atWidth(90, sentence).replaceAll(/^/gm, '> ')],
  ['an indented text that breaks words', ({ sentence }) => atWidth(90, sentence).replaceAll(/^/gm, '    ')],
  ['a quote in HTML', ({ sentence }) => filled(sentence, 70, () => '&gt; ')],
  ['YAML in double quotes', ({ sentence }) => folded(sentence)],
  // https://nodejs.org/docs/latest-v12.x/api/util.html#util_util_inspect_object_options
  [
    'the console of Node 12',
    ({ sentence }) => `  message:\n   '${filled(sentence, 70, () => '').replaceAll('\n', " ' +\n     '")}',\n`,
  ],
  // https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all
  ['Jira', ({ sentence }) => `{noformat}${sentence}{noformat}\n`],
  ["Jira's code", ({ sentence }) => `{code:java}${sentence}{code}\n`],
  ['gzip', ({ sentence }) => gzipSync(`start\n${sentence}\nend\n`)],
]

export const WRAPPINGS: readonly Wrapping[] = [
  ...RECORDS.map(([name, wrap]) => ({ name, of: 'record', wrap }) as const),
  ...SENTENCES.map(([name, wrap]) => ({ name, of: 'sentence', wrap }) as const),
]
