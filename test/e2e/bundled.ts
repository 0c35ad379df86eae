/** The functions as they are deployed, each bundled once for all files of a run. */
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject } from 'vitest'
import { BUNDLE_FILE, bundle } from '../../infra/bundle.ts'
import type { FunctionName } from '../../infra/functions.ts'

/** The file of its handler, with the configuration of the tree beside it. Others read it too: who changes it bundles its own. */
export async function bundledFile(name: FunctionName): Promise<string> {
  const home = join(inject('bundles'), name)
  const isFirst = await mkdir(`${home}-begun`).then(
    () => true,
    () => false,
  )
  if (isFirst) {
    try {
      await bundle(name, `${home}-unfinished`)
      await rename(`${home}-unfinished`, home)
    } catch (error) {
      await mkdir(`${home}-failed`)
      throw error
    }
  }
  while (!existsSync(home)) {
    if (existsSync(`${home}-failed`)) throw new Error(`${name} was not bundled: the first test that uses it says why`)
    await sleep(50)
  }
  return join(home, BUNDLE_FILE)
}
