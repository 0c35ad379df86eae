import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { judgeFile } from './judged-trust.ts'

const FOLDER = join(import.meta.dirname, 'sources')

describe('the public templates and plans', () => {
  it('have no role that its service could not assume: their authors deployed them', async () => {
    const denied: string[] = []
    let allowed = 0
    for (const file of readdirSync(FOLDER)) {
      for (const { need, by, answer } of await judgeFile(join(FOLDER, file))) {
        if (answer === 'allowed') allowed += 1
        if (answer === 'denied') denied.push(`${file} ${need.where.logicalId} ${by.name ?? by.arn}`)
      }
    }
    expect(denied).toEqual([])
    expect(allowed).toBeGreaterThan(75)
  })
})
