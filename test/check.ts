/** `npm test`: the types beside format, lint and the tests that start nothing. What fails first ends the others. Arguments go to vitest. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const modules = join(import.meta.dirname, '../node_modules')
const failed = new AbortController()

async function run(script: string, ...args: readonly string[]): Promise<void> {
  const options = { stdio: 'inherit', signal: failed.signal } as const
  const [code] = await once(spawn(process.execPath, [join(modules, script), ...args], options), 'close')
  if (code !== 0) throw new Error(`${script} ended with ${code}`)
}

async function formatThenTests(): Promise<void> {
  await run('@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.')
  await run('vitest/vitest.mjs', 'run', '--project', 'pure', '--project', 'wired', ...process.argv.slice(2))
}

/** Each further checker checks what files share once more, and the tests need the other core. */
const CHECKERS = '1'

try {
  await Promise.all([run('typescript/bin/tsc', '--checkers', CHECKERS), formatThenTests()])
} catch {
  // Each has printed what is wrong.
  failed.abort()
  process.exitCode = 1
}
