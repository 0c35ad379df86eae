import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { COMMAND_NAMES, COMMANDS } from '../../cli/commands.ts'
import { exampleFolder, install, nodes, type Packed, pack, run } from './installed.ts'

const MESSAGE =
  'User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-task'

const bytesBelow = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

const descriptions = await Promise.all(COMMAND_NAMES.map(async name => (await COMMANDS[name].load()).DESCRIPTION))
const examples = descriptions.flatMap(one => one.examples.filter(({ notRun }) => notRun === null).map(({ run }) => run))

let packed: Packed
beforeAll(() => {
  packed = pack(mkdtempSync(join(tmpdir(), 'rolemedic-pack-')))
})

describe('the package', () => {
  it('is at most 3 MB to download and 10 MB installed, and brings nothing else along', () => {
    const { folder } = install(process.execPath, packed.file)
    expect(packed.bytes).toBeLessThanOrEqual(3_000_000)
    expect(bytesBelow(join(folder, '../..'))).toBeLessThanOrEqual(10_000_000)
    expect(readdirSync(join(folder, '..')).filter(name => !name.startsWith('.'))).toEqual(['rolemedic'])
    expect(existsSync(join(folder, 'node_modules'))).toBe(false)
  })

  it('holds what it needs and no sources, tests or facts about this checkout', () => {
    expect(packed.files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']))
    expect(packed.files).toContain('dist/THIRD_PARTY_NOTICES.txt')
    expect(packed.files.filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([])
    const { folder } = install(process.execPath, packed.file)
    const naming = packed.files.filter(file => readFileSync(join(folder, file)).includes(dirname(packed.file)))
    expect(naming).toEqual([])
  })

  it('has at least one example of each command that runs here', () => {
    expect(COMMAND_NAMES.filter(name => !examples.some(example => example.includes(`rolemedic ${name}`)))).toEqual([])
  })
})

describe.each(nodes())('installed with %s', node => {
  let PATH: string
  let folder: string
  beforeAll(() => {
    const { bin } = install(node, packed.file)
    PATH = [bin, dirname(node), '/usr/bin', '/bin'].join(delimiter)
    folder = exampleFolder()
  })
  const shell = (line: string, cwd: string) => run('/bin/sh', ['-c', line], { cwd, env: { PATH, HOME: cwd } })

  it('explains an error text in an empty folder', () => {
    const { code, out, err } = shell(`rolemedic diagnose --message "${MESSAGE}"`, join(folder, 'empty'))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('Denied: iam:PassRole on arn:aws:iam::111122223333:role/app/orders-task')
  })

  it('proves a cause with the policies of an account', () => {
    const { out, err } = shell('rolemedic diagnose event.json --account account.json --json', folder)
    expect(err).toBe('')
    expect(JSON.parse(out).diagnosis).toMatchObject({ verdict: 'proved', cause: 'identity-gap' })
  })

  it('runs the whole bot for one denial, from the samples it brings along', () => {
    const { code, out } = shell(
      'rolemedic start --once --state state --approve-as U0ONCALL1 --revert && rolemedic audit verify --from state/audit',
      join(folder, 'empty'),
    )
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/reverted by ada[\s\S]*\nintact: \d+ records/),
    })
  })

  it.each(examples)('%s', example => {
    shell('[ -d .rolemedic ] || rolemedic start --once --state .rolemedic --approve-as U0ONCALL1', folder)
    const { code, out, err } = shell(example, folder)
    expect({ example, code, err, empty: out === '' }).toEqual({
      example,
      // A preflight that finds a gap and a run without approval end with 1.
      code: /preflight|--once$/.test(example) ? 1 : 0,
      err: expect.not.stringMatching(/Warning|at file:|node:internal/),
      empty: example.includes('rolemedic mcp'),
    })
  })
})
