import { describe, expect, it } from 'vitest'
import type { FailedDeploy } from '../../../../functions/domain/deploy/deploy.ts'
import { ROUND_MS } from '../../../../functions/domain/deploy/deploy-round.ts'
import { consoleLink, deployName, parseDeployEvent } from '../../../../functions/domain/deploy/tools/tools.ts'

const event = (source: string, type: string, detail: object, more: object = {}) => ({
  ...{ source, 'detail-type': type, account: '111122223333', region: 'eu-west-1' },
  ...{ time: '2026-11-24T10:00:00Z', resources: [], detail },
  ...more,
})
const build = (information: object, more: object = {}) =>
  event(
    'aws.codebuild',
    'CodeBuild Build State Change',
    {
      ...{ 'build-status': 'FAILED', 'project-name': 'orders' },
      'build-id': 'arn:aws:codebuild:eu-west-1:111122223333:build/orders:b-1',
      'additional-information': information,
    },
    more,
  )
const pipeline = (attempt: number | null) =>
  event('aws.codepipeline', 'CodePipeline Pipeline Execution State Change', {
    ...{ pipeline: 'orders', 'execution-id': 'e-1', state: 'FAILED', 'pipeline-execution-attempt': attempt },
  })

describe('an event of a build', () => {
  it('names its log only whole', () => {
    const logOf = (logs: object) => parseDeployEvent(build({ logs, phases: [] }))
    expect(logOf({ 'group-name': '/aws/codebuild/orders', 'stream-name': 's' })).toMatchObject({
      deploy: { attempt: 'b-1', log: { group: '/aws/codebuild/orders', stream: 's' } },
    })
    expect(logOf({ 'group-name': '/aws/codebuild/orders' })).toMatchObject({ deploy: { log: null } })
    expect(logOf({ 'stream-name': 's' })).toMatchObject({ deploy: { log: null } })
  })

  it('is none of a deploy without a build, of another type, or without a time', () => {
    const notOurs = { kind: 'not-ours' }
    expect(parseDeployEvent(event('aws.codebuild', 'CodeBuild Build State Change', {}))).toMatchObject(notOurs)
    expect(parseDeployEvent(event('aws.codebuild', 'CodeBuild Build Phase Change', {}))).toMatchObject(notOurs)
    expect(parseDeployEvent(build({}, { time: 'yesterday' }))).toMatchObject(notOurs)
    expect(parseDeployEvent('text')).toMatchObject(notOurs)
  })
})

describe('an event of a pipeline', () => {
  it('says that it was tried again', () => {
    const retried = (attempt: number | null) => {
      const read = parseDeployEvent(pipeline(attempt)) as unknown as { readonly deploy: FailedDeploy }
      return read.deploy.retried
    }
    expect([retried(null), retried(1), retried(2)]).toEqual([undefined, undefined, 2])
  })
})

describe('a failed deploy', () => {
  const deploy: FailedDeploy = {
    ...{ kind: 'codebuild', accountId: '111122223333', region: 'eu-west-1', target: 'orders', name: 'orders' },
    ...{ attempt: 'b-1', status: 'FAILED', failedAtMs: 1_000, reasons: [], log: null },
  }

  it('is surely broken by a denial only where that one is its cause', () => {
    expect(deployName(deploy)).toBe('the build of orders')
  })

  it('is shown in the console of its partition', () => {
    expect(consoleLink(deploy)).toBe(
      'https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/111122223333/projects/orders/build/orders%3Ab-1/?region=eu-west-1',
    )
    expect(consoleLink({ ...deploy, region: 'cn-north-1' })).toMatch(/^https:\/\/cn-north-1\.console\.amazonaws\.cn\//)
    expect(consoleLink({ ...deploy, region: 'us-gov-west-1' })).toMatch(/^https:\/\/console\.amazonaws-us-gov\.com\//)
  })

  it('belongs to one round for a day', () => {
    expect(ROUND_MS).toBe(86_400_000)
  })
})
