/** What a search of the text leaves out can neither make the role nor decide its values. */
import { describe, expect, it, vi } from 'vitest'
import { loadParsers } from '../../../functions/adapters/syntax/parsers.ts'
import { mayMake } from '../../../iac/edit/cloudformation/may-make.ts'
import { NO_CODE_HINTS, type SourceFile } from '../../../iac/edit/code-change.ts'
import { editCode } from '../../../iac/edit/edit-code.ts'
import { childOfType, childrenOfType, isBroken, type Parsers } from '../../../iac/edit/syntax-node.ts'
import { blockPlaces } from '../../../iac/edit/terraform/block-places.ts'
import { readConfiguration, sourceOf } from '../../../iac/edit/terraform/configuration.ts'
import { changesOf, codeCases, filesOf } from './code-case.ts'

const parsers = await loadParsers()
const GRANT = changesOf({
  name: '',
  about: '',
  source: '',
  files: {},
  changes: [{ on: 'role orders', adds: ['pass'] }],
})
const ROLE = 'resource "aws_iam_role" "task" {\n  name = "orders"\n}\n'

const filesIn = (files: { readonly [path: string]: string }): readonly SourceFile[] =>
  Object.entries(files).map(([path, text]) => ({ path, text }))

function placesInTree(text: string) {
  const root = parsers.parse('hcl', text)
  if (root === null || isBroken(root)) return null
  return childrenOfType(childOfType(root, 'body'), 'block').map(({ start, end }) => ({ start, end }))
}

/** Parsers that note what they parse. */
function noting(): { readonly parsers: Parsers; readonly texts: string[] } {
  const texts: string[] = []
  return {
    texts,
    parsers: {
      parse: (language, text, at) => {
        texts.push(text)
        return parsers.parse(language, text, at)
      },
    },
  }
}

describe('the places of blocks', () => {
  const samples = codeCases()
    .flatMap(filesOf)
    .filter(({ path }) => /\.(?:tf|tofu)$/.test(path))

  it('are those of the syntax tree, in every sample that it can read', () => {
    expect(samples.length).toBeGreaterThan(50)
    for (const { text } of samples) {
      const places = blockPlaces(text)
      const tree = placesInTree(text)
      if (places !== null && tree !== null) expect(places.map(({ start, end }) => ({ start, end }))).toEqual(tree)
    }
    expect(samples.filter(({ text }) => blockPlaces(text) === null && placesInTree(text) !== null)).toEqual([])
  })

  it.each([
    ['a bracket in a text', 'a "b" {\n  x = "}{"\n}\n'],
    ['a text in a text', 'a "b" {\n  x = "${f("}")}-${{ a = "{" }["a"]}"\n}\nc {}\n'],
    ['an escaped interpolation', 'a {\n  x = "$${"\n  y = "%%{"\n  z = "\\"}"\n}\n'],
    ['a heredoc', 'a {\n  x = <<-EOT\n    } " { ${f("}")}\n  EOT\n}\nb {}\n'],
    ['comments', '# {\n// {\na { # }\n  // }\n  /* } " */\n  x = 4 / 2\n} # b {\n'],
    ['nested blocks and lists', 'a "b" c {\n  d {\n    e = [{ f = (1) }]\n  }\n}\n'],
  ])('are found beside %s', (_, text) => {
    expect(blockPlaces(text)?.map(({ start, end }) => ({ start, end }))).toEqual(placesInTree(text))
  })

  it.each([
    ['an open bracket', 'a {\n  x = [\n}\n'],
    ['an open text', 'a {\n  x = "\n}\n'],
    ['an open heredoc', 'a {\n  x = <<EOT\n}\n'],
    ['an open comment', 'a {} /*'],
    ['an attribute outside of a block', 'x = 1\n'],
    ['two blocks on a line', 'a {} b {}\n'],
    ['a byte order mark and a bracket', '\uFEFF}\n'],
  ])('are not certain for %s', (_, text) => {
    expect(blockPlaces(text)).toBeNull()
  })

  it('take time in proportion to a hostile text', () => {
    for (const part of ['"${', '<<A\n', 'a "b" ', '/', '{', '#']) {
      const before = process.threadCpuUsage()
      blockPlaces(`a {\n${part.repeat(200_000 / part.length)}`)
      // Of this thread, whatever else the machine does.
      expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(1_000)
    }
  })
})

