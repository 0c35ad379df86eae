import { expect, it } from 'vitest'
import { cpuMs } from '../../cpu-time.ts'
import { needsIn } from './needs-of.ts'

it('a template of 500 resources takes under a second of processor time', () => {
  const resources = Array.from({ length: 500 }, (_, index) => [
    `Fn${index}`,
    {
      Type: 'AWS::Lambda::Function',
      Properties: { Role: { 'Fn::Sub': `arn:aws:iam::111122223333:role/app/fn-${index}` }, Code: { ZipFile: 'x' } },
    },
  ])
  const text = JSON.stringify({ Resources: Object.fromEntries(resources) })
  const startMs = cpuMs()
  const { needs } = needsIn(text)
  const tookMs = cpuMs() - startMs
  expect(needs).toHaveLength(500)
  expect(tookMs).toBeLessThan(1_000)
})
