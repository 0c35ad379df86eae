/** Every command in a block of the documentation, also in a step of a list. The tests run it, or this says why not. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Shown = { readonly file: string; readonly command: string; readonly notRun: string | null }

/** The first matching rule counts. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/--live\b|s3:\/\//, 'needs AWS credentials'],
  [/^(?:npx )?rolemedic (?:revert|redrive|stop|resume|canary|passkeys)(?: |$)/, 'needs AWS credentials'],
  [/^npm install --global rolemedic$/, 'asks the registry; the same is tested with the packed file'],
  [/^npm ci && npm start$/, 'runs until Ctrl-C; the tests of the web page start it'],
  [/^rolemedic start$/, 'runs until Ctrl-C; the tests of the web page start it'],
  [/^npm ci$/, 'how these tests got their packages'],
  [/^npm (test|run \w[\w:-]*)( |$)/, 'a script of package.json, which .ci/run or its own test runs'],
  [/^(?:SCREENSHOTS=\S+ )?npx vitest /, 'runs these tests'],
  [/^claude mcp add /, 'changes the settings of another program'],
  [/^(aws|git|gh|npx cdk) /, 'another program'],
  [/^for .*; do$|^done$/, 'a loop around another program'],
  [/ backtest trail\/ /, 'needs a week of CloudTrail; the same is run with the samples'],
]

/** In a block without a language, only these begin a command; the rest is what it prints. */
const OURS = /^(?:npx rolemedic|rolemedic|npm|npx cdk) /

const MORE = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'bench/README.md']

export const documents = (root: string): readonly string[] => [
  ...MORE,
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]

export function shownCommands(root: string): readonly Shown[] {
  return documents(root).flatMap(file => {
    const blocks = readFileSync(join(root, file), 'utf8').matchAll(/^( *)```(sh|bash|console|)\n([\s\S]*?)^\1```$/gm)
    return [...blocks].flatMap(([, , language, block = '']) =>
      block
        .split('\n')
        .filter(line => language !== '' || OURS.test(line.trim()))
        .map(line => line.replace(/(^|\s+)#\s.*$/, '').trim())
        .filter(line => line !== '')
        .map(command => ({ file, command, notRun: NOT_RUN.find(([pattern]) => pattern.test(command))?.[1] ?? null })),
    )
  })
}

/** A step of a page for people who operate the bot: a block of commands, or a command in a sentence. */
export type ShownStep = {
  readonly file: string
  /** The heading of the second level. */
  readonly section: string
  /** Null: the step says where it is run, and it is not a role of the hub. */
  readonly role: string | null
  /** Commands as a shell takes them. */
  readonly text: string
}

const DEFAULT_ROLE = /Where a step names no other role, it is for `([\w-]+)`/
/** A block, or a command in a sentence; a command may go on in the next line. */
const STEP = /^( *)```(\w*)\n([\s\S]*?)^\1```$|^(##?) (.+)$|`((?:aws|npx rolemedic) [^`]+)`/gm

/** The steps of a page in their order. A block that begins with `# as <role>` names who runs it, any other comment says where. */
export function shownSteps(
  root: string,
  file: string,
  page = readFileSync(join(root, file), 'utf8'),
): readonly ShownStep[] {
  const byDefault = DEFAULT_ROLE.exec(page)?.[1]
  if (byDefault === undefined) throw new Error(`${file} does not say whose steps it has`)
  let section = ''
  return [...page.matchAll(STEP)].flatMap(([, indent = '', language = '', block, , title, inline]): ShownStep[] => {
    if (title !== undefined) section = title
    if (inline !== undefined) return [{ file, section, role: byDefault, text: inline.replaceAll(/\s+/g, ' ') }]
    if (block === undefined || !['', 'sh', 'bash', 'console'].includes(language)) return []
    const text = block.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    if (!/^(?:aws|npx|npm|for|queue=|sed|rolemedic) ?/m.test(text)) return []
    const [, named] = /^# (.+)\n/.exec(text) ?? []
    const role = named === undefined ? byDefault : (/^as (platform-[\w-]+)$/.exec(named)?.[1] ?? null)
    return [{ file, section, role, text }]
  })
}

/** The installed command instead of the command in a checkout. */
export const asInstalled = (command: string): string =>
  command.replace(/^npx rolemedic /, 'rolemedic ').replace(/^npm start -- /, 'rolemedic start ')
