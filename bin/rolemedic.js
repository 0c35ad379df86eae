#!/usr/bin/env node
// Node runs the TypeScript sources directly. An older Node starts the Node 24 that is among the dependencies.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
const bundledNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))

if (process.features.typescript) {
  await import(cli)
} else if (existsSync(bundledNode)) {
  process.exitCode = spawnSync(bundledNode, [cli, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 2
} else {
  console.error(
    `rolemedic needs Node 24 (this is ${process.version}): install it, or run npm ci without --omit=optional`,
  )
  process.exitCode = 2
}
