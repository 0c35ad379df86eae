/** The values of Terraform expressions by its documentation. Everything that depends on a deploy is open. */
import { describe, expect, it } from 'vitest'
import { loadParsers } from '../../../../functions/adapters/syntax/parsers.ts'
import { mayBeText, plainLiteral } from '../../../../iac/edit/document/literal.ts'
import { readConfiguration } from '../../../../iac/edit/terraform/configuration.ts'
import { evaluateExpression } from '../../../../iac/edit/terraform/evaluate.ts'
import { instancesOf } from '../../../../iac/edit/terraform/instances.ts'
import { cpuMs } from '../../../cpu-time.ts'

const parsers = await loadParsers()
const ACCOUNT = { accountId: '111122223333', partition: 'aws-cn' }
const OPEN = 'open'

/** `answer` of the module in the root of these files. */
function answerIn(files: { readonly [path: string]: string }, address = ''): unknown {
  const literal = literalIn(files, address)
  return literal.kind === 'open' ? OPEN : plainLiteral(literal)
}

function literalIn(files: { readonly [path: string]: string }, address = '') {
  const sources = Object.entries(files).map(([path, text]) => ({ path, text }))
  const configuration = readConfiguration(sources, parsers)
  expect(configuration.broken).toEqual([])
  const instance = instancesOf(configuration, ACCOUNT)?.find(one => one.address === address)
  const local = instance?.module.locals.get('answer')
  if (instance === undefined || local === undefined) throw new Error(`no local.answer at "${address}"`)
  return evaluateExpression(local.file, local.value, instance.scope)
}

const MORE = `
variable "stage" { default = "prod" }
variable "unset" {}
locals {
  name  = "orders"
  list  = ["a", "b"]
  map   = { one = 1, two = { deep = "down" } }
  odd   = { true = 1, null = 2, undefined = 3 }
  loop  = local.pool
  pool  = local.loop
  whole = "\${var.unset}"
}
resource "aws_iam_role" "task" {
  name = "orders-task"
  path = "/app/"
}
resource "aws_iam_role" "plain" { name = "plain" }
resource "aws_iam_role" "hidden" {
  name = "hidden"
  path = var.unset
}
resource "aws_iam_role" "each" {
  for_each = toset(["x", "y"])
  name     = "each-\${each.key}-\${each.value}"
}
resource "aws_iam_role" "two" {
  count = 2
  name  = "two-\${count.index}"
}
resource "aws_iam_role" "open" { name = var.unset }
resource "aws_iam_role" "many" {
  count = 500
  name  = "many-\${count.index}"
}
resource "aws_iam_role" "more" {
  count = 501
  name  = "more-\${count.index}"
}
resource "aws_iam_role" "lists" {
  for_each = toset([["a"]])
  name     = "lists"
}
resource "aws_iam_role" "nulls" {
  for_each = toset([null])
  name     = "nulls"
}
resource "aws_s3_bucket" "logs" { name = "logs" }
resource "aws_iam_user" "ci" { name = "ci" }
resource "aws_iam_policy" "shared" { name = "shared" }
`
const worth = (expression: string): unknown => answerIn({ 'main.tf': `locals {\n  answer = ${expression}\n}\n${MORE}` })

