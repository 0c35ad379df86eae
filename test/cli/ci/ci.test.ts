import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { jobEventDetail } from '../../../functions/domain/deploy/tools/job.ts'
import { COMPILED } from '../../compiled.ts'
import { type CodeHost, type Comment, codeHost } from './code-host.ts'

const root = resolve(import.meta.dirname, '../../..')
const ACCOUNT = join(root, 'events/accounts/orders-dev.json')
const ROLE = 'arn:aws:iam::111122223333:role/app/orders-task'
const DEPLOYER = 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy'
const LOG = [
  'password = hunter2',
  '::set-output name=x::injected',
  `\u001b[31m│\u001b[0m Error: AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/pipeline-deploy/jane@example.com is not`,
  `\u001b[31m│\u001b[0m authorized to perform: iam:PassRole on resource: ${ROLE} because no identity-based policy allows the iam:PassRole action`,
].join('\n')
const NOBODY = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/no/such/file',
  AWS_SHARED_CREDENTIALS_FILE: '/no/such/file',
}

let folder: string
let host: CodeHost
const at = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return name
}
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const start = async (kind: 'github' | 'gitlab', comments: Comment[] = []) => {
  host = await codeHost(kind, comments)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-ci-'))
})
afterEach(async () => {
  await host?.close()
  rmSync(folder, { recursive: true })
})

function run(args: readonly string[], env: { readonly [name: string]: string }) {
  const child = spawn(process.execPath, [join(root, args[0] ?? ''), ...args.slice(1)], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...COMPILED, ...NOBODY, ...env },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  child.stderr.on('data', chunk => {
    err += chunk
  })
  return new Promise<{ code: number | null; out: string; err: string }>(done =>
    child.once('close', code => done({ code, out, err })),
  )
}

/** Runs the Action like the runner does: inputs with defaults, files of the job, and the event of a pull request. */
function action(
  inputs: { readonly [name: string]: string },
  event: object = { pull_request: { number: 7 } },
  env: { readonly [name: string]: string } = {},
) {
  const declared = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
    inputs: { [name: string]: { default?: string } }
  }
  const defaults = Object.entries(declared.inputs).map(([name, one]) => [
    name,
    (one.default ?? '').replace('${{ github.token }}', 'ghs_token').replace(/^\$\{\{.*\}\}$/, ''),
  ])
  const all = Object.entries({ ...Object.fromEntries(defaults), ...inputs })
  for (const name of ['summary', 'output']) at(name, '')
  return run(['cli/ci/action.ts'], {
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: host.url,
    GITHUB_SERVER_URL: 'https://github.example.com',
    GITHUB_REPOSITORY: 'acme/orders',
    GITHUB_RUN_ID: '42',
    GITHUB_EVENT_PATH: join(folder, at('event.json', JSON.stringify(event))),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    GITHUB_OUTPUT: join(folder, 'output'),
    ...Object.fromEntries(all.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    ...env,
  })
}

/** Answers like EventBridge, and keeps what it was sent. */
async function eventBridge(status: number, answer: object) {
  const sent: { readonly target: unknown; readonly authorization: string; readonly body: unknown }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { 'x-amz-target': target, authorization = '' } = request.headers
    sent.push({ target, authorization, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) })
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const env = {
    AWS_ENDPOINT_URL_EVENTBRIDGE: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-example' },
    ...{ GITHUB_JOB: 'deploy (prod)', GITHUB_RUN_ATTEMPT: '2' },
  }
  return { sent, env, close: () => server.close() }
}

/** The outputs in the runner's reading. */
function outputs(): { readonly [name: string]: string } {
  const found = [...read('output').matchAll(/^(\w+)<<(end-[0-9a-f]{32})\n([\s\S]*?)\n\2$/gm)]
  return Object.fromEntries(found.map(([, name = '', , value = '']) => [name, value]))
}

