/** The threat model of the tree: its rows, the files of their tests, and the controls that are taken out. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT } from '../architecture/rooms.ts'
import { type AttackTests, attackTests } from './attack-tests.ts'
import { CONTROLS } from './controls.ts'
import type { ThreatModel } from './page.ts'
import { ROOTS } from './roots.ts'
import { SECTIONS } from './threats.ts'

export function attackTestsOfTree(): AttackTests {
  const files = globSync('test/**/*.test.ts', { cwd: PROJECT }).sort()
  return attackTests(
    new Map(files.map(file => [file.replaceAll('\\', '/'), readFileSync(join(PROJECT, file), 'utf8')])),
  )
}

export function threatModel(): ThreatModel {
  const tests = new Map([...attackTestsOfTree().files].map(([id, [file = '']]) => [id, file] as const))
  const controlled = new Set<string>(CONTROLS.map(({ attack }) => attack))
  return { sections: SECTIONS, roots: ROOTS, tests, controlled }
}