describe('an expression of Terraform', () => {
  it.each<[string, unknown]>([
    ['"text"', 'text'],
    ['12.5', 12.5],
    ['-3', -3],
    ['true', true],
    ['false', false],
    ['!true', false],
    ['!false', true],
    ['!"x"', OPEN],
    ['-true', OPEN],
    ['null', null],
    ['("x")', 'x'],
    ['( /* why */ "x")', 'x'],
    ['(("x") /* why */)', 'x'],
    ['["a", "b"][0]', OPEN],
    ['{ a = 1 }.a', OPEN],
    ['[1, "a", true]', [1, 'a', true]],
    ['[]', []],
    ['{ a = 1, "b" : 2 }', { a: 1, b: 2 }],
    ['{ (local.name) = 1 }', { orders: 1 }],
    ['{ a = 1, a = 2 }', OPEN],
    ['{ (var.unset) = 1 }', OPEN],
    ['[for one in local.list : one]', OPEN],
  ])('is a literal: %s', (expression, value) => {
    expect(worth(expression)).toEqual(value)
  })

  it.each<[string, unknown]>([
    ['"${local.name}-task"', 'orders-task'],
    ['"a-${var.stage}-${1}-${true}"', 'a-prod-1-true'],
    ['" ${local.name} ${1}\\t${2} "', ' orders 1\t2 '],
    ['"  "', '  '],
    ['""', ''],
    ['"${null}"', OPEN],
    ['"${local.list}"', OPEN],
    ['"$${local.name}"', '${local.name}'],
    ['"%%{if}"', '%{if}'],
    ['"a\\nb\\tc\\rd\\"e\\\\f"', 'a\nb\tc\rd"e\\f'],
    ['"\\u00e9\\U0001F600"', 'é😀'],
    ['"\\U0010FFFF"', '\u{10FFFF}'],
    ['"\\U00110000"', '\\U00110000'],
    ['"%{ if true }x%{ endif }"', OPEN],
    ['"${var.unset}"', OPEN],
  ])('is a template: %s', (expression, value) => {
    expect(worth(expression)).toEqual(value)
  })

  it.each<[string, unknown]>([
    ['<<EOT\nfirst ${local.name}\n  second\nEOT\n', 'first orders\n  second\n'],
    ['<<-EOT\n  $${x} ${1}\n  EOT\n', '  ${x} 1\n'],
    ['<<EOT\nEOT\n', ''],
    ['<<EOT\r\nfirst\r\nEOT\r\n', 'first\r\n'],
    ['<<-EOT\n  first\n    EOT\n', '  first\n'],
    ['<<EOT\n%{ if true }x%{ endif }\nEOT\n', OPEN],
    ['<<EOT\n${var.unset}\nEOT\n', OPEN],
  ])('is a heredoc: %j', (expression, value) => {
    expect(worth(expression)).toEqual(value)
  })

  it.each<[string, unknown]>([
    ['1 == 1', true],
    ['1 == 2', false],
    ['"a" != "b"', true],
    ['"a" != "a"', false],
    ['true && true', true],
    ['true && false', false],
    ['false && true', false],
    ['false || true', true],
    ['true || false', true],
    ['false || false', false],
    ['1 + 1', OPEN],
    ['1 < 2', OPEN],
    ['var.stage == "prod"', true],
    ['"dev" == var.stage', false],
    ['local.map.two["deep"] != "up"', true],
    ['var.stage == "dev" || local.list[0] == "a"', true],
    ['!(var.stage == "prod")', false],
    ['(var.stage == "prod") && true', true],
    ['var.stage == "prod" ? 1 : 0', 1],
    ['var.stage == 1', OPEN],
    ['"true" && true', OPEN],
    ['var.stage == null', false],
    ['var.unset == "x"', OPEN],
    ['"x" == var.unset', OPEN],
    ['[] == []', OPEN],
    ['[] == null', OPEN],
    ['null == []', OPEN],
    ['"true" && "true"', OPEN],
    ['"true" || "false"', OPEN],
    ['null && true', OPEN],
    ['true && null', OPEN],
    ['null || true', OPEN],
    ['true ? "yes" : "no"', 'yes'],
    ['false ? "yes" : "no"', 'no'],
    ['"true" ? "yes" : "no"', 'yes'],
    ['"maybe" ? "yes" : "no"', 'no'],
    ['var.unset ? "yes" : "no"', OPEN],
  ])('compares and chooses: %s', (expression, value) => {
    expect(worth(expression)).toEqual(value)
  })

  it.each<[string, unknown]>([
    ['local.name', 'orders'],
    ['local.map.one', 1],
    ['local.map["two"].deep', 'down'],
    ['local.map.none', OPEN],
    ['local.list[1]', 'b'],
    ['local.map /* why */ .one', 1],
    ['local.list["a"]', OPEN],
    ['local.list.0', OPEN],
    ['local.name[0]', OPEN],
    ['local.odd[true]', OPEN],
    ['local.odd[null]', OPEN],
    ['local.odd[var.unset]', OPEN],
    ['local.odd[["true"]]', OPEN],
    ['local.odd["true"]', 1],
    ['local.name.x', OPEN],
    ['local.list[var.unset]', OPEN],
    ['local.list[true]', OPEN],
    ['local.none', OPEN],
    ['local.loop', OPEN],
    ['var.stage', 'prod'],
    ['var.none', OPEN],
    ['each.key', OPEN],
    ['count.index', OPEN],
    ['path.module', '.'],
    ['path.cwd', OPEN],
    ['data.aws_caller_identity.current.account_id', '111122223333'],
    ['data.aws_caller_identity.current.arn', OPEN],
    ['data.aws_partition.current.partition', 'aws-cn'],
    ['data.aws_partition.current.dns_suffix', OPEN],
    ['data.aws_region.current.partition', OPEN],
    ['data.aws_region.current.account_id', OPEN],
    ['terraform.workspace', OPEN],
  ])('refers to a value: %s', (expression, value) => {
    expect(worth(expression)).toEqual(value)
  })

  it.each<[string, unknown]>([
    ['aws_iam_role.task.name', 'orders-task'],
    ['aws_iam_role.task.id', 'orders-task'],
    ['aws_iam_role.task.arn', 'arn:aws-cn:iam::111122223333:role/app/orders-task'],
    ['aws_iam_role.plain.arn', 'arn:aws-cn:iam::111122223333:role/plain'],
    ['aws_iam_role.hidden.arn', OPEN],
    ['aws_iam_role.hidden.name', 'hidden'],
    ['aws_iam_role.task.unique_id', OPEN],
    ['aws_iam_role.none.name', OPEN],
    ['aws_iam_role.open.arn', OPEN],
    ['aws_iam_role.many[499].name', 'many-499'],
    ['aws_iam_role.more[0].name', OPEN],
    ['aws_iam_role.lists["undefined"].name', OPEN],
    ['aws_iam_role.nulls["null"].name', OPEN],
    ['aws_iam_role.each["x"].name', 'each-x-x'],
    ['aws_iam_role.each["z"].name', OPEN],
    ['aws_iam_role.each.name', OPEN],
    ['aws_iam_role.two[1].name', 'two-1'],
    ['aws_iam_role.two[2].name', OPEN],
    ['aws_iam_role.two[1].arn', 'arn:aws-cn:iam::111122223333:role/two-1'],
    ['aws_iam_user.ci.arn', 'arn:aws-cn:iam::111122223333:user/ci'],
    ['aws_iam_user.ci.id', 'ci'],
    ['aws_iam_policy.shared.arn', 'arn:aws-cn:iam::111122223333:policy/shared'],
    ['aws_iam_policy.shared.name', 'shared'],
    ['aws_iam_policy.shared.id', OPEN],
    ['aws_s3_bucket.logs.name', OPEN],
  ])('refers to a resource: %s', (expression, value) => {
    expect(worth(expression)).toEqual(value)
  })

  it.each<[string, unknown]>([
    ['toset(["a"])', ['a']],
    ['tolist(["a"])', ['a']],
    ['tomap({ a = 1 })', { a: 1 }],
    ['distinct(["a", "b"])', ['a', 'b']],
    ['tostring(5)', '5'],
    ['tostring(null)', OPEN],
    ['lower("ABC")', 'abc'],
    ['lower([])', OPEN],
    ['upper("abc")', 'ABC'],
    ['upper([])', OPEN],
    ['trimspace("  a b ")', 'a b'],
    ['trimspace([])', OPEN],
    ['length(["a", "b"])', 2],
    ['length({ a = 1 })', 1],
    ['length("abc")', OPEN],
    ['keys({ a = 1, b = 2 })', ['a', 'b']],
    ['keys(["a"])', OPEN],
    ['concat(["a"], ["b", "c"])', ['a', 'b', 'c']],
    ['concat(["a"], "b")', OPEN],
    ['merge({ a = 1, b = 1 }, { b = 2 })', { a: 1, b: 2 }],
    ['merge({ a = 1 }, [])', OPEN],
    ['join("-", ["a", "b", 3])', 'a-b-3'],
    ['join("-", ["a", var.unset])', OPEN],
    ['join(var.unset, ["a"])', OPEN],
    ['join("-", "a")', OPEN],
    ['replace("a.b.c", ".", "-")', 'a-b-c'],
    ['replace("a", "/a/", "b")', OPEN],
    ['replace("a", "a")', OPEN],
    ['replace(var.unset, "a", "b")', OPEN],
    ['replace("ab", "a", "$&")', '$&b'],
    ['format("%s-%d!", "a", 7)', 'a-7!'],
    ['format("%s", "a", "b")', OPEN],
    ['format("%s-%s", "a")', OPEN],
    ['format("%05d", 7)', OPEN],
    ['format("%s", var.unset)', OPEN],
    ['format("plain")', 'plain'],
    ['format(var.unset)', OPEN],
    ['jsonencode({ a = [1, true] })', '{"a":[1,true]}'],
    ['jsonencode({ a = var.unset })', OPEN],
    ['timestamp()', OPEN],
    ['md5("a")', OPEN],
    ['join("-", ["a"]...)', OPEN],
  ])('calls a function: %s', (expression, value) => {
    expect(worth(expression)).toEqual(value)
  })

  it('can become a text that fits the parts that are known, and no other', () => {
    const name = literalIn({ 'main.tf': 'variable "v" {}\nlocals { answer = "ci-${var.v}-deploy-${var.v}-x" }\n' })
    for (const fits of ['ci-a-deploy-b-x', 'ci--deploy--x', 'ci-deploy-deploy-deploy-x'])
      expect([fits, mayBeText(name, fits)]).toEqual([fits, true])
    for (const other of ['xci-a-deploy-b-x', 'ci-a-b-x', 'ci-a-deploy-b-y', 'ci', 'deploy'])
      expect([other, mayBeText(name, other)]).toEqual([other, false])
    expect(mayBeText(literalIn({ 'main.tf': 'variable "v" {}\nlocals { answer = var.v }\n' }), 'ci')).toBe(false)
    expect(mayBeText(literalIn({ 'main.tf': 'variable "v" {}\nlocals { answer = "a-${var.v}" }\n' }), 'a-b')).toBe(true)
    expect(mayBeText(literalIn({ 'main.tf': 'locals { answer = "a" }\n' }), 'a')).toBe(false)
  })
})

