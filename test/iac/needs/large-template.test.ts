import { expect, it } from 'vitest'
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
  const start = process.cpuUsage()
  const { needs } = needsIn(text)
  const { user, system } = process.cpuUsage(start)
  expect(needs).toHaveLength(500)
  expect((user + system) / 1_000).toBeLessThan(1_000)
})
