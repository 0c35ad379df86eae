/** Checks in a copy of the tree what `ARCHITECTURE.md` promises: recipes are as short as stated, and its test finds mistakes. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const COPIED = ['core', 'iac', 'functions', 'cli', 'simulator', 'infra', 'tools', 'packaging', 'bench', 'test']
const FILES = ['package.json', 'tsconfig.json', 'vitest.config.ts', 'ARCHITECTURE.md', 'CONTRIBUTING.md']

let copy: string
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'rolemedic-planted-'))
  for (const name of [...COPIED, ...FILES]) cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
})

/** Assembled from parts, because one text would be an import of this file. */
const importing = (path: string, rest: string) => `import ${JSON.stringify(path).replaceAll('"', "'")}\n${rest}\n`
const textOf = (file: string) => readFileSync(join(copy, file), 'utf8')
const plant = (file: string, text: string) => {
  mkdirSync(dirname(join(copy, file)), { recursive: true })
  writeFileSync(join(copy, file), text)
}
/** Inserts one line into a list. */
function insert(file: string, list: RegExp, inList: string, imported: string): void {
  const text = textOf(file)
  const changed = text.replace(list, match => `${match}${inList}`)
  if (changed === text) throw new Error(`${file} has no ${list}`)
  plant(file, `${imported}\n${changed}`)
}
const ran = (...args: readonly string[]) => {
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' })
  return { out: stdout, err: stderr }
}

describe('a recipe', () => {
  it('of a deploy tool is one file and a line in two lists: its rule reaches the stacks and its event is read', () => {
    const own = textOf('functions/domain/deploy/tools/codebuild.ts')
      .replaceAll('codebuild', 'planted')
      .replaceAll('build-failed', 'planted-failed')
    plant('functions/domain/deploy/tools/planted.ts', own)
    const kinds = 'functions/domain/deploy/deploy.ts'
    plant(kinds, textOf(kinds).replace('DEPLOY_KINDS = [', "$&'planted', "))
    insert(
      'functions/domain/deploy/tools/tools.ts',
      /DEPLOY_TOOLS: readonly DeployTool\[\] = \[/,
      'planted, ',
      "import { planted } from './planted.ts'",
    )
    const { out, err } = ran('cli/main.ts', 'patterns')
    expect(err).toBe('')
    expect(JSON.parse(out)).toMatchObject({ 'planted-failed': { source: ['aws.planted'] } })
    const sample = readFileSync(join(root, 'events/deploys/build-failed.json'), 'utf8')
    plant('sample.json', sample.replaceAll('aws.codebuild', 'aws.planted'))
    expect(ran('cli/main.ts', 'match', 'sample.json').out).toContain('planted-failed')
  })

  it('of a denied action is one file and one line: its record is matched, read and explained', () => {
    const own = textOf('core/actions/set-source-identity.ts')
      .replaceAll('SetSourceIdentity', 'PlantedAction')
      .replaceAll('setSourceIdentity', 'plantedAction')
    plant('core/actions/planted.ts', own)
    insert(
      'core/actions/actions.ts',
      /const LIST = \[/,
      'plantedAction, ',
      "import { plantedAction } from './planted.ts'",
    )
    const arn = 'arn:aws:iam::111122223333:role/orders'
    const sentence = `User: arn:aws:iam::111122223333:user/jane is not authorized to perform: sts:PlantedAction on resource: ${arn}`
    const { out, err } = ran('cli/main.ts', 'diagnose', '--message', sentence)
    expect(err).toBe('')
    expect(out).toContain(`Denied: sts:PlantedAction on ${arn}`)
  })
})

const tested = (...files: readonly string[]): string => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const run = spawnSync(process.execPath, [vitest, 'run', ...files, '--no-color'], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return `${run.stdout}${run.stderr}`
}

describe('the tests of the tree', () => {
  it('find a room whose first line a document does not repeat', () => {
    const door = textOf('core/access/index.ts')
    plant('core/access/index.ts', door.replace(/^\/\*\* .+ \*\//, '/** Something else. */'))
    const output = tested('test/tools/architecture-page.test.ts')
    expect(output).toMatch(/FAIL .*has the tables that the code gives/)
    expect(output).toContain('Something else')
    plant('core/access/index.ts', door)
  })

  it('find an uphill import, one past an index, a cycle, a promise, a name that is taken, and lists that differ from the code', () => {
    plant('core/denial/planted.ts', importing('../patch/index.ts', 'export const up = 1'))
    plant('core/base/planted.ts', importing('../../functions/domain/card/index.ts', 'export const far = 1'))
    plant('functions/domain/home/planted.ts', importing('../card/blast-radius.ts', 'export const deep = 1'))
    plant('core/patch/planted.ts', importing('./planted-back.ts', 'export const there = async () => 1'))
    plant('core/patch/planted-back.ts', importing('./planted.ts', 'export const back = 1'))
    plant('iac/source/sown.ts', 'export const plural = 1\n')
    plant('functions/sown/handler.ts', 'export const handler = 1\n')
    plant('test/sown-cases/sown.ts', 'export const sown = 1\n')
    plant('package.json', textOf('package.json').replace('"scripts": {', '"scripts": {\n    "sown": "node sown.ts",'))
    const output = tested('test/architecture.test.ts', 'test/names.test.ts', 'test/tools/architecture-page.test.ts')
    expect(output).toContain('core/denial/planted.ts -> core/patch/index.ts')
    expect(output).toContain('core/base/planted.ts -> functions/domain/card/index.ts')
    expect(output).toContain('functions/domain/home/planted.ts -> functions/domain/card/blast-radius.ts')
    expect(output).toContain('core/patch/planted-back.ts')
    expect(output).toMatch(/keeps clocks[\s\S]*core\/patch\/planted\.ts/)
    expect(output).toMatch(/plural: core\/base\/[\w-]+\.ts, iac\/source\/sown\.ts/)
    expect(output).toMatch(/deploys every folder with a handler[\s\S]*"sown"/)
    expect(output).toContain('tools/architecture/tests.ts does not say what test/sown-cases holds')
    expect(output).toMatch(/has one row for each script of package\.json[\s\S]*"sown"/)
  })
})