describe('how far a value is followed', () => {
  const nested = (levels: number) => `${'('.repeat(levels)}1${')'.repeat(levels)}`
  const lines = (count: number, line: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => `  ${line(n)}\n`).join('')

  // A number is two levels below its expression, and each parenthesis and each reference is one more.
  it.each<[string, number, (value: string) => { readonly [path: string]: string }]>([
    ['written in its place', 58, value => ({ 'main.tf': `locals { answer = ${value} }\n` })],
    ['of a local', 57, value => ({ 'main.tf': `locals {\n  answer = local.x\n  x = ${value}\n}\n` })],
    [
      'of the default of a variable',
      57,
      value => ({ 'main.tf': `locals { answer = var.x }\nvariable "x" { default = ${value} }\n` }),
    ],
    [
      'of a file of values',
      57,
      value => ({
        'main.tf': 'locals { answer = var.x }\nvariable "x" {}\n',
        'terraform.tfvars': `x = ${value}\n`,
      }),
    ],
    [
      'of an output',
      57,
      value => ({
        'main.tf': 'module "m" { source = "./m" }\nlocals { answer = module.m.x }\n',
        'm/main.tf': `output "x" { value = ${value} }\n`,
      }),
    ],
    [
      'that a call gives',
      56,
      value => ({
        'main.tf': `module "m" {\n  source = "./m"\n  x = ${value}\n}\nlocals { answer = module.m.x }\n`,
        'm/main.tf': 'variable "x" {}\noutput "x" { value = var.x }\n',
      }),
    ],
    ['of an index', 57, value => ({ 'main.tf': `locals {\n  answer = local.x[${value}]\n  x = [2, 1]\n}\n` })],
    [
      'of the name of a resource',
      57,
      value => ({
        'main.tf': `locals { answer = aws_iam_role.x.name }\nresource "aws_iam_role" "x" { name = ${value} }\n`,
      }),
    ],
  ])('is sixty levels in all: %s', (_, levels, files) => {
    expect(String(answerIn(files(nested(levels))))).toBe('1')
    expect(answerIn(files(nested(levels + 1)))).toBe(OPEN)
  })

  it('is not worked out again for each of its uses', () => {
    const eightfold = lines(12, n => `a${n} = "${`\${local.a${n + 1}}`.repeat(8)}"`)
    expect(answerIn({ 'main.tf': `locals {\n  answer = local.a0\n${eightfold}  a12 = ""\n}\n` })).toBe('')
  })

  it('ends where it would hold more than twenty thousand values', () => {
    const doubling = (times: number) =>
      answerIn({
        'main.tf': `locals {\n  answer = local.a0\n${lines(times, n => `a${n} = [local.a${n + 1}, local.a${n + 1}]`)}  a${times} = [1]\n}\n`,
      })
    // A list of one value counts two, and each list of two of the former double and one: 12,287 and 24,575.
    expect(doubling(12)).not.toBe(OPEN)
    expect(doubling(13)).toBe(OPEN)
  })

  it('ends where it would be a text of more than two hundred thousand characters', () => {
    const text = (more: string) =>
      literalIn({
        'main.tf': `variable "unset" {}\nlocals {\n  answer = "\${local.half}\${local.half}${more}"\n  half = "${'x'.repeat(100_000)}"\n}\n`,
      })
    expect(text('')).toMatchObject({ kind: 'scalar' })
    expect(text('y')).toMatchObject({ kind: 'open', pieces: [null] })
    const half = 'x'.repeat(100_000)
    expect(text('${var.unset}')).toMatchObject({ kind: 'open', pieces: [half, half, null] })
    expect(text('y${var.unset}')).toMatchObject({ kind: 'open', pieces: [null] })
  })

  it('keeps a hundred parts of a text of which some are open', () => {
    const parts = (pairs: number) => {
      const answer = literalIn({
        'main.tf': `variable "unset" {}\nlocals { answer = "${'a${var.unset}'.repeat(pairs)}" }\n`,
      })
      return answer.kind === 'open' ? answer.pieces : []
    }
    expect(parts(50)).toHaveLength(100)
    expect(parts(51)).toEqual([null])
  })

  it('keeps the parts of a text that another one holds', () => {
    const name = literalIn({
      'main.tf': 'variable "unset" {}\nlocals {\n  answer = "${local.part}-y"\n  part = "x-${var.unset}"\n}\n',
    })
    expect([mayBeText(name, 'x-1-y'), mayBeText(name, 'z-1-y'), mayBeText(name, 'x-1-z')]).toEqual([true, false, false])
  })
})

