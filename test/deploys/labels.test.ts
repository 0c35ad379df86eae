import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { assess, KNOWN_MISSES, LABELS } from '../../bench/deploys/labelled-needs.ts'

describe('the labelled templates and plans', () => {
  it('are at least sixty, and each has its labels', () => {
    const files = readdirSync(new URL('sources', import.meta.url)).sort()
    expect(files.length).toBeGreaterThanOrEqual(60)
    expect(LABELS.map(({ file }) => file).sort()).toEqual(files)
  })

  it('are read as people have labelled them, except for what is known', async () => {
    const { missed, falseAlarms } = await assess()
    expect(missed).toEqual(Object.keys(KNOWN_MISSES))
    expect(falseAlarms).toHaveLength(Object.keys(KNOWN_MISSES).length)
  })
})
