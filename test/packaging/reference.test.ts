import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allCommands, COMMAND_NAMES } from '../../cli/commands.ts'
import { completionScript, SHELLS } from '../../cli/completion-script.ts'
import { dispatch } from '../../cli/dispatch.ts'
import { wantsColour } from '../../cli/io.ts'
import { nearest } from '../../cli/nearest.ts'
import { manualPage, referencePage } from '../../packaging/reference.ts'
import { memoryIo } from '../cli/memory-io.ts'

const root = resolve(import.meta.dirname, '../..')
const commands = await allCommands()

async function cli(args: readonly string[]) {
  const io = memoryIo()
  return { code: await dispatch(args, io), ...io.captured }
}

describe('every command', () => {
  it.each(commands.map(({ description }) => [description.name, description] as const))(
    '%s has the name it is called by, a usage, and help with its options and examples',
    async (name, description) => {
      expect(COMMAND_NAMES).toContain(name)
      const { code, out } = await cli([name, '--help'])
      expect(code).toBe(0)
      expect(out.startsWith(`rolemedic ${name}`)).toBe(true)
      for (const option of Object.keys(description.options)) expect(out).toContain(`--${option}`)
      for (const { run } of description.examples) expect(out).toContain(run)
      expect(description.examples.length).toBeGreaterThan(0)
      expect(out.split('\n').filter(line => line.length > 110 && !line.includes('rolemedic '))).toEqual([])
    },
  )

  it('is in the help', async () => {
    const { out } = await cli(['--help'])
    for (const { description, summary } of commands)
      expect(out).toMatch(new RegExp(`^  ${description.name} +${summary[0]}`, 'm'))
  })
})

describe('docs/cli.md', () => {
  it('has no entities in code, where Markdown shows them as they are', async () => {
    expect(await referencePage()).toContain('`source <(rolemedic completion bash)`')
  })

  it('is made from the commands (npm run reference)', async () => {
    expect(readFileSync(join(root, 'docs/cli.md'), 'utf8')).toBe(await referencePage())
  })
})

describe('the manual page', () => {
  it('renders without a warning', async () => {
    const page = await manualPage('1.2.3')
    expect(page).toContain('.SS "rolemedic diagnose [FILE|TEXT|\\-] [options]"')
    if (!existsSync('/usr/bin/groff')) return
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww'], { input: page, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/ROLEMEDIC/)
  })

  it('sets the forms of a command apart from what it does, and says its exit codes where they are its own', async () => {
    const page = await manualPage('1.2.3')
    expect(page).toContain('.B rolemedic audit report \\-\\-out FILE\n.PP\nThe log of what was seen')
    expect(page).toContain('Exit codes: 0 explained, 1 it failed for another reason than a permission, 2 usage')
  })
})

describe('a suggestion', () => {
  it.each([
    ['diagnse', 'diagnose'],
    ['preflght', 'preflight'],
    ['Audit', 'audit'],
    ['macth', 'match'],
    ['cure', null],
    ['', null],
    ['constructor', null],
  ])('for %j is %j', (typed, expected) => {
    expect(nearest(typed, COMMAND_NAMES)).toBe(expected)
  })

  it.each([
    [['diagnse'], 'unknown command "diagnse" (did you mean diagnose?)'],
    [['diagnose', '--acount', 'x'], "Unknown option '--acount': did you mean --account? (rolemedic diagnose --help)"],
    [['schema', 'diagnosys'], 'no output is called "diagnosys": did you mean diagnosis? (rolemedic schema --help)'],
  ])('%j', async (args, line) => {
    expect((await cli(args)).err).toEqual([`rolemedic: ${line}`])
  })
})

describe('colours', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ TERM: 'dumb' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '', NO_COLOR: '1' }, true, false],
  ])('with %j and a terminal: %j give %j', (env, isTerminal, expected) => {
    expect(wantsColour(env, isTerminal)).toBe(expected)
  })
})

describe('completion', () => {
  const bash = (line: string) => {
    const words = line.split(' ')
    const script = `${completionScript('bash', commands)}
COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _rolemedic; printf '%s\\n' "\${COMPREPLY[@]}"`
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim().split('\n')
  }

  it.skipIf(process.platform === 'win32').each([
    ['rolemedic di', ['diagnose']],
    ['rolemedic audit ver', ['verify']],
    ['rolemedic audit --fr', ['--from']],
    ['rolemedic diagnose --format ter', ['terraform']],
    ['rolemedic diagnose --format = ter', ['terraform']],
    ['rolemedic diagnose --format =', ['text', 'json', 'terraform', 'cdk', 'cloudformation', 'cli', 'markdown']],
    ['rolemedic explain-policy --action sts : Tag', ['TagSession']],
    ['rolemedic explain-policy --action = iam :', ['PassRole', 'CreateServiceLinkedRole']],
    ['rolemedic schema pre', ['preflight']],
    ['rolemedic help mat', ['match']],
    ['rolemedic completion ', ['bash', 'zsh', 'fish', 'powershell', '--help']],
    ['rolemedic diagnose eve', ['']],
  ])('of %j in bash', (line, expected) => {
    expect(bash(line)).toEqual(expected)
  })

  const hasFish = spawnSync('fish', ['--version']).error === undefined
  it.skipIf(!hasFish).each([
    ['rolemedic help mat', 'match'],
    ['rolemedic hel', 'help'],
    ['rolemedic audit --he', '--help'],
  ])('of %j in fish', (line, expected) => {
    const { stdout } = spawnSync('fish', ['--no-config', '-c', `source; complete -C '${line}'`], {
      input: completionScript('fish', commands),
      encoding: 'utf8',
    })
    expect(stdout.split(/[\t\n]/)[0]).toBe(expected)
  })

  it.each(SHELLS)('for %s names every command and option', shell => {
    const script = completionScript(shell, commands)
    for (const { description } of commands) {
      expect(script).toContain(description.name)
      for (const option of Object.keys(description.options)) expect(script).toContain(option)
    }
  })

  it.each([
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ] as const)('is valid for %s where it is installed', (shell, args) => {
    const { error, status, stderr } = spawnSync(shell, [...args], {
      input: completionScript(shell, commands),
      encoding: 'utf8',
    })
    expect(error === undefined ? { status, stderr } : null).toEqual(
      error === undefined ? { status: 0, stderr: '' } : null,
    )
  })
})
