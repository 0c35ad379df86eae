import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { COMMAND_NAMES, COMMANDS } from '../../cli/commands.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import { codeHost } from '../cli/ci/code-host.ts'
import { exampleFolder, type Installed, install, nodes, npmCli, type Packed, pack, root, run } from './installed.ts'
import { libraryExamples, libraryProject, typeErrors } from './library-project.ts'
import { SHELLS } from './shells.ts'
import { asInstalled, shownCommands } from './shown-commands.ts'
import { startedPage } from './started-page.ts'

const MESSAGE =
  'User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-task'

const bytesBelow = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

/** As the documents show them, with what the help shows. */
const descriptions = await Promise.all(COMMAND_NAMES.map(async name => (await COMMANDS[name].load()).description))
const examples = [
  ...new Set([
    ...descriptions.flatMap(one => one.examples.filter(({ notRun }) => notRun === null).map(({ run }) => run)),
    ...shownCommands(root)
      .filter(({ notRun }) => notRun === null)
      .map(({ command }) => asInstalled(command)),
  ]),
]

let packed: Packed
/** With the Node that runs the tests; nothing is written there. */
let installed: Installed
beforeAll(() => {
  packed = pack(mkdtempSync(join(tmpdir(), 'rolemedic-pack-')))
  installed = install(process.execPath, packed.file)
})