it('the account of another provider is not known', () => {
  const main = (more: string) =>
    `data "aws_caller_identity" "audit" {${more}}\nlocals { answer = data.aws_caller_identity.audit.account_id }\n`
  expect(answerIn({ 'main.tf': main('') })).toBe('111122223333')
  expect(answerIn({ 'main.tf': main('\n  provider = aws.audit\n') })).toBe(OPEN)
})

/** Work that no clock and no busy machine changes: how often a value is taken from a map. */
function mapsRead(work: () => void): number {
  const { get } = Map.prototype
  let read = 0
  Map.prototype.get = function (key) {
    read += 1
    return get.call(this, key)
  }
  try {
    work()
  } finally {
    Map.prototype.get = get
  }
  return read
}

describe('the value of a variable', () => {
  const main = 'variable "stage" { default = "dev" }\nlocals { answer = var.stage }\n'

  it.each<[string, { readonly [path: string]: string }, unknown]>([
    ['its default', { 'main.tf': main }, 'dev'],
    ['the file that Terraform reads by itself', { 'main.tf': main, 'terraform.tfvars': 'stage = "prod"\n' }, 'prod'],
    ['any file that says auto', { 'main.tf': main, 'x.auto.tfvars': 'stage = "prod"\n' }, 'prod'],
    ['a file in JSON', { 'main.tf': main, 'terraform.tfvars.json': '{ "stage": "prod" }' }, 'prod'],
    ['JSON that says auto', { 'main.tf': main, 'net.auto.tfvars.json': '{ "o": [1], "stage": "p" }' }, 'p'],
    ['no template in JSON', { 'main.tf': main, 'x.auto.tfvars.json': '{ "stage": "${var.x}" }' }, '${var.x}'],
    ['its default where JSON says something else', { 'main.tf': main, 'x.auto.tfvars.json': '{ "other": 1 }' }, 'dev'],
    ['unknown where the command line names JSON', { 'main.tf': main, 'prod.tfvars.json': '{ "stage": "p" }' }, OPEN],
    [
      'unknown where JSON and another file say it',
      { 'main.tf': main, 'a.auto.tfvars.json': '{ "stage": "a" }', 'terraform.tfvars': 'stage = "b"\n' },
      OPEN,
    ],
    ['unknown where the command line names the file', { 'main.tf': main, 'prod.tfvars': 'stage = "prod"\n' }, OPEN],
    [
      'unknown where two files say it',
      { 'main.tf': main, 'a.auto.tfvars': 'stage = "a"\n', 'b.auto.tfvars': 'stage = "b"\n' },
      OPEN,
    ],
    ['unknown where a folder below says it', { 'main.tf': main, 'env/terraform.tfvars': 'stage = "a"\n' }, OPEN],
    [
      'unknown where a module below says it',
      { 'main.tf': main, 'env/main.tf': '', 'env/terraform.tfvars': 'stage = "a"\n' },
      OPEN,
    ],
    ['its default where a file says something else', { 'main.tf': main, 'terraform.tfvars': 'other = "a"\n' }, 'dev'],
  ])('is %s', (_, files, value) => {
    expect(answerIn(files)).toBe(value)
  })

  it('is that of the files of its own module, and not of one beside it', () => {
    const beside = { 'a/main.tf': main, 'b/terraform.tfvars': 'stage = "b"\n', 'b/main.tf': '' }
    expect(answerIn(beside)).toBe('dev')
    expect(answerIn({ 'a/b/main.tf': main, 'a/terraform.tfvars': 'stage = "a"\n' })).toBe(OPEN)
    expect(answerIn({ 'a/main.tf': main, 'terraform.tfvars': 'stage = "a"\n' })).toBe(OPEN)
    expect(answerIn({ 'a/main.tf': main, 'ab/main.tf': main, 'ab/terraform.tfvars': 'stage = "a"\n' })).toBe('dev')
    // Nothing says which root a folder of values is for.
    expect(answerIn({ 'a/main.tf': main, 'ab/terraform.tfvars': 'stage = "a"\n' })).toBe(OPEN)
  })

  it('is unknown where a folder of values has it too, and where two have it', () => {
    const own = { 'a/main.tf': main, 'a/terraform.tfvars': 'stage = "a"\n' }
    expect(answerIn({ ...own, 'env/dev.tfvars': 'other = "x"\n' })).toBe('a')
    expect(answerIn({ ...own, 'env/dev.tfvars': 'stage = "x"\n' })).toBe(OPEN)
    const two = { 'env/a.tfvars': 'stage = "x"\n', 'env/b.tfvars': 'stage = "x"\n', 'env/c.tfvars': 'stage = "x"\n' }
    expect(answerIn({ 'a/main.tf': main, ...two })).toBe(OPEN)
  })

  it.each([
    ['beside it', (at: number) => `r${at}/terraform.tfvars.json`, 'prod'],
    ['in a folder of its own', (at: number) => `r${at}/env/prod.tfvars.json`, OPEN],
  ])('looks into as few maps for each of many root modules that each have a file %s', (_, fileOf, value) => {
    const mapsReadFor = (modules: number): number => {
      const texts = Array.from({ length: modules }, (_, at) => [
        { path: `r${at}/main.tf`, text: main },
        { path: fileOf(at), text: '{ "stage": "prod" }' },
      ]).flat()
      const instances = instancesOf(readConfiguration(texts, parsers), ACCOUNT) ?? []
      const answers: ReturnType<typeof evaluateExpression>[] = []
      const read = mapsRead(() => {
        for (const { module, scope } of instances) {
          const local = module.locals.get('answer')
          if (local !== undefined) answers.push(evaluateExpression(local.file, local.value, scope))
        }
      })
      expect(answers).toHaveLength(modules)
      expect(new Set(answers.map(one => (one.kind === 'open' ? OPEN : plainLiteral(one))))).toEqual(new Set([value]))
      return read
    }
    // The values of each file are a map.
    expect(mapsReadFor(300)).toBe(10 * mapsReadFor(30))
  })
})