describe('the GitHub Action', () => {
  it('explains a failed log in the summary, the outputs and one comment', async () => {
    await start('github')
    const { code, out, err } = await action({ log: at('step.log', LOG), account: ACCOUNT })
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('comment added') })
    const [comment] = host.comments
    expect(comment?.body.startsWith('<!-- rolemedic -->')).toBe(true)
    expect(comment?.body).toContain(`#### \`iam:PassRole\` on \`${ROLE}\``)
    expect(comment?.body).toContain('`identity-gap` (likely)')
    expect(comment?.body).toContain('[The run](https://github.example.com/acme/orders/actions/runs/42)')
    expect(host.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /repos/acme/orders/issues/7/comments',
      'POST /repos/acme/orders/issues/7/comments',
    ])
    expect(host.asked.every(({ token }) => token === 'Bearer ghs_token')).toBe(true)
    expect(read('summary')).toContain('`identity-gap`')
    expect(outputs()).toEqual({ denials: '1', comment: expect.stringContaining('identity-gap') })
    for (const text of [out, err, comment?.body, read('summary'), read('output')])
      for (const secret of ['hunter2', 'jane', '\u001b', 'set-output', 'ghs_token']) expect(text).not.toContain(secret)
  })

  it('lets no text of a log become a command of the runner', async () => {
    await start('github')
    const { out } = await action({ log: at('step.log', LOG) })
    const [first = '', ...rest] = out.trimEnd().split('\n')
    const token = /^::stop-commands::([0-9a-f]{32})$/.exec(first)?.[1]
    expect(token).toBeDefined()
    expect(rest.at(-1)).toBe(`::${token}::`)
    expect(rest.slice(0, -1).filter(line => line.startsWith('::'))).toEqual([])
  })

  it('updates its comment with the next run, and leaves the comments of others', async () => {
    const others = Array.from({ length: 150 }, (_, index) => ({
      id: index,
      body: `<!-- rolemedic --> ${index}`,
      user: { type: 'User' },
    }))
    await start('github', [...others, { id: 900, body: '<!-- rolemedic -->\nearlier', user: { type: 'Bot' } }])
    const { err } = await action({ log: at('step.log', LOG) })
    expect(err).toContain('comment updated')
    expect(host.comments).toHaveLength(151)
    expect(host.comments.find(({ id }) => id === 900)?.body).toContain(ROLE)
    expect(host.comments.filter(({ body }) => body.includes(ROLE))).toHaveLength(1)
    expect(host.asked.at(-1)).toMatchObject({ method: 'PATCH', path: '/repos/acme/orders/issues/comments/900' })
  })

  it('explains from the text when there are no credentials, and says so', async () => {
    await start('github')
    const { code } = await action({ log: at('step.log', LOG), live: 'true' })
    expect(code).toBe(0)
    expect(host.comments[0]?.body).toContain(ROLE)
    expect(host.comments[0]?.body).toContain(
      'IAM could not be read, so this is from the text alone: `no AWS credentials',
    )
  })

  it('explains from the text when the snapshot is missing', async () => {
    await start('github')
    await action({ log: at('step.log', LOG), account: 'missing.json' })
    expect(host.comments[0]?.body).toContain('from the text alone: `missing.json: no such file`')
  })

  it.each([403, 404, 500])(
    'keeps the summary, and does not fail, when the token may not comment (%i)',
    async status => {
      await start('github')
      host.refuseWrites(status)
      const { code, err } = await action({ log: at('step.log', LOG) })
      expect(code).toBe(0)
      expect(err).toContain(`no comment: POST /repos/acme/orders/issues/7/comments: ${status}`)
      expect(read('summary')).toContain(ROLE)
    },
  )

  it('names a permission that is none of ours, and offers no change', async () => {
    await start('github')
    const denied =
      'Error: creating S3 Bucket (files): operation error S3: CreateBucket, https response error StatusCode: 403, api error AccessDenied: User: arn:aws:sts::111122223333:assumed-role/deploy/run-1 is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::files" because no identity-based policy allows the s3:CreateBucket action'
    await action({ log: at('step.log', denied) })
    const [comment] = host.comments
    expect(comment?.body).toContain('#### Other permissions that were denied: 1')
    expect(comment?.body).toContain('deploy was denied `s3:CreateBucket`')
    expect(comment?.body).not.toContain('```diff')
    expect(comment?.body).toContain(
      'A draft for the code of `arn:aws:iam::111122223333:role/deploy`, which rolemedic never writes.',
    )
    expect(outputs()['denials']).toBe('1')
  })

  it.each([
    ['no denial', { log: 'all is well\n' }],
    ['an empty log', { log: '' }],
  ])('says nothing about %s', async (_, { log }) => {
    await start('github')
    expect((await action({ log: at('step.log', log) })).code).toBe(0)
    expect(outputs()).toEqual({ denials: '0', comment: '' })
    expect({ asked: host.asked, summary: read('summary') }).toEqual({ asked: [], summary: '' })
  })

  it('sends the denials alone to the bot, only where it is told to', async () => {
    await start('github')
    const bus = await eventBridge(200, { FailedEntryCount: 0, Entries: [{ EventId: '1' }] })
    try {
      await action({ log: at('step.log', LOG) }, {}, bus.env)
      await action({ log: at('green.log', 'all is well'), notify: 'true' }, {}, bus.env)
      expect(bus.sent).toEqual([])
      const { code, err } = await action({ log: 'step.log', notify: 'true' }, {}, bus.env)
      expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('rolemedic: notified') })
      expect(bus.sent).toHaveLength(1)
      const [{ target, authorization, body } = { target: null, authorization: '', body: null }] = bus.sent
      expect(target).toBe('AWSEvents.PutEvents')
      expect(authorization).toMatch(/Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/events\/aws4_request/)
      const { Entries } = body as { readonly Entries: readonly { readonly [member: string]: string }[] }
      expect(Entries).toEqual([{ Source: 'rolemedic.job', DetailType: 'Job Failed', Detail: expect.any(String) }])
      expect(jobEventDetail.parse(JSON.parse(Entries[0]?.['Detail'] ?? ''))).toEqual({
        ...{ schema: 'rolemedic.job/1', status: 'failed', tool: 'github-actions', run: '42-2' },
        name: 'acme/orders/deploy-prod-',
        runUrl: 'https://github.example.com/acme/orders/actions/runs/42',
        log: `Error: api error AccessDenied: User: arn:aws:sts::111122223333:assumed-role/pipeline-deploy/jane@example.com is not authorized to perform: iam:PassRole on resource: "${ROLE}" because no identity-based policy allows the iam:PassRole action`,
      })
    } finally {
      bus.close()
    }
  })

  it.each([
    [400, { __type: 'com.amazon#AccessDeniedException', message: 'User: x' }, 'AccessDeniedException'],
    [200, { FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] }, 'NotAuthorized'],
    [500, {}, 'events:PutEvents: 500'],
  ])('does not fail where the bot cannot be told: %s %j', async (status, answer, words) => {
    await start('github')
    const bus = await eventBridge(status, answer)
    try {
      const { code, err } = await action({ log: at('step.log', LOG), notify: 'true' }, {}, bus.env)
      expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('not notified: ') })
      expect(err).toContain(words)
      expect(read('summary')).toContain('`identity-gap`')
    } finally {
      bus.close()
    }
  })

  it('says nothing about a log that does not exist, as the step may have failed before it', async () => {
    await start('github')
    expect((await action({ log: 'missing.log' })).code).toBe(0)
  })

  it('says why it cannot read a log that is there', async () => {
    await start('github')
    const { code, err } = await action({ log: '.' })
    expect({ code, err }).toEqual({ code: 2, err: 'rolemedic: .: is a directory\n' })
  })

  it('comments on no push, and on no pull request with comment: false', async () => {
    await start('github')
    const log = at('step.log', LOG)
    expect((await action({ log }, { ref: 'refs/heads/main' })).err).toContain('no comment: not a pull request')
    await action({ log, comment: 'false' })
    expect(host.asked).toEqual([])
    expect(read('summary')).toContain(ROLE)
  })

  it('fails the step before a deploy that will be denied, in a comment of its own', async () => {
    await start('github', [{ id: 5, body: '<!-- rolemedic -->\nearlier', user: { type: 'Bot' } }])
    const template = `Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      TaskRoleArn: ${ROLE}\n`
    const { code } = await action({ preflight: at('template.yaml', template), as: DEPLOYER, account: ACCOUNT })
    expect(code).toBe(1)
    expect(outputs()).toMatchObject({ preflight: 'denied' })
    expect(host.comments.map(({ body }) => body.slice(0, body.indexOf('-->') + 3))).toEqual([
      '<!-- rolemedic -->',
      '<!-- rolemedic preflight -->',
    ])
  })

  it('does not say that a deploy is allowed of which a part was not read', async () => {
    await start('github')
    const nested = 'https://s3.amazonaws.com/templates/queue.yaml'
    const passes = 'TaskRoleArn: arn:aws:iam::111122223333:role/app/orders-exec'
    const stack = `Resources:\n  Queue: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ${nested}}}\n`
    const task = `  Task: {Type: AWS::ECS::TaskDefinition, Properties: {${passes}}}\n`
    for (const [template, title] of [
      [stack + task, 'What was read of this deploy is allowed: 2 needs'],
      [stack, 'What was read of this deploy passes and assumes no role'],
    ] as const) {
      const { code } = await action({ preflight: at('template.yaml', template), as: DEPLOYER, account: ACCOUNT })
      expect({ code, answer: outputs()['preflight'] }).toEqual({ code: 1, answer: 'denied' })
      expect(host.comments[0]?.body).toContain(`### ${title}\n`)
      expect(host.comments[0]?.body).toContain(
        '- **Not known:** `template.yaml:2`: the nested stack Queue was not read',
      )
    }
    expect(host.comments).toHaveLength(1)
  })

  it('replaces its comment of a deploy that passes no role any more, and adds no comment for that', async () => {
    await start('github')
    const passes = (role: string) =>
      `Resources: {Task: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: ${role}}}}`
    const none = 'Resources: {Files: {Type: AWS::S3::Bucket}}'
    const preflight = (template: string) =>
      action({ preflight: at('template.yaml', template), as: DEPLOYER, account: ACCOUNT })
    expect(await preflight(none)).toMatchObject({ code: 0 })
    expect(host.comments).toEqual([])
    await preflight(passes(ROLE))
    expect(host.comments[0]?.body).toContain('### This deploy will be denied 1 need\n')
    const { code, err } = await preflight(none)
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('comment updated') })
    expect(host.comments.map(({ body }) => body.split('\n')[1])).toEqual(['### This deploy passes and assumes no role'])
  })

  it('says that nothing is denied where needs are only unknown', async () => {
    await start('github')
    const template = `Resources: {Task: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: ${ROLE}}}}`
    expect(await action({ preflight: at('template.yaml', template), as: DEPLOYER })).toMatchObject({ code: 1 })
    expect(host.comments[0]?.body).toContain('### 2 needs of this deploy cannot be known before\n')
  })

  it('has a comment for each job of a pull request, which its next run updates', async () => {
    await start('github')
    const log = at('step.log', LOG)
    const jobOf = (file: string) => ({
      ...{ GITHUB_JOB: 'deploy', GITHUB_WORKFLOW_REF: `acme/orders/.github/workflows/${file}@refs/pull/7/merge` },
    })
    for (const job of ['0', '1', '1']) await action({ log, job }, { pull_request: { number: 7 } }, jobOf('prod.yml'))
    await action({ log }, { pull_request: { number: 7 } }, jobOf('dev.yml'))
    expect(host.comments.map(({ body }) => body.split('\n')[0])).toEqual([
      '<!-- rolemedic prod.yml/deploy/0 -->',
      '<!-- rolemedic prod.yml/deploy/1 -->',
      '<!-- rolemedic dev.yml/deploy -->',
    ])
    expect(host.comments[1]?.body).toContain('/actions/runs/42) of `prod.yml/deploy/1`')
  })

  it.each([
    [{ live: 'yes' }, '--live takes true, false, not "yes" (rolemedic ci --help)'],
    [{ live: 'True', account: 'account.json' }, 'give --live or --account FILE, not both (rolemedic ci --help)'],
    [{ live: 'true', account: 'account.json' }, 'give --live or --account FILE, not both (rolemedic ci --help)'],
  ])('does not guess what is meant by %j', async (inputs, words) => {
    await start('github')
    const { code, err } = await action({ log: at('step.log', LOG), ...inputs })
    expect({ code, err }).toEqual({ code: 2, err: `rolemedic: ${words}\n` })
  })

  it.each(['##[add-mask]x', '##VSO[task.prependpath]/tmp'])(
    'lets no name become a command of a runner: %s',
    async name => {
      await start('github')
      const { code, err } = await action({ preflight: name, as: DEPLOYER })
      expect(code).toBe(2)
      expect(err).not.toMatch(/##(?:\[|vso\[)/i)
      const template = `Resources: {Task: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: "${ROLE}/${name}"}}}`
      const plain = ['cli/main.ts', 'ci', '--preflight', at('template.yaml', template), '--as', DEPLOYER]
      const { out } = await run(plain, {})
      expect(out).toContain('role/app/orders-task/## ')
      expect(out).not.toMatch(/##(?:\[|vso\[)/i)
    },
  )

  it('ends with one line and 2 without an input', async () => {
    await start('github')
    expect(await action({})).toMatchObject({
      code: 2,
      err: 'rolemedic: give --log FILE or --preflight PATH (rolemedic ci --help)\n',
    })
  })

  it('takes every input that action.yml declares, and declares every one that it takes', () => {
    const declared = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as { inputs: object; runs: object }
    const entry = readFileSync(join(root, 'cli/ci/action.ts'), 'utf8')
    for (const name of Object.keys(declared.inputs)) expect(entry.toLowerCase()).toContain(name)
    expect(declared.runs).toEqual({ using: 'node24', main: 'dist/action.js' })
  })
})

