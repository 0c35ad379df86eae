import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { needsOwnProcess, projectOf, testFiles } from './projects.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
/** The search with fresh seeds is intended here. */
const SEARCH = 'test/laws.ts'
const helpersAndTests = (): readonly string[] =>
  globSync('test/**/*.ts', { cwd: root })
    .map(file => file.replaceAll('\\', '/'))
    .filter(file => file !== 'test/projects.test.ts')

describe('what makes a test slow', () => {
  it.each([
    ["import { spawn } from 'node:child_process'\n", true],
    ["import { createServer } from 'node:http'\n", true],
    ["import { setTimeout as sleep } from 'node:timers/promises'\n", true],
    ["import { App } from 'aws-cdk-lib'\n", true],
    ["import type { Metric } from 'aws-cdk-lib/aws-cloudwatch'\n", false],
    ["import { join } from 'node:path'\n\nconst app = `\nimport { App } from 'aws-cdk-lib'\n`\n", false],
    ['await new Promise(done => setTimeout(done, 5))\n', true],
    ['vi.useFakeTimers()\nawait new Promise(done => setTimeout(done, 5))\n', false],
    ["vi.mock('./a.ts')\n", true],
    ["vi.stubEnv('AWS_REGION', 'eu-west-1')\n", true],
    ["process.env['AWS_REGION'] = 'eu-west-1'\n", true],
    ["expect(process.env['AWS_REGION']).toBe('eu-west-1')\n", false],
  ])('%j: %s', (text, expected) => {
    expect(needsOwnProcess(text)).toBe(expected)
  })

  it('counts what the helpers of a test do', () => {
    expect(projectOf('test/cli/ci/ci.test.ts')).toBe('slow')
    expect(projectOf('test/infra/stacks.test.ts')).toBe('slow')
    expect(projectOf('test/attacks/permissions.test.ts')).toBe('slow')
  })
})

describe('the projects', () => {
  it('are not named by a list: every test file is in one, and each has some', () => {
    const counts = Map.groupBy(testFiles(), projectOf)
    expect([...counts.keys()].sort()).toEqual(['e2e', 'package', 'pure', 'slow', 'wired'])
  })

  it('have a seed in the tree', () => {
    const config = read('vitest.config.ts')
    expect(config.split('name: ')).toHaveLength(config.split(/\bsetupFiles[,:]|\.\.\.shared/).length - 1)
    expect(read('test/seed.ts')).toMatch(/^const SEED = [\d_]+$/m)
  })

  it('draw nothing that the seed does not repeat', () => {
    const random = helpersAndTests().filter(file => /\bMath\.random\(|\brandomInt\(/.test(read(file)))
    expect(random).toEqual([SEARCH])
  })
})
