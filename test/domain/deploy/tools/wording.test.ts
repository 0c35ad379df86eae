import { describe, expect, it } from 'vitest'
import type { FailedDeploy } from '../../../../functions/domain/deploy/deploy.ts'
import { consoleLink, deployName, explanationOf, retryOf } from '../../../../functions/domain/deploy/tools/tools.ts'

const STACK: FailedDeploy = {
  kind: 'cloudformation',
  accountId: '111122223333',
  region: 'eu-west-1',
  target: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/4f2a',
  name: 'orders',
  attempt: 'token',
  status: 'UPDATE_ROLLBACK_COMPLETE',
  failedAtMs: 0,
  reasons: [],
  log: null,
}
const SERVICE = 'arn:aws:ecs:eu-west-1:111122223333:service/orders/api'

describe('what a failed deploy is called', () => {
  it.each([
    ['cloudformation', 'orders', 'the deploy of stack orders'],
    ['codepipeline', 'orders', 'the run of pipeline orders'],
    ['codebuild', 'orders-deploy', 'the build of orders-deploy'],
    ['codedeploy', 'orders/orders-service', 'the deployment to orders/orders-service'],
    ['ecs', 'orders/api', 'the deployment of ECS service orders/api'],
  ] as const)('%s', (kind, name, phrase) => {
    expect(deployName({ ...STACK, kind, name })).toBe(phrase)
  })
})

describe('the way to try a deploy again', () => {
  it.each<[string, Partial<FailedDeploy>, string | null]>([
    ['a stack that is as before', {}, null],
    [
      'a stack that must be deleted first',
      { status: 'ROLLBACK_COMPLETE' },
      `aws cloudformation delete-stack --stack-name ${STACK.target} --region eu-west-1`,
    ],
    [
      'a stack that hangs in its rollback',
      { status: 'UPDATE_ROLLBACK_FAILED' },
      `aws cloudformation continue-update-rollback --stack-name ${STACK.target} --region eu-west-1`,
    ],
    [
      'a pipeline',
      { kind: 'codepipeline', target: 'orders' },
      'aws codepipeline start-pipeline-execution --name orders --region eu-west-1',
    ],
    [
      'a build',
      { kind: 'codebuild', target: 'orders', attempt: '5f1c' },
      'aws codebuild retry-build --id orders:5f1c --region eu-west-1',
    ],
    ['a deployment', { kind: 'codedeploy', target: 'orders/blue', attempt: 'd-1' }, null],
    [
      'a service',
      { kind: 'ecs', target: SERVICE },
      'aws ecs update-service --cluster orders --service api --force-new-deployment --region eu-west-1',
    ],
  ])('is a command for %s, or words', (_, changes, command) => {
    const retry = retryOf({ ...STACK, ...changes })
    expect(retry.command).toBe(command)
    expect(retry.text).not.toBe('')
  })

  it('says what is true of a first rollback that goes on, of a deletion, and of a service that ECS rolled back', () => {
    expect(retryOf({ ...STACK, status: 'ROLLBACK_IN_PROGRESS' })).toEqual({
      text: 'Once the rollback is over, delete the stack, then deploy it again.',
      command: null,
    })
    expect(retryOf({ ...STACK, status: 'DELETE_FAILED' }).text).not.toMatch(/deploy/i)
    expect(retryOf({ ...STACK, kind: 'ecs', target: SERVICE }).text).toContain('--task-definition')
  })

  it('deletes the stack that failed and never another one that has its name by now', () => {
    expect(retryOf({ ...STACK, status: 'ROLLBACK_COMPLETE' }).command).toContain(`--stack-name ${STACK.target} `)
  })

  it.each(['orders; rm -rf /', '$(id)', '--force', 'a b', "x'y", ''])('is no command for the name "%s"', name => {
    expect(retryOf({ ...STACK, kind: 'codepipeline', name, target: name })).toEqual({
      text: 'Release the change again.',
      command: null,
    })
    expect(retryOf({ ...STACK, status: 'ROLLBACK_COMPLETE', target: name }).command).toBe(null)
  })
})

describe('the command that reads a deploy', () => {
  it.each<[string, Partial<FailedDeploy>, string | null]>([
    ['a stack', {}, '--stack orders'],
    ['a stack that is called as an option', { name: '--profile' }, null],
    ['a stack whose name ends the command', { name: '--x;id' }, null],
    ['an execution', { kind: 'codepipeline', target: 'orders', attempt: 'e-1' }, '--pipeline orders --execution e-1'],
    ['a pipeline without an execution', { kind: 'codepipeline', target: 'orders', attempt: null }, '--pipeline orders'],
    ['an execution that is called as an option', { kind: 'codepipeline', target: 'orders', attempt: '--live' }, null],
    ['a build', { kind: 'codebuild', target: 'orders', attempt: '5f1c' }, '--build orders:5f1c'],
    ['a build that is called as an option', { kind: 'codebuild', target: '--x', attempt: '5f1c' }, null],
    ['a deployment', { kind: 'codedeploy', attempt: 'd-1' }, '--deployment d-1'],
    ['a deployment that is called as an option', { kind: 'codedeploy', attempt: '--json' }, null],
    ['a service', { kind: 'ecs', target: SERVICE }, '--service orders/api'],
  ])('takes no value of an event for an option: %s', (_, changes, options) => {
    expect(explanationOf({ ...STACK, ...changes })).toBe(
      options === null ? null : `rolemedic explain-deploy --live ${options} --region eu-west-1`,
    )
  })
})

describe('the link into the console', () => {
  it('is of the partition of its Region', () => {
    const home = (region: string) =>
      consoleLink({ ...STACK, region })
        .split('/')
        .slice(0, 3)
        .join('/')
    expect(home('eu-west-1')).toBe('https://eu-west-1.console.aws.amazon.com')
    expect(home('cn-north-1')).toBe('https://cn-north-1.console.amazonaws.cn')
    expect(home('us-gov-west-1')).toBe('https://console.amazonaws-us-gov.com')
    expect(home('eusc-de-east-1')).toBe('https://console.amazonaws-eusc.eu')
  })

  it('holds names as names, whatever they are', () => {
    const link = consoleLink({ ...STACK, kind: 'codepipeline', target: '../../x?y#z' })
    expect(link).toBe(
      'https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/..%2F..%2Fx%3Fy%23z/view?region=eu-west-1',
    )
  })
})