describe('rolemedic ci on GitLab', () => {
  const gitlab = (more: { readonly [name: string]: string } = {}) =>
    run(['cli/main.ts', 'ci', '--log', at('step.log', LOG), '--account', ACCOUNT], {
      GITLAB_CI: 'true',
      CI_API_V4_URL: `${host.url}/api/v4`,
      CI_MERGE_REQUEST_PROJECT_ID: '12',
      CI_MERGE_REQUEST_IID: '34',
      CI_PIPELINE_URL: 'https://gitlab.example.com/acme/orders/-/pipelines/1',
      ROLEMEDIC_COMMENT_TOKEN: 'glpat-token',
      ...more,
    })

  it('adds one note, and updates it with the next run', async () => {
    await start('gitlab', [{ id: 1, body: '<!-- rolemedic --> added a label', system: true }])
    expect((await gitlab()).err).toContain('comment added')
    expect((await gitlab()).err).toContain('comment updated')
    expect(host.comments).toHaveLength(2)
    expect(host.comments[1]?.body).toContain('[The run](https://gitlab.example.com/acme/orders/-/pipelines/1)')
    expect(host.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v4/projects/12/merge_requests/34/notes',
      'POST /api/v4/projects/12/merge_requests/34/notes',
      'GET /api/v4/projects/12/merge_requests/34/notes',
      'PUT /api/v4/projects/12/merge_requests/34/notes/1001',
    ])
    expect(host.asked.every(({ token }) => token === 'glpat-token')).toBe(true)
  })

  it('prints the explanation without a token', async () => {
    await start('gitlab')
    const { code, out, err } = await gitlab({ ROLEMEDIC_COMMENT_TOKEN: '' })
    expect(code).toBe(0)
    expect(out).toContain(ROLE)
    expect(err).toContain('ROLEMEDIC_COMMENT_TOKEN is not set')
    expect(host.asked).toEqual([])
  })
})

describe('the GitLab component', () => {
  const [spec, jobs] = readFileSync(join(root, 'templates/rolemedic.yml'), 'utf8').split(/^---$/m)

  it('uses every input that it declares, and no other', () => {
    const declared = (parse(spec ?? '') as { spec: { inputs: object } }).spec.inputs
    const used = new Set([...(jobs ?? '').matchAll(/\$\[\[ inputs\.(\w+) \]\]/g)].map(([, name]) => name))
    expect([...used].sort()).toEqual(Object.keys(declared).sort())
  })

  it('runs the command line on the log', () => {
    const job = parse((jobs ?? '').replaceAll(/\$\[\[ inputs\.(\w+) \]\]/g, '$1')) as {
      rolemedic: { script: string[] }
    }
    expect(job.rolemedic.script.join('\n')).toContain('rolemedic ci --log "$ROLEMEDIC_LOG" $ROLEMEDIC_ACCESS')
  })
})
