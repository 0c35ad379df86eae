#!/usr/bin/env node
// The package runs its bundle. A checkout runs the TypeScript sources directly; an older Node starts the Node 24 that is
// among the dependencies.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const pathOf = relative => fileURLToPath(new URL(relative, import.meta.url))
const sources = new URL('../cli/main.ts', import.meta.url)
const bundle = new URL('../dist/rolemedic.js', import.meta.url)
const newerNode = pathOf('../node_modules/.bin/node')
// Compiling the sources is half of the time of a start.
const compiled = pathOf('../node_modules/.cache/rolemedic')

if (!existsSync(sources)) {
  await import(bundle)
} else if (process.features.typescript) {
  module.enableCompileCache(compiled)
  await import(sources)
} else if (existsSync(newerNode)) {
  const { spawnSync } = await import('node:child_process')
  process.exitCode =
    spawnSync(newerNode, [fileURLToPath(sources), ...process.argv.slice(2)], {
      stdio: 'inherit',
      env: { NODE_COMPILE_CACHE: compiled, ...process.env },
    }).status ?? 2
} else if (existsSync(bundle)) {
  await import(bundle)
} else {
  console.error(
    `rolemedic needs Node 24 to run its sources (this is ${process.version}): install it, or run npm ci and npm run build`,
  )
  process.exitCode = 2
}
