/** Which vitest project runs a test file. Its content decides, not a list. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** These do not run on every save: packing and installing, services, and whole handlers on such a service. */
const HEAVY = { package: /^test\/package\//, e2e: /^test\/e2e\// } as const

/** Modules that start processes, bind ports, wait, or synthesize stacks. */
const SLOW_MODULE =
  /'(?:node:(?:child_process|http|https|net|tls|worker_threads|timers\/promises)|aws-cdk-lib(?!\/region-info)[^']*|[./]+\/infra\/(?:app|stacks|synth)\b[^']*)'/
/** Waits for a real clock. */
const WAITS = /\bsetTimeout\(/
/** Changes what other files of the same process see. */
const ALONE = /\bvi\.(?:mock|doMock|hoisted|stubEnv|stubGlobal)\(|\bprocess\.env(?:\.\w+|\['\w+'\])? = /
/** Fake timers cost no time. */
const MOVED_TIMERS = /\bvi\.useFakeTimers\(/
const PURE = /^test\/(?:(?:core|deploys|domain|golden|iac|mutation|property)\/|[^/]+$)/

export type Project = 'pure' | 'wired' | 'slow' | 'package' | 'e2e'

const texts = new Map<string, string>()
function textOf(file: string): string {
  const text = texts.get(file) ?? readFileSync(join(root, file), 'utf8')
  texts.set(file, text)
  return text
}

/** The imports of values, which are at the top: below them, a test may contain text that resembles an import. */
function importsOf(text: string): string {
  const [head = ''] = text.split(/^(?:const|let|type|function|async|export|class|describe|for)\b/m)
  return head.replaceAll(/^import type .*$/gm, '')
}

/** The file and the helpers below `test/` that it imports, directly or not. */
function withHelpers(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const [, path = ''] of textOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g)) {
    const helper = join(dirname(file), path).replaceAll('\\', '/')
    if (helper.startsWith('test/') && existsSync(join(root, helper))) withHelpers(helper, seen)
  }
  return seen
}

/** For a helper, only its imports and waits count: the test requests the changes that a helper makes. */
export function needsOwnProcess(text: string, isTest = true): boolean {
  if (isTest && ALONE.test(text)) return true
  return SLOW_MODULE.test(importsOf(text)) || (WAITS.test(text) && !MOVED_TIMERS.test(text))
}

/** `*.slow.test.ts` declares that it takes more than 1.5 s. */
export function projectOf(file: string): Project {
  if (HEAVY.package.test(file)) return 'package'
  const own = [...withHelpers(file)]
  if (HEAVY.e2e.test(file) || own.includes('test/attacks/deployed.ts')) return 'e2e'
  if (file.endsWith('.slow.test.ts')) return 'slow'
  return own.some((helper, at) => needsOwnProcess(textOf(helper), at === 0))
    ? 'slow'
    : PURE.test(file)
      ? 'pure'
      : 'wired'
}

export const testFiles = (): readonly string[] =>
  globSync('test/**/*.test.ts', { cwd: root })
    .map(file => file.replaceAll('\\', '/'))
    .sort()
