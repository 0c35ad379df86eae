/** `patch-code` and `publish` on large repositories: processor time and memory of a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { bundleEntries } from '../../packaging/bundle.ts'
import { round } from '../figures.ts'
import { measuredProcess } from '../measured-process.ts'
import { atMost, exactly, type Report } from '../report.ts'
import { REPOSITORIES, type RepositoryName, ROLE, writeRepository } from './generated-repository.ts'

const FILES = 10_000
const MAX_CPU_SECONDS = 3
const MAX_MEGABYTES = 300
const MAX_PUBLISH_MEGABYTES = 500
const PATCHED: readonly RepositoryName[] = ['terraform', 'cloudformation', 'cdk']
const PUBLISHED: readonly RepositoryName[] = ['terraform', 'cloudformation', 'cdk-alone']
const ROOT = join(import.meta.dirname, '../..')
const published = z.object({
  ...{ outcome: z.string(), megabytes: z.number(), cpuSeconds: z.number(), peakMegabytes: z.number() },
})

export async function code(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-code-'))
  try {
    await bundleEntries({ rolemedic: 'cli/main.ts' }, join(folder, 'dist'))
    return report(
      PATCHED.map(name => patchedCode(name, FILES, folder)),
      PUBLISHED.map(name => ({ name, ...publishedCode(name) })),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** `folder` holds the bundle. */
export function patchedCode(name: RepositoryName, files: number, folder: string) {
  const checkout = join(folder, 'checkout')
  writeRepository(checkout, REPOSITORIES[name], files)
  const sample = (path: string) => join(ROOT, 'events', path)
  const account = sample('accounts/orders-dev.json')
  const command = [
    join(folder, 'dist/rolemedic.js'),
    'patch-code',
    checkout,
    sample('ecs-register-task-definition.json'),
  ]
  const { stdout, ...taken } = measuredProcess([...command, '--account', account])
  rmSync(checkout, { recursive: true })
  return {
    ...taken,
    name,
    files,
    isRight: stdout.startsWith(`diff --git a/${ownerOf(name, files)} `) && stdout.includes(SID),
  }
}

/** What the edit adds, in each language. */
const SID = 'Rolemedic'

function ownerOf(name: RepositoryName, files: number): string {
  for (let at = 0; at < files; at += 1) {
    const { path, text } = REPOSITORIES[name].file(at, files, 1)
    if (text.includes(ROLE)) return path
  }
  throw new Error(`no file makes ${ROLE}`)
}

const publishedCode = (name: RepositoryName) =>
  published.parse(JSON.parse(measuredProcess([join(import.meta.dirname, 'publish-once.ts'), name]).stdout))

function report(
  patched: readonly ReturnType<typeof patchedCode>[],
  once: readonly (ReturnType<typeof publishedCode> & { readonly name: RepositoryName })[],
): Report {
  const peak = (all: readonly { readonly peakMegabytes: number }[]) => Math.max(...all.map(one => one.peakMegabytes))
  return {
    tables: [
      {
        title: `rolemedic patch-code on ${FILES.toLocaleString('en')} files, the whole process as it is published`,
        columns: ['repository', 'seconds', 'processor s', 'peak MB'],
        rows: patched.map(({ name, seconds, cpuSeconds, peakMegabytes }) => [
          ...[REPOSITORIES[name].name, round(seconds), round(cpuSeconds), Math.round(peakMegabytes)],
        ]),
      },
      {
        title: 'publish at its bounds: 400 files of 12 MB, the edit alone',
        columns: ['repository', 'MB', 'processor s', 'peak MB'],
        rows: once.map(({ name, megabytes, cpuSeconds, peakMegabytes }) => [
          ...[REPOSITORIES[name].name, round(megabytes), round(cpuSeconds), Math.round(peakMegabytes)],
        ]),
      },
    ],
    ratios: {},
    notes: [
      'One place of each repository makes the denied role; every other file with roles makes roles of other names.',
      'A repository of CDK stacks alone is parsed as a whole, file by file: its time grows with its size.',
    ],
    gates: [
      exactly(
        'wrong edits',
        patched.filter(one => !one.isRight).length + once.filter(one => one.outcome !== 'exact').length,
        0,
      ),
      atMost('processor seconds of patch-code', Math.max(...patched.map(one => one.cpuSeconds)), MAX_CPU_SECONDS),
      atMost('peak megabytes of patch-code', peak(patched), MAX_MEGABYTES),
      atMost('peak megabytes of publish', peak(once), MAX_PUBLISH_MEGABYTES),
    ],
  }
}
