/** `npm test`: the types beside format, lint and the tests that start nothing. What fails first ends the others. Arguments go to vitest. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const modules = join(import.meta.dirname, '../node_modules')
const failed = new AbortController()

/**
 * What Node keeps of the sources that it compiled. It only grows, as vitest gives a test file another address in each run.
 * https://nodejs.org/api/module.html#module-compile-cache
 */
const compiled = join(modules, '.cache/compiled')
const MAX_COMPILED = 20_000
if (existsSync(compiled) && readdirSync(compiled, { recursive: true }).length > MAX_COMPILED)
  rmSync(compiled, { recursive: true })

async function run(script: string, ...args: readonly string[]): Promise<void> {
  const env = { NODE_COMPILE_CACHE: compiled, ...process.env }
  const options = { stdio: 'inherit', signal: failed.signal, env } as const
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
