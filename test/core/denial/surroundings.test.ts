/** The same denial in all forms that tools, browsers, editors and chats give a text. */
import { describe, expect, it } from 'vitest'
import { denialsInLog } from '../../../core/denial/logs/denials-in-log.ts'
import { parseMessage } from '../../../core/denial/parse-denial.ts'
import { readingOf } from '../../post-file.ts'

type Sentence = {
  readonly principal: string
  readonly action: string
  readonly resource: string
  readonly reason: readonly [words: string, reason: string]
}

const SENTENCES: readonly Sentence[] = [
  {
    principal: 'arn:aws:sts::111122223333:assumed-role/pipeline-deploy/AWSCodeBuild-5f1c2d3e',
    action: 'iam:PassRole',
    resource: 'arn:aws:iam::111122223333:role/app/orders-task',
    reason: [' because no identity-based policy allows the iam:PassRole action', 'no-identity-policy'],
  },
  {
    principal: 'arn:aws-us-gov:iam::111122223333:user/jane.doe',
    action: 'iam:PassRole',
    resource: 'arn:aws-us-gov:iam::111122223333:role/orders_task-ExecutionRole+x=1',
    reason: [' with an explicit deny in a service control policy', 'explicit-deny-scp'],
  },
  {
    principal: 'arn:aws-cn:sts::111122223333:assumed-role/ci@prod/jane@example.com',
    action: 'sts:AssumeRole',
    resource: 'arn:aws-cn:iam::444455556666:role/deploy',
    reason: ['', 'none-given'],
  },
  {
    principal: 'arn:aws:iam::111122223333:user/ci',
    action: 'sts:TagSession',
    resource: 'arn:aws:iam::444455556666:role/service/deploy/target',
    reason: [' because no permissions boundary allows the sts:TagSession action', 'no-boundary'],
  },
  {
    principal: 'arn:aws:sts::111122223333:assumed-role/cdk-hnb659fds-deploy-role-111122223333-eu-west-1/aws-cdk-ci',
    action: 'iam:PassRole',
    resource: 'arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1',
    reason: [
      ' with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/NoPass',
      'explicit-deny-identity',
    ],
  },
]

const textOf = ({ principal, action, resource, reason: [words] }: Sentence) =>
  `User: ${principal} is not authorized to perform: ${action} on resource: ${resource}${words}`

const escaped = (s: string) =>
  s
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
const broken = (text: string, width: number): string =>
  Array.from({ length: Math.ceil(text.length / width) }, (_, index) =>
    text.slice(index * width, (index + 1) * width),
  ).join('\n')
