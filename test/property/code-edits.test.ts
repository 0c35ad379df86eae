/** Randomly damaged repositories: an edit is a draft or adds exactly the change, and never throws. */
import { diffLines } from 'diff'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { loadParsers } from '../../functions/adapters/syntax/parsers.ts'
import { NO_ENTITY_HINTS } from '../../iac/edit/code-change.ts'
import { editCode } from '../../iac/edit/edit-code.ts'
import { cpuMs } from '../cpu-time.ts'
import { changesOf, codeCases, filesOf } from '../iac/edit/code-case.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 150)
const parsers = await loadParsers()
const cases = codeCases()

const INSERTS = [
  ...[
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    ',',
    ':',
    '=',
    '\n',
    '\r\n',
    '\t',
    '#',
    '//',
    '/*',
    '*/',
    '&a ',
    '*a ',
    '${',
    '%{',
  ],
  ...[
    '<<EOF\n',
    '- ',
    '\u0000',
    '\ud800',
    '😀',
    '__proto__',
    'constructor',
    'orders-task',
    'Statement',
    '\n\n',
    '\\',
    '`',
    ';',
  ],
]

type Damage = { readonly at: number; readonly cut: number; readonly insert: string }
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.constantFrom(0, 0, 1, 2, 5, 20, 100),
  insert: fc.oneof(fc.constant(''), fc.constantFrom(...INSERTS)),
})

const damaged = (text: string, damages: readonly Damage[]): string =>
  damages.reduce((now, { at, cut, insert }) => {
    const start = Math.floor(at * now.length)
    return now.slice(0, start) + insert + now.slice(start + cut)
  }, text)

it('a damaged repository is edited exactly or not at all', () => {
  fc.assert(
    fc.property(fc.constantFrom(...cases), fc.array(damage, { minLength: 1, maxLength: 3 }), (one, damages) => {
      const files = filesOf(one).map(({ path, text }) => ({ path, text: damaged(text, damages) }))
      const changes = changesOf(one)
      const hints = { ...NO_ENTITY_HINTS, ...one.hints }
      const entities = new Map(changes.map(({ target }) => [target.arn, hints]))
      const outcome = editCode(changes, files, { kind: null, entities }, parsers)
      if (outcome.outcome !== 'exact') {
        expect(outcome.reason).toMatch(/[.?]$/)
        return
      }
      for (const { file, before, after } of outcome.edits) {
        expect(files.find(({ path }) => path === file)?.text).toBe(before)
        const removed = diffLines(before, after).filter(part => part.removed)
        expect(removed.reduce((sum, { count }) => sum + (count ?? 0), 0)).toBeLessThanOrEqual(2)
      }
      // An existing grant is not added again.
      const edited = files.map(file => {
        const edit = outcome.edits.find(({ file: path }) => path === file.path)
        return edit === undefined ? file : { ...file, text: edit.after }
      })
      expect(editCode(changes, edited, { kind: null, entities }, parsers).outcome).not.toBe('exact')
    }),
    { numRuns: RUNS },
  )
})

it('values that use each other do not grow without end', () => {
  const steps = Array.from(
    { length: 60 },
    (_, at) => `  a${at + 1} = [local.a${at}, local.a${at}]\n  t${at + 1} = "\${local.t${at}}\${local.t${at}}"`,
  )
  const text = `locals {\n  a0 = ["x"]\n  t0 = "x"\n${steps.join('\n')}\n}\nresource "aws_iam_role" "r" {\n  name = local.t60\n  assume_role_policy = jsonencode({ Statement = local.a60 })\n}\nresource "aws_iam_role" "s" {\n  name = local.loop\n}\nlocals {\n  loop = "\${local.loop}x"\n}\n`
  const [one] = cases.filter(({ name }) => name === 'terraform/name-prefix')
  if (one === undefined) throw new Error('no case')
  const startMs = cpuMs()
  const outcome = editCode(changesOf(one), [{ path: 'main.tf', text }], { kind: null, entities: new Map() }, parsers)
  expect(outcome.outcome).toBe('draft')
  expect(cpuMs() - startMs).toBeLessThan(5_000)
})

it('classes and modules that make each other twice do not grow without end', () => {
  const python = Array.from(
    { length: 60 },
    (_, at) =>
      `class C${at}(Construct):\n  def __init__(self, s, i):\n    C${at + 1}(self, "a")\n    C${at + 1}(self, "b")\n`,
  )
  const app = `from aws_cdk import App, aws_iam as iam\n${python.join('')}class C60(Construct):\n  def __init__(self, s, i):\n    r = iam.Role(self, "r", role_name="orders-deploy")\nC0(App(), "x")\n`
  const modules = Array.from({ length: 30 }, (_, at) => ({
    path: `m${at}/main.tf`,
    text: `module "a" {\n  source = "../m${at + 1}"\n}\nmodule "b" {\n  source = "../m${at + 1}"\n}\noutput "x" {\n  value = "\${module.a.x}\${module.b.x}"\n}\n`,
  }))
  const role = { path: 'm0/role.tf', text: 'resource "aws_iam_role" "r" {\n  name = module.a.x\n}\n' }
  const [one] = cases.filter(({ name }) => name === 'cdk-python/named-role')
  if (one === undefined) throw new Error('no case')
  const startMs = cpuMs()
  const hints = { kind: null, entities: new Map() }
  const files = [{ path: 'app.py', text: app }]
  expect(editCode(changesOf(one), files, hints, parsers)).toMatchObject({
    outcome: 'draft',
    reason: expect.stringContaining('several times'),
  })
  expect(editCode(changesOf(one), [...modules, role], hints, parsers).outcome).not.toBe('exact')
  expect(cpuMs() - startMs).toBeLessThan(10_000)
})
