/** What each sample event of a failed deploy says by itself: most say that it failed, and not why. */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dispatch } from '../../../cli/dispatch.ts'
import type { ExplainDeployOutput } from '../../../cli/outputs/explain-deploy.ts'
import { memoryIo } from '../memory-io.ts'

const deploys = resolve(import.meta.dirname, '../../../events/deploys')
const filesIn = (folder: string) => readdirSync(join(deploys, folder)).filter(name => name.endsWith('.json'))

async function run(file: string, ...options: readonly string[]) {
  const io = memoryIo({ nowMs: Date.parse('2026-11-29T09:01:00Z') })
  const code = await dispatch(['explain-deploy', join(deploys, file), ...options], io)
  return { code, ...io.captured }
}

async function explained(file: string, ...options: readonly string[]) {
  const { code, out, err } = await run(file, ...options, '--json')
  if (out === '') return { code, err }
  const { causes, otherReason, hints } = JSON.parse(out) as ExplainDeployOutput
  return { code, causes: causes.map(({ action }) => action), otherReason, hints }
}

const readStack = (id: string) =>
  `aws cloudformation describe-stack-events --stack-name arn:aws:cloudformation:eu-west-1:111122223333:stack/${id} --region eu-west-1 > stack-events.json`
const live = (options: string) => `rolemedic explain-deploy --live ${options} --region eu-west-1`

type Untold = { readonly words: string; readonly commands: readonly (string | null)[] }
const ofStack = (words: string, id: string): Untold => ({
  words,
  commands: [live(`--stack ${id.split('/')[0]}`), readStack(id)],
})
const ORDERS = 'orders/4f2a7c10-c8dd-11f1-9a3e-0a1b2c3d4e5f'

/** The event's own words, and the commands that read why. Null: a step without a command. */
const UNTOLD: { readonly [file: string]: Untold } = {
  'amplify-deployment-failed.json': {
    words: 'FAILED',
    commands: [
      'aws amplify get-job --app-id d1a2b3c4d5e6f7 --branch-name main --job-id 42 --region eu-west-1 > job.json',
    ],
  },
  'build-failed.json': {
    words:
      'COMMAND_EXECUTION_ERROR: Error while executing command: aws ecs register-task-definition --cli-input-json file://task-definition.json. Reason: exit status 254',
    commands: [
      live('--build orders-deploy:5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'),
      "aws logs get-log-events --log-group-name /aws/codebuild/orders-deploy --log-stream-name 5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f --query 'events[].[message]' --output text --region eu-west-1 > build.log",
    ],
  },
  'deployment-failed.json': {
    words: 'FAILURE',
    commands: [
      live('--deployment d-8ZK2QX1LM'),
      'aws deploy get-deployment --deployment-id d-8ZK2QX1LM --region eu-west-1 > deployment.json',
    ],
  },
  'pipeline-failed.json': {
    words: 'FAILED',
    commands: [live('--pipeline orders --execution 01234567-0123-0123-0123-012345678901'), null],
  },
  'service-deployment-failed.json': {
    words: 'ECS deployment circuit breaker: tasks failed to start.',
    commands: [
      live('--service orders/orders-service'),
      'aws ecs describe-services --cluster orders --services orders-service --region eu-west-1 > service.json',
    ],
  },
  'stack-cannot-assume.json': ofStack(
    'ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [SendFunction]. Rollback requested by user.',
    'mailer/7c1d5e20-c8dd-11f1-9a3e-0a1b2c3d4e5f',
  ),
  'stack-makes-its-role.json': ofStack('ROLLBACK_COMPLETE', 'billing/2d6f4a10-c8de-11f1-9a3e-0a1b2c3d4e5f'),
  'stack-makes-named-role.json': ofStack('ROLLBACK_COMPLETE', 'reports/6f8a9b20-c8de-11f1-9a3e-0a1b2c3d4e5f'),
  'stack-other-action.json': ofStack(
    'ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [AssetsPolicy]. Rollback requested by user.',
    'assets/9a7c2e40-c8de-11f1-9a3e-0a1b2c3d4e5f',
  ),
  'stack-rollback-complete.json': ofStack('UPDATE_ROLLBACK_COMPLETE', ORDERS),
  'stack-rollback.json': ofStack(
    'UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [WorkerFunction].',
    ORDERS,
  ),
  'stack-set-operation-failed.json': {
    words: 'FAILED',
    commands: [
      'aws cloudformation list-stack-set-operation-results --stack-set-name baseline:e5f54eea-d041-44f5-9a7a-0a1b2c3d4e5f --operation-id 1d5c3d4e-7a0b-4a0f-8b57-5f2a6c9d1e33 --region eu-west-1 > results.json',
    ],
  },
  'stack-with-four-gaps.json': ofStack('ROLLBACK_COMPLETE', 'shop/7b1c9d20-c8dd-11f1-b6a4-0a1b2c3d4e5f'),
  'look-alikes/stack-rollback-exists.json': ofStack(
    'ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Bucket]. Rollback requested by user.',
    'assets/70b1a9d0-c8dd-11f1-9a3e-0a1b2c3d4e5f',
  ),
  'look-alikes/resource-cancelled.json': ofStack('CREATE_FAILED: Resource creation cancelled', ORDERS),
}