describe('the package', () => {
  it('is at most 3 MB to download and 10 MB installed, and brings nothing else along', () => {
    const { folder } = installed
    expect(packed.bytes).toBeLessThanOrEqual(3_000_000)
    expect(bytesBelow(join(folder, '../..'))).toBeLessThanOrEqual(10_000_000)
    expect(readdirSync(join(folder, '..')).filter(name => !name.startsWith('.'))).toEqual(['rolemedic'])
    expect(existsSync(join(folder, 'node_modules'))).toBe(false)
  })

  it('holds what it needs and no sources, tests or facts about this checkout', () => {
    expect(packed.files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE']))
    expect(packed.files).toContain('dist/THIRD_PARTY_NOTICES.txt')
    expect(packed.files.filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([])
    const { folder } = installed
    const naming = packed.files.filter(file => readFileSync(join(folder, file)).includes(dirname(packed.file)))
    expect(naming).toEqual([])
  })

  it('has at least one example of each command that runs here', () => {
    const isShown = (name: string) => examples.some(example => example.includes(`rolemedic ${name}`))
    const actsOnAws = COMMAND_NAMES.filter((_, at) =>
      descriptions[at]?.examples.every(({ notRun }) => notRun === 'needs AWS credentials'),
    )
    expect(COMMAND_NAMES.filter(name => !isShown(name))).toEqual(actsOnAws)
    expect(actsOnAws).toEqual(['revert', 'redrive', 'stop', 'resume', 'passkeys', 'canary'])
  })
})

describe.each(nodes())('installed with %s', node => {
  let bin: string
  let PATH: string
  let folder: string
  beforeAll(() => {
    const { bin: programs, folder: own } = node === nodes()[0] ? installed : install(node, packed.file)
    bin = join(own, 'bin/rolemedic.js')
    PATH = [programs, dirname(node), '/usr/bin', '/bin'].join(delimiter)
    folder = exampleFolder()
  })
  const shell = (line: string, cwd: string) => run('/bin/sh', ['-c', line], { cwd, env: { PATH, HOME: cwd } })

  it('explains an error text in an empty folder', () => {
    const { code, out, err } = shell(`rolemedic diagnose --message "${MESSAGE}"`, join(folder, 'empty'))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('Denied: iam:PassRole on arn:aws:iam::111122223333:role/app/orders-task')
  })

  // Reading and compiling them is what a start takes longer than Node's own.
  it.each([
    ['version', ['version'], 40_000],
    ['diagnose', ['diagnose', '--message', MESSAGE], 1_500_000],
  ] as const)('%s loads only the code that it needs', (_, args, most) => {
    const coverage = mkdtempSync(join(tmpdir(), 'rolemedic-coverage-'))
    const { code } = run(node, [bin, ...args], { cwd: folder, env: { PATH, NODE_V8_COVERAGE: coverage } })
    expect(code).toBe(0)
    // One report of each process.
    const scripts = readdirSync(coverage).flatMap(
      report => (JSON.parse(readFileSync(join(coverage, report), 'utf8')) as { result: { url: string }[] }).result,
    )
    const loaded = scripts.filter(({ url }) => url.startsWith('file:')).map(({ url }) => statSync(new URL(url)).size)
    expect(loaded.length).toBeGreaterThan(1)
    expect(loaded.reduce((sum, one) => sum + one, 0)).toBeLessThan(most)
  })

  it('proves a cause with the policies of an account', () => {
    const { out, err } = shell('rolemedic diagnose event.json --account account.json --json', folder)
    expect(err).toMatch(/^rolemedic: the account files are of .* after the denial: .*\n$/)
    expect(JSON.parse(out).diagnosis).toMatchObject({ verdict: 'proved', cause: 'identity-gap' })
  })

  it('runs the whole bot for one denial, from the samples it brings along', () => {
    const { code, out, err } = shell(
      'rolemedic start --once --state state --approve-as U0ONCALL1 --revert && rolemedic audit verify --from state/audit',
      join(folder, 'empty'),
    )
    expect({ code, out, err }).toEqual({
      code: 0,
      err: '',
      out: expect.stringMatching(/reverted by ada[\s\S]*\nintact: \d+ records/),
    })
  })

  it('serves the page with everything that it loads, and the samples that start with it', async () => {
    const page = await startedPage(node, bin, join(folder, 'empty'), PATH)
    try {
      const html = await (await fetch(page.url)).text()
      expect(html).toContain('A task role that the pipeline may not pass: low risk')
      const loaded = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path)
      expect(loaded).toEqual(expect.arrayContaining(['/client.js', '/style.css', '/slack.css', '/logo.svg']))
      const statuses = await Promise.all(loaded.map(async path => [path, (await fetch(page.url + path)).status]))
      expect(statuses).toEqual(loaded.map(path => [path, 200]))
      for (const part of ['/enroll', '/enroll/passkey.js', '/enroll/passkey.css', '/approve/passkey.js'])
        expect((await fetch(page.url.replace('127.0.0.1', 'localhost') + part)).status, part).toBe(200)
      // A card of the samples, or its place: they are fed while the page is up already.
      await expect
        .poll(async () => (await (await fetch(`${page.url}/state?as=U0ONCALL1`)).json()).channel)
        .toContain('orders-task')
    } finally {
      await page.stop()
    }
    expect(page.err()).toBe('')
  })

  it('has a manual that man finds and formats without a complaint', () => {
    const { code, out, err } = run('man', ['--warnings', 'rolemedic'], {
      cwd: folder,
      env: { PATH, HOME: folder, LC_ALL: 'C.UTF-8', MANWIDTH: '100' },
    })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ROLEMEDIC\(1\)/)
    for (const name of COMMAND_NAMES) expect(out).toContain(`rolemedic ${name}`)
  })

  it.each(Object.entries(SHELLS))('completes commands and options in %s', (_, offered) => {
    const home = mkdtempSync(join(tmpdir(), 'rolemedic-shell-'))
    const asked = { cwd: home, env: { PATH, HOME: home } }
    expect(offered('rolemedic dia', asked)).toContain('diagnose')
    expect(offered('rolemedic diagnose --acc', asked)).toContain('--account')
  })

  it.each(examples)('%s', example => {
    shell('[ -d .rolemedic ] || rolemedic start --once --state .rolemedic --approve-as U0ONCALL1', folder)
    const { code, out, err } = shell(example, folder)
    expect({ example, code, err, empty: out === '' }).toEqual({
      example,
      // A preflight that finds a gap and a run without approval end with 1.
      code: /rolemedic preflight|--once(?!.*--approve-as)/.test(example) ? 1 : 0,
      err: expect.not.stringMatching(/Warning|at file:|node:internal/),
      empty: example.includes('rolemedic mcp'),
    })
  })
})

