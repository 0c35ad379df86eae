import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesPattern } from '../../../../cli/use-cases/match/event-ruler.ts'
import { DEPLOY_KINDS } from '../../../../functions/domain/deploy/deploy.ts'
import {
  ALL_PATTERNS,
  consoleLink,
  DEPLOY_PATTERNS,
  DEPLOY_TOOLS,
  deployName,
  parseDeployEvent,
  retryOf,
  toolOf,
} from '../../../../functions/domain/deploy/tools/tools.ts'

const folder = new URL('../../../../events/deploys/', import.meta.url)
const names = (path: string) => readdirSync(new URL(path, folder)).filter(name => name.endsWith('.json'))
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
const rulesFor = (event: unknown) =>
  Object.entries(ALL_PATTERNS).flatMap(([name, pattern]) => (matchesPattern(pattern, event) ? [name] : []))

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html */
const STACK_STATUSES =
  `CREATE_COMPLETE CREATE_IN_PROGRESS CREATE_FAILED DELETE_COMPLETE DELETE_FAILED DELETE_IN_PROGRESS
  REVIEW_IN_PROGRESS ROLLBACK_COMPLETE ROLLBACK_FAILED ROLLBACK_IN_PROGRESS UPDATE_COMPLETE
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS UPDATE_FAILED UPDATE_IN_PROGRESS UPDATE_ROLLBACK_COMPLETE
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS UPDATE_ROLLBACK_FAILED UPDATE_ROLLBACK_IN_PROGRESS IMPORT_IN_PROGRESS
  IMPORT_COMPLETE IMPORT_ROLLBACK_IN_PROGRESS IMPORT_ROLLBACK_FAILED IMPORT_ROLLBACK_COMPLETE`.split(/\s+/)

describe('a deploy tool', () => {
  const samples = names('.').map(read)

  it.each(DEPLOY_TOOLS.map(tool => [tool.kind, tool] as const))('has sample events and words: %s', (kind, tool) => {
    for (const { pattern } of tool.events) {
      const mine = samples.filter(sample => matchesPattern(pattern, sample)).map(parseDeployEvent)
      expect(mine.length).toBeGreaterThan(0)
      for (const event of mine) {
        if (event.kind !== 'failed') throw new Error(event.why)
        expect(event.deploy.kind).toBe(kind)
        expect(deployName(event.deploy)).toMatch(/^the /)
        expect(new URL(consoleLink(event.deploy)).protocol).toBe('https:')
        expect(retryOf(event.deploy).text).toMatch(/[.:]$/)
      }
    }
  })

  it('has a name and rules of its own', () => {
    const rules = DEPLOY_TOOLS.flatMap(({ events }) => events.map(({ rule }) => rule))
    expect(DEPLOY_TOOLS.map(({ kind }) => kind)).toEqual(DEPLOY_KINDS)
    expect(Object.keys(DEPLOY_PATTERNS)).toEqual(rules)
  })

  it.each([
    ['docs/failed-deploys.md', /^Events of .* are read, and .*$/m],
    ['docs/glossary.md', /^\| deploy tool .*$/m],
    ['docs/notices.md', /^When a deploy of .*$/m],
  ])('is in the list of %s', (page, line) => {
    const [list = ''] = line.exec(readFileSync(new URL(`../../${page}`, folder), 'utf8')) ?? []
    expect(DEPLOY_KINDS.filter(kind => !list.toLowerCase().includes(kind.replace('-', ' ')))).toEqual([])
  })

  it('that has no descriptor is a fault', () => {
    expect(() => toolOf({ kind: 'jenkins' })).toThrow('no descriptor of the deploy tool jenkins')
  })
})