function wrapped(text: string, width: number, prefix = '', end = '\n'): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + word.length + 1 > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map(line => prefix + line).join(end)
}
const STAMP = '2026-11-25T03:12:44.1234567Z '
const FORMS: { readonly [name: string]: (sentence: string) => string } = {
  plain: s => s,
  dot: s => `${s}.`,
  botocore: s =>
    `botocore.exceptions.ClientError: An error occurred (AccessDeniedException) when calling the CreateFunction operation: ${s}`,
  html: s => `<html><body><p>Error: <b>${escaped(s)}</b></p></body></html>`,
  htmlesc: s => `&lt;Message&gt;${escaped(s)}&lt;/Message&gt;&lt;RequestId&gt;x&lt;/RequestId&gt;`,
  xml: s =>
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <Error>\n    <Type>Sender</Type>\n    <Code>AccessDenied</Code>\n    <Message>${s}</Message>\n  </Error>\n  <RequestId>5f1c</RequestId></ErrorResponse>`,
  xmlec2: s =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation. ${s}</Message></Error></Errors></Response>`,
  cdata: s => `<Message><![CDATA[${s}]]></Message>`,
  mdcode: s => `> Error: \`${s}\`\n> foo`,
  mdbold: s => `**${s}**`,
  mdfence: s => ['```', s, '```'].join('\n'),
  mdarn: s => s.replace(/(arn:\S+)/g, '`$1`'),
  mdarnbold: s => s.replace(/(arn:\S+)/g, '**$1**'),
  mdlink: s => s.replace(/(arn:\S+)/g, '[$1](https://example.com)'),
  anglearn: s => s.replace(/(arn:\S+)/g, '"$1"'),
  curly: s => s.replace(/(arn:\S+)/g, '“$1”'),
  german: s => `Fehler: „${s}“`,
  french: s => `Erreur : «\u00a0${s}\u00a0»`,
  japanese: s => `エラー：「${s}」。`,
  jpstop: s => `${s}。ロールを確認してください`,
  jpArn: s => s.replace(/(role\/\S+|deploy)$/, '$1、次へ'),
  table: s => `| Status | Reason |\n|---|---|\n| FAILED | ${s} | x |`,
  json: s => JSON.stringify({ level: 'error', msg: s }),
  json2: s => JSON.stringify({ a: JSON.stringify({ errorMessage: s }) }),
  json3: s => JSON.stringify(JSON.stringify(JSON.stringify({ e: `boom "${s}" now` }))),
  python: s => `{'Error': {'Code': 'AccessDenied', 'Message': '${s}'}}`,
  url: s => `https://example.com/cb?error=${encodeURIComponent(s)}&state=1`,
  urlplus: s => `error_description=${encodeURIComponent(s).replaceAll('%20', '+')}&x=1`,
  dblurl: s => `x=${encodeURIComponent(encodeURIComponent(s))}`,
  ansi: s => `\u001b[31m${s.replaceAll(' ', ' \u001b[0m\u001b[31m')}\u001b[0m`,
  ansiliteral: s => `\\u001b[31m${s}\\u001b[0m`,
  ansistripped: s => `[31mError: ${s}[0m`,
  crlf: s => `Error:\r\n${wrapped(s, 80, '', '\r\n')}\r\n\r\nDone`,
  wrap80: s => broken(s, 80),
  wrap120: s => broken(s, 120),
  word80: s => wrapped(s, 80),
  word60bar: s => wrapped(s, 60, '│ '),
  word100gh: s => wrapped(s, 100, `${STAMP}│ `),
  indent: s => wrapped(s, 70, '        '),
  tfAnsi: s =>
    `\u001b[31m╷\u001b[0m\u001b[0m\n\u001b[31m│\u001b[0m \u001b[0m\u001b[1m\u001b[31mError: \u001b[0m\u001b[0m\u001b[1mcreating Lambda Function (x): operation error Lambda: CreateFunction, https response error StatusCode: 403, RequestID: 1, api error AccessDeniedException: ${s}\u001b[0m\n\u001b[31m│\u001b[0m \u001b[0m\n\u001b[31m│\u001b[0m \u001b[0m\u001b[0m  with aws_lambda_function.x,\n`,
  gitlab: s => `2026-11-25T03:12:44.123456Z 01O ${s}\n2026-11-25T03:12:45.123456Z 01O done`,
  jenkins: s => `[2026-11-25T03:12:44.123Z] ${s}`,
  ghgroup: s => `##[error]${s}\n##[error]Process completed with exit code 1.`,
  gherr: s => `Error: ${s}\n##[debug]x`,
  cb: s => `[Container] 2026/11/25 03:12:44.123456 ${s}`,
  javav1: s =>
    `com.amazonaws.services.lambda.model.AWSLambdaException: ${s} (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException; Request ID: 5f; Proxy: null)`,
  javav2: s =>
    `software.amazon.awssdk.services.lambda.model.LambdaException: ${s} (Service: Lambda, Status Code: 403, Request ID: 5f) (SDK Attempt Count: 1)`,
  cfn: s =>
    `Resource handler returned message: "${s} (Service: Lambda, Status Code: 403, Request ID: 5f)" (RequestToken: 0c, HandlerErrorCode: AccessDenied)`,
  go: s =>
    `operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 5f, api error AccessDenied: ${s}`,
  gov1: s => `AccessDenied: ${s}\n\tstatus code: 403, request id: 5f1c2d3e-0000`,
  php: s =>
    `Error executing "CreateFunction" on "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions"; AWS HTTP error: Client error: \`POST https://lambda\` resulted in a \`403 Forbidden\` response:\n{"Message":"${s}"}\n AccessDeniedException (client): ${s} - {"Message":"${s}"}`,
  ruby: s => `Aws::Lambda::Errors::AccessDeniedException: ${s} (Aws::Lambda::Errors::AccessDeniedException)`,
  rust: s =>
    `ServiceError(ServiceError { source: Unhandled(Unhandled { source: ErrorMetadata { code: Some("AccessDenied"), message: Some("${s}"), extras: None } }) })`,
  dotnet: s =>
    `Amazon.Lambda.AmazonLambdaException: ${s}\n ---> Amazon.Runtime.Internal.HttpErrorResponseException: Exception of type 'x' was thrown.`,
  shquote: s => `echo '${s}'`,
  nbsp: s => s.replaceAll(' ', '\u00a0'),
  zwsp: s => s.replaceAll(':', ':\u200b'),
  softhy: s => s.replaceAll('-', '-\u00ad'),
  arnblank: s => s.replace(/arn:(aws[a-z-]*):/g, 'arn:$1: ').replace(/::/g, ': :'),
  syslog: s => `Nov 25 03:12:44 host app[123]: ${s}`,
  quoteline: s => wrapped(s, 70, '> '),
  diff: s => wrapped(s, 70, '+ '),
  pytest: s => wrapped(s, 70, 'E       '),
  slack: s => `:x: *${s}*`,
  k8s: s =>
    `Warning  FailedBuildModel  3m  service  Failed build model due to WebIdentityErr: failed\ncaused by: AccessDenied: ${s}\n\tstatus code: 403, request id: 5f`,
  rst: s => s.replace(/(arn:\S+)/g, '``$1``'),
  confluence: s => s.replace(/(arn:\S+)/g, '{{$1}}'),
  latex: s => s.replaceAll('_', '\\_'),
  unicodeesc: s => s.replaceAll(':', '\\u003a').replaceAll('/', '\\u002f'),
  htmlcolon: s => s.replaceAll(':', '&#58;').replaceAll('/', '&#x2F;'),
  span: s => s.replace(/(arn:\S+)/g, '<span class="s">$1</span>').replaceAll(':', '<wbr>:'),
  br: s => wrapped(s, 50, '', '<br/>\n'),
  pre: s => `<pre style="color: red">${s}</pre>`,
  a: s => s.replace(/(arn:\S+)/g, '<a href="https://x.example.com/?q=1">$1</a>'),
  td: s => `<tr><td>CREATE_FAILED</td><td>${s}</td></tr>`,
  yaml: s => `error: >-\n${wrapped(s, 60, '  ')}\nother: x`,
  csv: s => `2026,"${s}",x`,
  tsv: s => `a\t${s}\tb`,
  windows: s => `aws : ${s}\nAt line:1 char:1\n+ aws lambda create-function\n+ ~~~~~~~~~`,
  fullwidth: s => `【${s}】`,
  parenth: s => `(${s})`,
  bracket: s => `[${s}]`,
  ellip: s => `${s} …`,
  semi: s => `${s}; retrying`,
  comma: s => `${s}, retrying in 5s`,
  question: s => `${s}?`,
  excl: s => `${s}!`,
  reqid: s => `${s}, request id: 5f1c2d3e`,
  encoded: s => `${s}. Encoded authorization failure message: AAAABBBB_cc-DD`,
  twice: s => `${s}\n${s}\n${s}`,
}