describe('Terraform code', () => {
  it('of other roles is not parsed', () => {
    const { parsers: watched, texts } = noting()
    const other = 'resource "aws_iam_role" "other" {\n  name = "other-${var.stage}"\n}\n'
    const files = filesIn({ 'a/main.tf': ROLE, 'b/main.tf': other, 'c/main.tf': other.replace('${var.stage}', 'x') })
    expect(editCode(GRANT, files, NO_CODE_HINTS, watched).outcome).toBe('exact')
    expect(texts.filter(text => text.includes('other'))).toEqual([])
  })

  it.each(['terraform-aws-modules/iam/aws//modules/iam-role', 'git::https://github.com/acme/roles.git?ref=v1'])(
    'of a call of %s is not parsed',
    source => {
      const { parsers: watched, texts } = noting()
      const call = `module "elsewhere" {\n  source = "${source}"\n  sources = ["x"]\n  name = "other"\n}\n`
      expect(editCode(GRANT, filesIn({ 'a/main.tf': ROLE, 'b/main.tf': call }), NO_CODE_HINTS, watched).outcome).toBe(
        'exact',
      )
      expect(texts.filter(text => text.includes('elsewhere'))).toEqual([])
    },
  )

  it('has the source of a call sought once, however often its module is called', () => {
    const files = filesIn({ 'm/main.tf': 'module "k" {\n  source = "./k"\n}\n' })
    const configuration = readConfiguration(files, parsers)
    const [call] = configuration.modules.get('m')?.blocks ?? []
    if (call === undefined) throw new Error('no call')
    const read = vi.spyOn(configuration.texts, 'get')
    for (let times = 0; times < 3; times++) expect(sourceOf(configuration, call)).toBe('./k')
    expect(read).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['on its own', '  source = "./m"'],
    ['behind another one in a comment', '  # source = "acme/roles/aws"\n  source = "./m"'],
    ['before one in an argument', '  source = "./m"\n  name = { source = "acme" }.source == "x" ? "a" : "orders"'],
  ])('of a module is found by its source: %s', (_, lines) => {
    const files = { 'main.tf': `module "m" {\n${lines}\n}\n`, 'm/main.tf': `variable "name" { default = "" }\n${ROLE}` }
    const outcome = editCode(GRANT, filesIn(files), NO_CODE_HINTS, parsers)
    expect(outcome).toMatchObject({ outcome: 'exact', edits: [{ address: 'module.m.aws_iam_role.task' }] })
  })

  it.each([
    ['whose name another module gives', 'variable "n" {}\nresource "aws_iam_role" "x" {\n  name = var.n\n}\n'],
    ['whose name begins alike', 'variable "n" {}\nresource "aws_iam_role" "x" {\n  name = "ord${var.n}"\n}\n'],
    ['with a prefix', 'resource "aws_iam_role" "x" {\n  name_prefix = "ord"\n}\n'],
  ])('of a role %s is parsed', (_, text) => {
    const { parsers: watched, texts } = noting()
    editCode(GRANT, filesIn({ 'a/main.tf': text }), NO_CODE_HINTS, watched)
    expect(texts.some(parsed => parsed.includes('"aws_iam_role" "x"'))).toBe(true)
  })

  const BROKEN = 'resource "aws_s3_bucket" "x" {\n  bucket = = 1\n}\n'

  it('that is broken is in the way in the modules that make the role, and not elsewhere', () => {
    const beside = (path: string) =>
      editCode(GRANT, filesIn({ 'a/main.tf': ROLE, [path]: BROKEN }), NO_CODE_HINTS, parsers)
    expect(beside('b/main.tf').outcome).toBe('exact')
    expect(beside('a/other.tf')).toMatchObject({ reason: expect.stringMatching(/^A\/other\.tf could not be read/i) })
  })

  it('that is broken where it may make the role is in the way', () => {
    const files = filesIn({ 'a/main.tf': ROLE, 'b/main.tf': `${BROKEN}${ROLE.replace('= "orders"', '= = "orders"')}` })
    expect(editCode(GRANT, files, NO_CODE_HINTS, parsers)).toMatchObject({ outcome: 'draft' })
  })

  it('is read in more root modules than one may call', () => {
    const roots = Object.fromEntries(Array.from({ length: 2_001 }, (_, at) => [`r${at}/main.tf`, 'locals {\n}\n']))
    expect(editCode(GRANT, filesIn({ ...roots, 'a/main.tf': ROLE }), NO_CODE_HINTS, parsers).outcome).toBe('exact')
  })
})

describe('a template', () => {
  const [change] = GRANT
  if (change === undefined) throw new Error('no change')
  const may = mayMake(change.target, 'OrdersRole')
  const yaml = (...lines: readonly string[]) =>
    `Resources:\n  X:\n    Type: AWS::IAM::Role\n    Properties:\n${lines.map(line => `      ${line}\n`).join('')}`
  const policyOf = (roles: string) =>
    `${yaml('RoleName: other')}  P:\n    Type: AWS::IAM::Policy\n    Properties:\n      Roles: ${roles}\n      PolicyName: p\n`

  it.each([
    ['its name', yaml('RoleName: orders')],
    ['its name with a parameter', yaml('RoleName: !Sub "${A}ders"')],
    ['its name with a comma', yaml('{ RoleName: orders, Path: / }')],
    [
      'its name in JSON',
      '{"Resources":{"X":{"Type":"AWS::IAM::Role","Properties":{"RoleName":{"Fn::Sub":"or${A}s"}}}}}',
    ],
    ['a parameter as its name', yaml('RoleName: !Ref Name')],
    ['a name on the next line', yaml('RoleName:', '  orders')],
    ['a name as a block', yaml('RoleName: >-', '  orders')],
    ['its logical id', yaml('Path: /').replace('X:', 'OrdersRole:')],
    ['the logical id of its function', 'Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n'],
    ['nested stacks', `${yaml('RoleName: other')}  S:\n    Type: AWS::CloudFormation::Stack\n`],
    ['a macro', `Transform: Mine\n${yaml('RoleName: other')}`],
    ['an escape', yaml('RoleName: "\\x6frders"')],
    ['what another tool fills in', yaml('RoleName: other', '{{ more }}')],
    ['a policy of imported roles', policyOf('[!ImportValue Shared]')],
    ['a policy of several roles', policyOf('[!Ref X, !Ref Y]')],
  ])('is parsed with %s', (_, text) => expect(may(text)).toBe(true))

  it.each([
    ['another name', yaml('RoleName: other')],
    ['another name with a parameter', yaml('RoleName: !Sub "other-${Stage}"')],
    ['another name in JSON', '{"Resources":{"X":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"other"}}}}'],
    ['a name that is made', yaml('Path: /')],
    ['a policy of its own role', policyOf('[!Ref X]')],
    [
      'functions of another name',
      'Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n',
    ],
  ])('is not parsed with %s', (_, text) => expect(may(text)).toBe(false))
})