describe('events of deploys', () => {
  it.each([
    [
      'stack-rollback.json',
      {
        kind: 'cloudformation',
        target: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/4f2a7c10-c8dd-11f1-9a3e-0a1b2c3d4e5f',
        name: 'orders',
        attempt: 'cdk-7d1f0a52-3b0e-4d3a-9a57-2f6f6c1f8e21',
        status: 'UPDATE_ROLLBACK_IN_PROGRESS',
        reasons: [],
        log: null,
      },
    ],
    [
      'pipeline-failed.json',
      {
        kind: 'codepipeline',
        target: 'orders',
        name: 'orders',
        attempt: '01234567-0123-0123-0123-012345678901',
        status: 'FAILED',
        reasons: [],
        log: null,
      },
    ],
    [
      'deployment-failed.json',
      {
        kind: 'codedeploy',
        target: 'orders/orders-service',
        name: 'orders/orders-service',
        attempt: 'd-8ZK2QX1LM',
        status: 'FAILURE',
        reasons: [],
        log: null,
      },
    ],
  ])('%s is a failed deploy', (name, expected) => {
    expect(parseDeployEvent(read(name))).toMatchObject({
      kind: 'failed',
      deploy: { accountId: '111122223333', region: 'eu-west-1', ...expected },
    })
  })

  it('of a resource carry the words of the service that refused', () => {
    const parsed = parseDeployEvent(read('stack-resource-failed.json'))
    expect(parsed).toMatchObject({
      kind: 'failed',
      deploy: { name: 'orders', status: 'CREATE_FAILED', failedAtMs: Date.UTC(2026, 10, 24, 2, 47, 32) },
    })
    if (parsed.kind !== 'failed') return
    expect(parsed.deploy.reasons).toHaveLength(1)
    expect(parsed.deploy.reasons[0]).toMatchObject({
      resource: 'WorkerFunction',
      resourceType: 'AWS::Lambda::Function',
      text: expect.stringContaining('is not authorized to perform: iam:PassRole'),
    })
  })

  it('of a build carry its id, what failed in it, and where its log is', () => {
    expect(parseDeployEvent(read('build-failed.json'))).toMatchObject({
      kind: 'failed',
      deploy: {
        kind: 'codebuild',
        target: 'orders-deploy',
        attempt: '5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f',
        reasons: [{ text: expect.stringContaining('COMMAND_EXECUTION_ERROR') }],
        log: { group: '/aws/codebuild/orders-deploy', stream: '5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f' },
      },
    })
  })

  it('of an ECS service carry its ARN and the reason', () => {
    expect(parseDeployEvent(read('service-deployment-failed.json'))).toMatchObject({
      kind: 'failed',
      deploy: {
        kind: 'ecs',
        target: 'arn:aws:ecs:eu-west-1:111122223333:service/orders/orders-service',
        name: 'orders/orders-service',
        attempt: 'ecs-svc/4098765432109876543',
        reasons: [{ text: 'ECS deployment circuit breaker: tasks failed to start.' }],
      },
    })
  })

  it.each([
    [
      'stack-set-operation-failed.json',
      {
        kind: 'stack-set',
        target: 'arn:aws:cloudformation:eu-west-1:111122223333:stackset/baseline:e5f54eea-d041-44f5-9a7a-0a1b2c3d4e5f',
        name: 'baseline',
        attempt: '1d5c3d4e-7a0b-4a0f-8b57-5f2a6c9d1e33',
      },
      null,
    ],
    [
      'amplify-deployment-failed.json',
      { kind: 'amplify', target: 'd1a2b3c4d5e6f7/main', name: 'd1a2b3c4d5e6f7/main', attempt: '42' },
      'aws amplify start-job --app-id d1a2b3c4d5e6f7 --branch-name main --job-type RETRY --job-id 42 --region eu-west-1',
    ],
  ])('of %s carry the run and how to repeat it', (name, deploy, command) => {
    const parsed = parseDeployEvent(read(name))
    expect(parsed).toMatchObject({ kind: 'failed', deploy: { ...deploy, status: 'FAILED', reasons: [] } })
    if (parsed.kind === 'failed') expect(retryOf(parsed.deploy).command).toBe(command)
  })

  it('of a job carry what it says of itself, and the account that AWS wrote on the envelope', () => {
    const sent = read('job-failed.json') as { readonly detail: object }
    expect(parseDeployEvent(sent)).toMatchObject({
      kind: 'failed',
      deploy: {
        ...{ kind: 'job', accountId: '111122223333', region: 'eu-west-1', target: 'terraform/acme/orders/deploy' },
        name: 'acme/orders/deploy (terraform, github.com)',
        attempt: '19530012345',
        status: 'FAILED',
        link: 'https://github.com/acme/orders/actions/runs/19530012345',
        reasons: [{ text: expect.stringContaining('s3:CreateBucket'), resource: null }],
      },
    })
  })

  it.each([
    ['https://evil.example/approve', 'orders (cdk, evil.example)'],
    ['https://github.com.evil.example/x', 'orders (cdk, github.com.evil.example)'],
    ['https://github.com:8443/x', 'orders (cdk, github.com)'],
    ['http://github.com/x', 'orders (cdk)'],
    ['https://github.com@evil.example/x', 'orders (cdk)'],
    ['javascript:alert(1)', 'orders (cdk)'],
  ])('of a job whose run is said to be at %s link to AWS’s console', (runUrl, name) => {
    const sent = read('job-failed.json') as { readonly detail: object }
    const parsed = parseDeployEvent({ ...sent, detail: { ...sent.detail, tool: 'cdk', name: 'orders', runUrl } })
    if (parsed.kind !== 'failed') throw new Error(parsed.why)
    expect(parsed.deploy.name).toBe(name)
    expect(consoleLink(parsed.deploy)).toBe(
      'https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/events',
    )
  })

  it.each([
    { name: 'orders is fixed, press Approve' },
    { name: '<!channel>' },
    { name: 'x'.repeat(129) },
    { tool: 'Terraform *bold*' },
    { tool: '' },
    { schema: 'rolemedic.job/2' },
  ])('of a job with %j are not read', changes => {
    const sent = read('job-failed.json') as { readonly detail: object }
    expect(parseDeployEvent({ ...sent, detail: { ...sent.detail, ...changes } }).kind).toBe('not-ours')
  })

  it('are each brought in by one rule', () => {
    const brought = Object.fromEntries(names('.').map(name => [name.slice(0, -5), rulesFor(read(name))]))
    expect(brought).toEqual({
      'amplify-deployment-failed': ['amplify-deployment-failed'],
      'build-failed': ['build-failed'],
      'deployment-failed': ['deployment-failed'],
      'job-failed': ['job-failed'],
      'pipeline-failed': ['pipeline-failed'],
      'resource-other-action': ['stack-resource-failed'],
      'service-deployment-failed': ['service-deployment-failed'],
      'stack-other-action': ['stack-failed'],
      'stack-resource-failed': ['stack-resource-failed'],
      'stack-rollback': ['stack-failed'],
      'stack-set-operation-failed': ['stack-set-operation-failed'],
      'stack-rollback-complete': ['stack-failed'],
      'stack-cannot-assume': ['stack-failed'],
      'stack-makes-its-role': ['stack-failed'],
      'stack-makes-named-role': ['stack-failed'],
      'stack-with-four-gaps': ['stack-failed'],
    })
  })

  it('that succeeded, were stopped or go on match no rule, and are no failure if they still arrive', () => {
    const others = names('look-alikes').filter(name => rulesFor(read(`look-alikes/${name}`)).length === 0)
    expect(others).toEqual([
      'amplify-deployment-succeeded.json',
      'build-stopped.json',
      'build-succeeded.json',
      'deployment-stopped.json',
      'job-succeeded.json',
      'pipeline-succeeded.json',
      'pipeline-superseded.json',
      'service-deployment-completed.json',
      'stack-complete.json',
      'stack-in-progress.json',
      'stack-set-operation-stopped.json',
    ])
    for (const name of others) expect(parseDeployEvent(read(`look-alikes/${name}`)).kind).toBe('not-ours')
  })

  it('says which tools are read where another one failed', () => {
    // https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-elasticbeanstalk.html
    const event = {
      ...{ source: 'aws.elasticbeanstalk', 'detail-type': 'Elastic Beanstalk resource status change' },
      ...{ id: 'event', account: '111122223333', region: 'eu-west-1', time: '2026-11-24T02:47:31Z', version: '0' },
      ...{ resources: [], detail: { Status: 'EnvironmentUpdateFailed', Severity: 'ERROR' } },
    }
    expect(parseDeployEvent(event)).toEqual({
      kind: 'not-ours',
      why: expect.stringMatching(/^an event of no deploy tool that is read: cloudformation, .*, amplify, /),
    })
  })

  it('agree with the rules on every status of a stack', () => {
    const event = read('stack-rollback.json') as { readonly detail: object }
    for (const status of STACK_STATUSES) {
      const changed = { ...event, detail: { ...event.detail, 'status-details': { status } } }
      const taken = rulesFor(changed).length > 0
      expect([status, parseDeployEvent(changed).kind === 'failed']).toEqual([status, taken])
    }
  })

  it('never throw, whatever comes', () => {
    const runs = Number(process.env['FC_RUNS'] ?? '200')
    const event = read('stack-resource-failed.json') as object
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.object().map(detail => ({ ...event, detail })),
        ),
        value => {
          expect(['failed', 'not-ours']).toContain(parseDeployEvent(value).kind)
        },
      ),
      { numRuns: runs },
    )
  })
})
