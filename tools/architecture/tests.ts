/** The table of the folders of tests, and which scripts run each. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT } from './rooms.ts'

export type TestFolder = {
  readonly folder: string
  readonly what: string
  /** Scripts of `package.json`; empty: other tests import it. */
  readonly scripts: readonly string[]
}

const SAVE = ['test', 'test:slow']

/** Folders that hold something else than the tests of the source folder with their name. */
export const TEST_FOLDERS: readonly TestFolder[] = [
  { folder: 'test/cases', what: 'denials as data, with the expected answer: start reading here', scripts: ['test'] },
  { folder: 'test/any-text', what: 'denials in every form and wrapping: the same answer', scripts: SAVE },
  {
    folder: 'test/property',
    what: 'laws over generated input, for example "apply then revert is the identity"',
    scripts: [...SAVE, 'laws'],
  },
  { folder: 'test/naive', what: 'a second evaluator, written separately, to compare with', scripts: ['laws'] },
  { folder: 'test/domain', what: 'mirrors `functions/domain`', scripts: SAVE },
  { folder: 'test/types', what: 'what must not compile', scripts: ['test'] },
  { folder: 'test/golden', what: 'stored items and records of each version', scripts: ['test'] },
  { folder: 'test/deploys', what: 'public templates, with what they pass labelled by hand', scripts: ['test'] },
  { folder: 'test/infra', what: 'templates, permissions, alarms', scripts: [...SAVE, 'synth'] },
  {
    folder: 'test/attacks',
    what: 'the attacks of `docs/threat-model.md`, tried',
    scripts: [...SAVE, 'e2e', 'attacks:controls'],
  },
  { folder: 'test/conformance', what: 'messages and events of others, read', scripts: ['conformance'] },
  { folder: 'test/package', what: 'what is published, packed and installed', scripts: ['test:package', 'e2e'] },
  { folder: 'test/e2e', what: 'the functions against moto, the web page in Chromium', scripts: ['e2e'] },
  {
    folder: 'test/mutation',
    what: 'changes the domain and checks that a test notices',
    scripts: ['test', 'mutation'],
  },
  { folder: 'test/retired-words', what: 'words that were replaced', scripts: [] },
  { folder: 'test/fakes', what: 'ports in memory', scripts: [] },
  { folder: 'test/fixtures', what: 'values that many tests share', scripts: [] },
  { folder: 'bench', what: 'accuracy, speed, cold start, AWS requests', scripts: ['bench'] },
]

/** Whether the sources have a folder of that name: `test/<name>` tests it. */
const mirrors = (name: string): boolean => [name, `functions/${name}`].some(folder => existsSync(join(PROJECT, folder)))

export const testFoldersOnDisk = (): readonly string[] =>
  readdirSync(join(PROJECT, 'test'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)

export const scriptsOfPackage = (): readonly string[] =>
  Object.keys((JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { scripts: object }).scripts)

const commandOf = (script: string): string => `\`npm ${script === 'test' ? '' : 'run '}${script}\``

/** Throws for a folder that the table would leave out, and for a row whose folder or script is gone. */
export function testsTable(
  folders: readonly string[] = testFoldersOnDisk(),
  scripts: readonly string[] = scriptsOfPackage(),
): readonly (readonly string[])[] {
  const known = TEST_FOLDERS.map(({ folder }) => folder)
  for (const name of folders)
    if (!known.includes(`test/${name}`) && !mirrors(name))
      throw new Error(`tools/architecture/tests.ts does not say what test/${name} holds`)
  for (const { folder, scripts: run } of TEST_FOLDERS) {
    if (folder.startsWith('test/') && !folders.includes(folder.slice('test/'.length)))
      throw new Error(`there is no ${folder}`)
    const gone = run.find(script => !scripts.includes(script))
    if (gone !== undefined) throw new Error(`package.json has no script ${gone}, which is said to run ${folder}`)
  }
  return [
    ['folder', 'what', 'command'],
    ...TEST_FOLDERS.map(({ folder, what, scripts: run }) => [`\`${folder}/\``, what, run.map(commandOf).join(', ')]),
    ['all others', 'the tests of the source folder with that name', SAVE.map(commandOf).join(', ')],
  ]
}