describe.each(Object.entries(FORMS))('a denial in the form %s', (_, form) => {
  it.each(SENTENCES)('$action of $principal is read whole, and once', sentence => {
    const { principal, action, resource, reason } = sentence
    const wanted = { principal, action, resource, reason: reason[1] }
    const text = form(textOf(sentence))
    const { denials } = denialsInLog(text)
    expect(denials.map(({ denial }) => readingOf(denial))).toMatchObject([wanted])
    const first = parseMessage(text)
    expect(first.kind === 'denial' ? readingOf(first.denial) : first).toMatchObject(wanted)
  })
})

describe('a terminal that breaks lines within words', () => {
  it.each(Array.from({ length: 81 }, (_, index) => 60 + index))('at %i columns changes nothing', width => {
    for (const sentence of SENTENCES) {
      const { principal, action, resource, reason } = sentence
      const text = broken(`An error occurred (AccessDenied): ${textOf(sentence)}`, width)
      const read = denialsInLog(`${text}\nDone in 3s.`).denials.map(({ denial }) => readingOf(denial))
      expect(read).toMatchObject([{ principal, action, resource, reason: reason[1] }])
    }
  })
})

describe('a quoted text whose lines break between words', () => {
  it.each(['> ', '>', '>> '])('is read at each width behind %j', mark => {
    for (let width = 50; width <= 140; width += 1)
      for (const sentence of SENTENCES) {
        const { principal, action, resource, reason } = sentence
        const read = denialsInLog(wrapped(textOf(sentence), width, mark)).denials.map(({ denial }) => readingOf(denial))
        expect(read).toMatchObject([{ principal, action, resource, reason: reason[1] }])
      }
  })
})
