/** Which events of a pipeline and of its builds are one attempt. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeployAttempt, FailedDeploy } from '../../../functions/domain/deploy/deploy.ts'
import { attemptsOf, withAttempt } from '../../../functions/domain/deploy/deploy-attempts.ts'
import { deployKey } from '../../../functions/domain/deploy/deploy-round.ts'

const NOON = Date.UTC(2026, 10, 24, 12)
const MINUTE = 60_000

const PLACE = { accountId: '111122223333', region: 'eu-west-1', status: 'FAILED', reasons: [], log: null } as const

/** `build`: "<project>:<id>". */
const build = (id: string, minutes = 0): FailedDeploy => ({
  ...PLACE,
  ...{ kind: 'codebuild', target: id.split(':')[0] ?? '', name: 'x', attempt: id.split(':')[1] ?? null },
  failedAtMs: NOON + minutes * MINUTE,
  partOf: { kind: 'codepipeline', target: 'orders' },
  builds: [id],
})
const pipeline = (attempt: string, builds: readonly string[] | null, minutes = 1, retried?: number): FailedDeploy => ({
  ...PLACE,
  ...{ kind: 'codepipeline', target: 'orders', name: 'orders', attempt },
  failedAtMs: NOON + minutes * MINUTE,
  ...(builds === null ? {} : { builds }),
  ...(retried === undefined ? {} : { retried }),
})
const after = (...deploys: readonly FailedDeploy[]) =>
  deploys.reduce<readonly DeployAttempt[]>((attempts, deploy) => withAttempt(attempts, deploy), [])
const ids = (...deploys: readonly FailedDeploy[]) => after(...deploys).map(({ id, builds = [] }) => [id, ...builds])

it('a build has the key of its pipeline', () => {
  expect(deployKey(build('web:1'))).toBe(deployKey(pipeline('e-1', [])))
  const { partOf: _, ...alone } = build('web:1')
  expect(deployKey(alone)).not.toBe(deployKey(build('web:1')))
})

describe('one attempt', () => {
  it.each<[string, readonly FailedDeploy[]]>([
    ['a build, then its pipeline', [build('web:1'), pipeline('e-1', ['web:1'])]],
    ['its pipeline, then the build', [pipeline('e-1', ['web:1']), build('web:1')]],
    ['hours before a pipeline that waits for others', [build('web:1'), pipeline('e-1', ['web:1'], 300)]],
  ])('is %s', (_, deploys) => {
    expect(ids(...deploys)).toEqual([['e-1', 'web:1']])
  })

  it('holds what two builds at once report, also those of one project', () => {
    expect(ids(build('web:1'), build('api:2'), pipeline('e-1', ['web:1', 'api:2']))).toEqual([
      ['e-1', 'web:1', 'api:2'],
    ])
    expect(ids(build('web:1'), build('web:2'), pipeline('e-1', ['web:1', 'web:2']))).toEqual([
      ['e-1', 'web:1', 'web:2'],
    ])
  })

  it('is a build and a pipeline whose actions nobody could read, where they are near', () => {
    expect(ids(build('web:1'), pipeline('e-1', null))).toEqual([['e-1', 'web:1']])
    expect(ids(pipeline('e-1', null), build('web:1'))).toEqual([['e-1', 'web:1']])
    expect(ids(build('web:1'), pipeline('e-1', null, 31))).toHaveLength(2)
    expect(ids(pipeline('e-1', null), build('web:1', 2))).toHaveLength(2)
  })
})

describe('another attempt', () => {
  it.each<[string, readonly FailedDeploy[]]>([
    ['a second build of the same project', [build('web:1'), build('web:2', 5)]],
    ['the next run', [build('web:1'), pipeline('e-1', ['web:1']), build('web:2', 5), pipeline('e-2', ['web:2'], 6)]],
    ['a retried stage', [pipeline('e-1', ['web:1']), build('web:2', 5), pipeline('e-1', ['web:2'], 6, 2)]],
    ['a build of another project an hour later', [build('web:1'), build('api:1', 61)]],
    ['a pipeline that failed by other builds', [build('web:1'), pipeline('e-2', ['web:2'])]],
  ])('is %s', (_, deploys) => {
    expect(ids(...deploys)).toHaveLength(2)
  })
})

it('is not counted again, whatever comes twice or late', () => {
  const runs = [build('web:1'), build('api:1'), pipeline('e-1', ['web:1', 'api:1'])]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...runs), { maxLength: 8 }), more => {
      const attempts = after(...runs, ...more)
      expect(attempts).toEqual(after(...runs))
      for (const one of more) expect(attemptsOf(attempts, one)).toHaveLength(1)
    }),
  )
  fc.assert(
    fc.property(fc.shuffledSubarray(runs, { minLength: 3 }), order => {
      expect(after(...order).map(({ id, builds = [] }) => [id, builds.toSorted()])).toEqual([
        ['e-1', ['api:1', 'web:1']],
      ])
    }),
  )
})
