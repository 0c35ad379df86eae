/** Every option that a message of a command recommends must be one that the command has. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../cli/commands.ts'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const events = resolve(import.meta.dirname, '../../events')
const ACCOUNT = join(events, 'accounts/orders-dev.json')
const SENTENCE =
  'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/x'
const folder = mkdtempSync(join(tmpdir(), 'rolemedic-advice-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Input that people give by mistake, and input for which a command has little output. */
const INPUTS: { readonly [name: string]: string } = {
  'log.txt': `building\nError: ${SENTENCE}\n`,
  'log-in-records.txt': `{"a": 1}\n${SENTENCE}\n`,
  'sentence.txt': SENTENCE,
  'empty.json': '',
  'empty-records.json': '{"Records": []}',
  'no-object.json': '[1, 2]',
  'other.json': '{"hello": "world"}',
  'cut.json': '{"Records": [',
  'state.json': '{"version": 4, "terraform_version": "1.9.0"}',
  'plan.log': '{"@level":"info"}\n',
  'template.yaml': 'Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n      Role: !Ref R\n',
  'encoded.txt': 'You are not authorized to perform this operation. Encoded authorization failure message: abc',
  'masked.txt': SENTENCE.replaceAll('111122223333', '***'),
}
for (const [name, text] of Object.entries(INPUTS)) writeFileSync(join(folder, name), text)
const given = [
  ...Object.keys(INPUTS).map(name => join(folder, name)),
  ...readdirSync(events)
    .map(name => join(events, name))
    .filter(name => name.endsWith('.json')),
  ...readdirSync(join(events, 'deploys'))
    .slice(0, 3)
    .map(name => join(events, 'deploys', name)),
  ...readdirSync(join(events, 'look-alikes'))
    .slice(0, 3)
    .map(name => join(events, 'look-alikes', name)),
]

const files = given.filter(file => statSync(file).isFile())

const WAYS: { readonly [command in keyof typeof COMMANDS]?: (file: string) => readonly (readonly string[])[] } = {
  diagnose: file => [[file], [file, '--account', ACCOUNT], ['--log', file], ['--message', readFileSync(file, 'utf8')]],
  'patch-code': file => [
    [folder, file],
    [folder, file, '--account', ACCOUNT],
    [folder, '--message', readFileSync(file, 'utf8')],
  ],
  preflight: file => [[file], [file, '--account', ACCOUNT, '--as', 'arn:aws:iam::111122223333:role/deployer']],
  backtest: file => [[file], [file, '--account', ACCOUNT]],
  comment: file => [[file]],
  ci: file => [
    ['--log', file],
    ['--preflight', file],
  ],
  match: file => [[file]],
  'explain-policy': file => [[file], [file, '--action', 'iam:PassRole', '--role', 'arn:aws:iam::111122223333:role/x']],
  config: file => [['check', file], [file]],
}

/** Options of other programs belong to the program that is named before them. */
const OTHER = /\b(?:aws|git|npm|npx|cdk|terraform|sed|jq|gh)\s[^;)\n]*/g

async function advisedBy(name: keyof typeof COMMANDS, args: readonly string[]): Promise<readonly string[]> {
  const io = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z') })
  await dispatch([name, ...args], io).catch(() => 2)
  // Without input, the help of the command follows its name.
  const text = [...io.captured.err, args.includes('--json') ? '' : io.captured.out].join('\n')
  return adviceIn(text, name)
}

function adviceIn(text: string, name: string): readonly string[] {
  // Quoted input is not advice.
  const own = text.replaceAll(OTHER, '')
  return [...own.matchAll(/(?:rolemedic ([a-z-]+)[^;)\n]*?)?(?<![\w-])--([a-z][a-z-]+)/g)].map(
    ([, other, option]) => `${other !== undefined && Object.hasOwn(COMMANDS, other) ? other : name} ${option}`,
  )
}

const optionsOf = async (name: string): Promise<readonly string[]> => {
  const listed = COMMANDS[name as keyof typeof COMMANDS]
  const { description } = await listed.load()
  return ['help', 'version', ...Object.keys(description.options)]
}

describe('what a command advises', () => {
  it.each(Object.keys(WAYS) as (keyof typeof COMMANDS)[])(
    'is an option that it has: %s',
    async name => {
      const advised = new Set<string>()
      for (const file of files)
        for (const args of WAYS[name]?.(file) ?? []) for (const one of await advisedBy(name, args)) advised.add(one)
      for (const one of advised) {
        const [command = '', option = ''] = one.split(' ')
        expect([one, (await optionsOf(command)).includes(option)]).toEqual([one, true])
      }
    },
    120_000,
  )

  it('is found in a sentence', () => {
    expect(adviceIn('line 2 looks like a denial in a log: use --log', 'patch-code')).toEqual(['patch-code log'])
    expect(adviceIn('run aws iam get-role --role-name x; then --json', 'match')).toEqual(['match json'])
    expect(adviceIn('rolemedic diagnose --log - reads it', 'match')).toEqual(['diagnose log'])
  })

  it('for a log that patch-code is given, it is nothing: the log is read like the sentence', async () => {
    const run = async (...args: readonly string[]) => {
      const io = memoryIo()
      return { code: await dispatch(['patch-code', folder, ...args], io), err: io.captured.err }
    }
    const fromLog = await run(join(folder, 'log.txt'))
    expect(fromLog).toEqual({
      code: 3,
      err: [
        expect.stringMatching(/^rolemedic: not known what to change: User ci may not pass role x \(iam:PassRole\): /),
        expect.stringContaining('no policies were read'),
      ],
    })
    expect(await run('--message', SENTENCE)).toEqual(fromLog)
  })
})
