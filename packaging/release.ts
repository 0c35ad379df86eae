/**
 * `npm run release -- --dry-run` writes everything that a release contains into `release/`, without publishing it. On a tag,
 * the workflow runs it without the option and attaches the files of the folder.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { codeFiles } from '../infra/released/templates.ts'
import { ROOT } from './bundle.ts'
import { changesOf } from './changelog.ts'
import { writeDeployment } from './deployment.ts'
import type { BundledPackage } from './notices.ts'
import { writePackage } from './package-files.ts'
import { softwareBill } from './software-bill.ts'
import { zip } from './zip.ts'

const HELP = `npm run release -- --dry-run    writes everything that a release holds to release/, and prints it
npm run release -- --tag vX.Y.Z  the same for a tag, which must be the version of package.json and of the changelog
`

const OUT = join(ROOT, 'release')
const manifest = z.object({ name: z.string(), version: z.string().regex(/^\d+\.\d+\.\d+$/) })

/** In the format of `sha256sum --check`. */
const checksum = (name: string): string => {
  const bytes = readFileSync(join(OUT, name))
  return `${createHash('sha256').update(bytes).digest('hex')}  ${name}`
}

const { values } = parseArgs({
  options: { 'dry-run': { type: 'boolean' }, tag: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
})
if (values.help === true || (values['dry-run'] !== true && values.tag === undefined)) {
  console.log(HELP)
  process.exitCode = values.help === true ? 0 : 2
} else {
  await release(values.tag ?? null)
}

async function release(tag: string | null): Promise<void> {
  const { name, version } = manifest.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))
  if (tag !== null && tag !== `v${version}`) throw new Error(`the tag is ${tag}, and package.json has ${version}`)
  const changes = changesOf(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), version, tag === null)
  rmSync(OUT, { recursive: true, force: true })
  mkdirSync(OUT)
  const packages = await writePackage()
  npm(['pack', '--loglevel=error', '--pack-destination', OUT])
  const bill = npm(['sbom', '--sbom-format=cyclonedx'])
  writeFileSync(join(OUT, `rolemedic-${version}.cdx.json`), softwareBill(bill, packages, { name, version }))
  const deployed = await deployment(version)
  writeFileSync(
    join(OUT, `rolemedic-deploy-${version}.cdx.json`),
    softwareBill(bill, deployed, { name: 'rolemedic-deploy', version }),
  )
  const names = readdirSync(OUT).sort()
  writeFileSync(join(OUT, 'SHA256SUMS'), `${names.map(checksum).join('\n')}\n`)
  writeFileSync(join(OUT, 'NOTES.md'), changes)
  console.log(`rolemedic ${version}${tag === null ? ' (dry run: nothing is tagged, published or uploaded)' : ''}\n`)
  for (const name of readdirSync(OUT).sort())
    console.log(`  ${name.padEnd(34)} ${String(Math.ceil(statSync(join(OUT, name)).size / 1_000)).padStart(6)} KB`)
  console.log(`\n${changes}`)
}

/** The npm next to the running Node, independent of PATH. */
function npm(args: readonly string[]): string {
  const given = process.env['npm_execpath']
  const places = ['../lib/node_modules/npm/bin/npm-cli.js', 'node_modules/npm/bin/npm-cli.js']
  const beside = places.map(place => resolve(dirname(process.execPath), place)).find(existsSync)
  const cli = given?.endsWith('npm-cli.js') ? given : beside
  if (cli === undefined) throw new Error('start this with npm run release')
  return execFileSync(process.execPath, [cli, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/**
 * What a deployment without the CDK needs: templates with the settings as parameters, one zip per function, and the Terraform
 * module for exactly these.
 */
async function deployment(version: string): Promise<readonly BundledPackage[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-deployment-'))
  try {
    const packages = await writeDeployment(folder, version)
    for (const [, file] of codeFiles(version)) copyFileSync(join(folder, 'functions', file), join(OUT, file))
    writeFileSync(join(OUT, `rolemedic-deploy-${version}.zip`), zip(folder))
    return packages
  } finally {
    rmSync(folder, { recursive: true })
  }
}