describe('a module that is called', () => {
  const called = (call: string) => ({
    'main.tf': `module "m" {\n  source = "./m"\n${call}\n}\nlocals { answer = module.m.name }\n`,
    'm/main.tf': `variable "name" { default = "none" }\noutput "name" { value = var.name }\nlocals { answer = "\${path.module} \${var.name}" }\n`,
  })

  it('has the arguments of its call, or its defaults', () => {
    expect(answerIn(called('  name = "given"'))).toBe('given')
    expect(answerIn(called(''))).toBe('none')
    expect(answerIn(called('  name = "given"'), 'module.m')).toBe('m given')
  })

  it('is not known by an output that it does not have, or in another folder', () => {
    const files = called('  name = "given"')
    const main = files['main.tf']
    expect(answerIn({ ...files, 'main.tf': main.replace('module.m.name', 'module.m.other') })).toBe(OPEN)
    expect(answerIn({ ...files, 'main.tf': main.replace('./m', './n') })).toBe(OPEN)
    expect(answerIn({ ...files, 'main.tf': main.replace('./m', 'terraform-aws-modules/iam/aws') })).toBe(OPEN)
    const outside = { 'main.tf': main.replace('./m', 'terraform-aws-modules/iam/aws'), '../x.tf': files['m/main.tf'] }
    expect(answerIn(outside)).toBe(OPEN)
    expect(answerIn({ ...files, 'main.tf': main.replace('module.m.name', 'module.n.name') })).toBe(OPEN)
  })

  it('is one for each element of its loop', () => {
    const files = called('  for_each = toset(["x", "y"])\n  name = "${each.key}-role"')
    const main = files['main.tf']
    expect(answerIn({ ...files, 'main.tf': main.replace('module.m.name', 'module.m["y"].name') })).toBe('y-role')
    expect(answerIn({ ...files, 'main.tf': main.replace('module.m.name', 'module.m["z"].name') })).toBe(OPEN)
    expect(answerIn(files)).toBe(OPEN)
    expect(answerIn(files, 'module.m["x"]')).toBe('m x-role')
  })

  it('is one for the only element of its loop', () => {
    const files = called('  for_each = toset(["x"])\n  name = each.value')
    const main = files['main.tf'].replace('module.m.name', 'module.m["x"].name')
    expect(answerIn({ ...files, 'main.tf': main })).toBe('x')
    expect(answerIn({ ...files, 'main.tf': main.replace('toset(["x"])', 'var.none') })).toBe(OPEN)
  })

  it('is one for each number of its count', () => {
    const files = called('  count = 2\n  name = "role-${count.index}"')
    const main = files['main.tf']
    expect(answerIn({ ...files, 'main.tf': main.replace('module.m.name', 'module.m[1].name') })).toBe('role-1')
    expect(answerIn(files, 'module.m[0]')).toBe('m role-0')
  })

  it('can be in a folder above, and not outside of the repository', () => {
    const files = {
      'live/main.tf': 'module "m" { source = "../m" }\nlocals { answer = module.m.name }\n',
      'm/main.tf': 'output "name" { value = "above" }\n',
    }
    expect(answerIn(files)).toBe('above')
    expect(answerIn({ ...files, 'live/main.tf': files['live/main.tf'].replace('../m', '../../m') })).toBe(OPEN)
  })
})

describe('a text at its bound', () => {
  it('may hold more blocks than a call has room for arguments', () => {
    const texts = [
      { path: 'a.tf', text: '' },
      { path: 'b.tf', text: 'x {}\n'.repeat(1_000_000) },
    ]
    expect(readConfiguration(texts, parsers).modules.get('')?.blocks).toHaveLength(1_000_000)
  })

  it('may hold a map of thousands of members', () => {
    const members = Array.from({ length: 25_000 }, (_, at) => `k${at} = ${at}`).join(', ')
    const [instance] =
      instancesOf(
        readConfiguration([{ path: 'main.tf', text: `locals { answer = { ${members} } }` }], parsers),
        ACCOUNT,
      ) ?? []
    const local = instance?.module.locals.get('answer')
    if (instance === undefined || local === undefined) throw new Error('no local.answer')
    const startedMs = cpuMs()
    const value = evaluateExpression(local.file, local.value, instance.scope)
    expect(cpuMs() - startedMs).toBeLessThan(1_000)
    expect(value.kind === 'map' ? value.entries.length : 0).toBe(25_000)
  })
})
