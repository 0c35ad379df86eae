/** `run` of `diagnose --json`, by the records of a trail. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import type { DiagnosisOutput } from '../../cli/outputs/diagnosis.ts'
import { type Beginner, type Chain, forged, honest } from '../property/chains.ts'
import { memoryIo } from './memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'run-'))
afterAll(() => rmSync(folder, { recursive: true }))

const one = <T>(all: fc.Arbitrary<T>): T => fc.sample(all, 1)[0] as T
const begunBy = (beginner: Beginner, hops: number): Chain =>
  one(honest(3).filter(chain => chain.beginner === beginner && chain.issued.length === hops))

async function output({ denied, records }: Pick<Chain, 'denied' | 'records'>, ...args: string[]): Promise<string> {
  const [input, trail] = [join(folder, 'denied.json'), join(folder, 'trail.json')]
  writeFileSync(input, JSON.stringify(denied))
  writeFileSync(trail, JSON.stringify({ Records: [...records, denied] }))
  const io = memoryIo()
  expect(await dispatch(['diagnose', input, '--trail', trail, ...args], io)).toBe(0)
  return io.captured.out
}
const runIn = async (chain: Pick<Chain, 'denied' | 'records'>) =>
  (JSON.parse(await output(chain, '--json')) as DiagnosisOutput).run

describe('diagnose --trail', () => {
  it('names the build behind two roles, and what of it is proved', async () => {
    const chain = begunBy('build-token', 2)
    const run = await runIn(chain)
    expect(run).toMatchObject({
      ...{ tool: 'github-actions', repository: `acme/${chain.name}`, ref: 'refs/heads/main' },
      ...{ person: null, chain: chain.issued },
    })
    expect(run?.claimed).not.toContain('repository')
    expect(await output(chain)).toContain(`- GitHub Actions, of acme/${chain.name}, main (proved)`)
  })

  it('names the person behind three roles', async () => {
    const chain = begunBy('user', 3)
    expect((await runIn(chain))?.person).toEqual({ name: chain.name, kind: 'user', proved: true })
    expect(await output(chain)).toContain(`by ${chain.name} (proved)`)
  })

  it('names nobody where a record does not fit', async () => {
    expect((await runIn(one(forged)))?.person ?? null).toBe(null)
  })
})