describe.each(nodes())('the library, installed with %s', node => {
  const library = libraryExamples()
  let folder: string
  beforeAll(() => {
    folder = libraryProject(node, packed.file)
  })

  it('has three examples', () => {
    expect(library).toHaveLength(3)
  })

  it.each(library)('prints what the page says: $title', ({ code, prints }) => {
    writeFileSync(join(folder, 'example.js'), code)
    expect(run(node, ['example.js'], { cwd: folder })).toEqual({ code: 0, out: prints, err: '' })
  })

  it('is strictly typed, also where somebody makes a mistake', () => {
    const examples = Object.fromEntries(library.map(({ code }, at) => [`example-${at}.ts`, code]))
    expect(typeErrors(folder, examples)).toBe('')
    const wrong = "import { diagnose, evaluate } from 'rolemedic'\nevaluate('iam:PassRole')\ndiagnose({}, {}, {})\n"
    expect(typeErrors(folder, { 'wrong.ts': wrong }).match(/error TS/g)).toHaveLength(2)
  })

  it('offers its functions and types, and no file below', () => {
    const listed = "import * as all from 'rolemedic'; console.log(Object.keys(all).sort().join(' '))"
    expect(run(node, ['--input-type=module', '-e', listed], { cwd: folder }).out).toBe(
      'denialFromRecord denialFromText diagnose evaluate parsePolicy prove readAccounts requestOf snapshotFor\n',
    )
    for (const path of ['core', 'dist/core.js', 'core/index.ts'])
      expect(run(node, ['--input-type=module', '-e', `import 'rolemedic/${path}'`], { cwd: folder }).err).toContain(
        'ERR_PACKAGE_PATH_NOT_EXPORTED',
      )
  })

  it('loads the engine alone', () => {
    const loads = (source: string) =>
      [
        ...readFileSync(join(folder, 'node_modules/rolemedic/dist', source), 'utf8').matchAll(/"\.\/([\w.-]+\.js)"/g),
      ].map(([, file = '']) => file)
    const seen = new Set(['core.js'])
    for (const file of seen) for (const next of loads(file)) seen.add(next)
    const bytes = [...seen].map(file => statSync(join(folder, 'node_modules/rolemedic/dist', file)).size)
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(1_500_000)
  })
})

describe('the Action', () => {
  it('explains a failed log from a checkout of its release, with no network but the API', async () => {
    const host = await codeHost('github')
    const folder = exampleFolder()
    const checkout = mkdtempSync(join(tmpdir(), 'rolemedic-action-'))
    cpSync(join(root, 'action.yml'), join(checkout, 'action.yml'))
    cpSync(join(root, 'package.json'), join(checkout, 'package.json'))
    cpSync(join(root, 'dist'), join(checkout, 'dist'), { recursive: true })
    writeFileSync(join(folder, 'pull.json'), JSON.stringify({ pull_request: { number: 7 } }))
    for (const name of ['summary', 'output']) writeFileSync(join(folder, name), '')
    const child = spawn(process.execPath, [join(checkout, 'dist/action.js')], {
      cwd: folder,
      stdio: 'ignore',
      env: {
        // A connection to anywhere but this machine is refused at once.
        HTTPS_PROXY: 'http://127.0.0.1:9',
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: host.url,
        GITHUB_SERVER_URL: 'https://github.example.com',
        GITHUB_REPOSITORY: 'acme/orders',
        GITHUB_RUN_ID: '42',
        GITHUB_EVENT_PATH: join(folder, 'pull.json'),
        GITHUB_STEP_SUMMARY: join(folder, 'summary'),
        GITHUB_OUTPUT: join(folder, 'output'),
        INPUT_LOG: 'build.log',
        INPUT_ACCOUNT: 'account.json',
        INPUT_TOKEN: 'ghs_token',
      },
    })
    const code = await new Promise(done => child.once('close', done))
    await host.close()
    expect(code).toBe(0)
    expect(host.comments[0]?.body).toContain('`identity-gap`')
    expect(readFileSync(join(folder, 'summary'), 'utf8')).toContain('`identity-gap`')
  })
})

describe('a release', () => {
  it('is written whole by a dry run', () => {
    const { code, out, err } = run(process.execPath, ['packaging/release.ts', '--dry-run'], {
      cwd: root,
      env: { ...process.env, npm_execpath: npmCli() },
    })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('dry run: nothing is tagged, published or uploaded')
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    const names = readdirSync(join(root, 'release')).sort()
    const functions = FUNCTIONS.map(name => `${name}-${version}.zip`)
    expect(names).toEqual(
      [
        'NOTES.md',
        'SHA256SUMS',
        `rolemedic-${version}.cdx.json`,
        `rolemedic-${version}.tgz`,
        `rolemedic-deploy-${version}.cdx.json`,
        `rolemedic-deploy-${version}.zip`,
        ...functions,
      ].sort(),
    )
    const checked = run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: join(root, 'release') })
    expect(checked.out.trim().split('\n')).toHaveLength(names.length - 2)
    expect(checked.code).toBe(0)
    const bill = JSON.parse(readFileSync(join(root, `release/rolemedic-${version}.cdx.json`), 'utf8'))
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'rolemedic', version } } })
    const bundled = bill.components.map(({ name }: { name: string }) => name)
    expect(bundled).toEqual(expect.arrayContaining(['zod', 'yaml']))
    expect(bundled).not.toContain('vitest')
  })
})
