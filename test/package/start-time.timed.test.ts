/** How long the installed command takes to start, on a machine that does nothing else. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { quietMachine } from '../e2e/quiet-machine.ts'
import { install, nodes, pack, run } from './installed.ts'

const MESSAGE =
  'User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-task'

let file: string
beforeAll(() => {
  file = pack(mkdtempSync(join(tmpdir(), 'rolemedic-pack-'))).file
}, 300_000)

describe.each(nodes())('installed with %s', node => {
  let bin: string
  beforeAll(() => {
    bin = join(install(node, file).folder, 'bin/rolemedic.js')
  })

  it.each([
    ['version', ['version'], 80],
    ['diagnose', ['diagnose', '--message', MESSAGE], 250],
  ] as const)('starts %s in little more time than Node itself', async (_, args, limitMs) => {
    await quietMachine()
    // The least of several runs: other work on the machine only adds to it.
    const least = (words: readonly string[]) =>
      Math.min(
        ...Array.from({ length: 7 }, () => {
          const startMs = performance.now()
          run(node, words, { cwd: tmpdir() })
          return performance.now() - startMs
        }),
      )
    expect(least([bin, ...args]) - least(['-e', '0'])).toBeLessThan(limitMs)
  })
})