/** The denied action. */
const NAMED: { readonly [file: string]: string } = {
  'job-failed.json': 's3:CreateBucket',
  'resource-other-action.json': 'iam:PutRolePolicy',
  'stack-resource-failed.json': 'iam:PassRole',
}

/** It failed for another reason, which the event has. */
const OTHERWISE: { readonly [file: string]: string } = {
  'look-alikes/resource-exists.json': 'orders-assets already exists',
  'look-alikes/stack-cancelled.json': 'UPDATE_ROLLBACK_IN_PROGRESS: User Initiated',
}

const files = [...filesIn(''), ...filesIn('look-alikes').map(name => `look-alikes/${name}`)]

describe('a sample event', () => {
  it.each(Object.entries(UNTOLD))('says only that it failed, and what to give next: %s', async (file, expected) => {
    const { code, causes, otherReason, hints = [] } = await explained(file)
    expect({ code, causes, otherReason }).toEqual({ code: 1, causes: [], otherReason: expected.words })
    expect(hints.map(({ subject, says, line }) => ({ subject, says, line }))).toEqual([
      { subject: 'other', says: 'The event says that it failed, and not why.', line: null },
    ])
    expect(hints.flatMap(({ next }) => next.map(({ command }) => command))).toEqual(expected.commands)
  })

  it.each(Object.entries(NAMED))('names what was denied: %s', async (file, action) => {
    expect(await explained(file)).toEqual({ code: 0, causes: [action], otherReason: null, hints: [] })
  })

  it.each(Object.entries(OTHERWISE))('gives its own reason, and nothing more to give: %s', async (file, words) => {
    const answer = await explained(file)
    expect(answer).toEqual({ code: 1, causes: [], otherReason: expect.stringContaining(words), hints: [] })
  })

  const others = files.filter(file => ![UNTOLD, NAMED, OTHERWISE].some(cases => Object.hasOwn(cases, file)))
  it.each(others)('reports no failure: %s', async file => {
    expect(await explained(file)).toEqual({
      code: 3,
      err: ['rolemedic: it did not fail: nothing in the input reports a failure'],
    })
  })

  it.each(['text', 'markdown'])('says so to people as %s, too', async format => {
    const { out } = await run('stack-rollback.json', '--format', format)
    expect(out).toContain('Why is not known. It says only:')
    expect(out).not.toContain('No permission explains it')
    expect(out).toContain(live('--stack orders'))
  })

  it('is explained by the file that it asks for', async () => {
    const results = join(deploys, 'stack-set-results/baseline.json')
    expect(await explained('stack-set-operation-failed.json', '--log', results)).toMatchObject({
      ...{ code: 0, causes: ['cloudtrail:CreateTrail'], otherReason: null, hints: [] },
    })
    const job = join(deploys, 'amplify-jobs/d1a2b3c4d5e6f7-42.json')
    expect(await explained('amplify-deployment-failed.json', '--log', job)).toMatchObject({
      ...{ code: 0, causes: ['ssm:GetParametersByPath'], otherReason: null, hints: [] },
    })
  })
})
