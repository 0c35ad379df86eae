/** Where the document of a Terraform policy is written, and how an edit looks there. */
import { describe, expect, it } from 'vitest'
import { addressOf, editOf, textAfter } from '../edit-of.ts'

const ROLE = 'resource "aws_iam_role" "task" {\n  name = "orders"\n}\n'
const OLD = { Sid: 'Old', Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['*'] }
const HCL =
  'jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Old", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["*"] }] })'
const policy = (document: string, name = 'own', more = '') =>
  `resource "aws_iam_role_policy" "${name}" {\n${more}  name   = "${name}"\n  role   = "orders"\n  policy = ${document}\n}\n`
const main = (text: string) => ({ 'main.tf': ROLE + text })
const added = { policy: 'own', before: [OLD], adds: ['pass' as const] }
const growing = (before: object, after: object) => ({ policy: 'own', before: [{ ...before }], after: [{ ...after }] })
const of = (reason: string) => `aws_iam_role_policy.own: ${reason}.`

describe('a document that the policy refers to', () => {
  it('is edited behind a comment, and behind eight references', () => {
    expect(addressOf(main(policy(`/* why */ ${HCL}`)), 'role orders', added)).toBe('aws_iam_role.task')
    const chain = (count: number) =>
      `locals {\n${Array.from({ length: count - 1 }, (_, n) => `  a${n} = local.a${n + 1}\n`).join('')}  a${count - 1} = ${HCL}\n}\n`
    expect(addressOf(main(policy('local.a0') + chain(8)), 'role orders', added)).toBe('aws_iam_role.task')
    expect(addressOf(main(policy('local.a0') + chain(9)), 'role orders', added)).toBe(
      of('its document is too many references away'),
    )
  })

  it('is not edited where two places use it', () => {
    const two = `${policy('local.doc') + policy('local.doc', 'other')}locals {\n  doc = ${HCL}\n}\n`
    expect(addressOf(main(two), 'role orders', added)).toBe(
      of('local.doc is used in 2 places: give the role a document of its own'),
    )
  })

  const called = (document: string, call: string, variable = '') => ({
    'main.tf': `module "m" {\n  source = "./m"\n${call}}\n`,
    'm/main.tf': `${ROLE}variable "doc" {${variable}}\n${policy(document)}`,
  })
  const doc = `  doc = ${HCL}\n`

  it('is edited in the call that gives it', () => {
    expect(textAfter(called('var.doc', doc), 'role orders', added)).toMatch(/^module "m" \{[^}]*doc = jsonencode/)
    const depth = (count: number) => ({
      'main.tf': `module "m" {\n  source = "./m1"\n${doc}}\n`,
      ...Object.fromEntries(
        Array.from({ length: count - 1 }, (_, n) => [
          `m${n + 1}/main.tf`,
          `variable "doc" {}\nmodule "m" {\n  source = "../m${n + 2}"\n  doc = var.doc\n}\n`,
        ]),
      ),
      [`m${count}/main.tf`]: `${ROLE}variable "doc" {}\n${policy('var.doc')}`,
    })
    expect(addressOf(depth(8), 'role orders', added)).toMatch(/^(?:module\.m\.){8}aws_iam_role\.task$/)
    expect(addressOf(depth(9), 'role orders', added)).toBe(of('its document is too many references away'))
  })

  it.each([
    ['var.doc', '', ' default = "{}" ', 'var.doc has its default, which other calls share'],
    ['var.doc.inner', doc, '', 'its document is var.doc.inner, which is not followed'],
    ['module.other.doc', doc, '', 'its document is module.other.doc, which is not followed'],
    ['module.doc', doc, '', 'its document is module.doc, which is not followed'],
  ])('is not followed as %s', (document, call, variable, reason) => {
    expect(addressOf(called(document, call, variable), 'role orders', added)).toBe(of(reason))
  })

  it('is not edited as a variable that is used twice, or that has its value from elsewhere', () => {
    const files = called('var.doc', doc)
    const twice = `${files['m/main.tf']}output "x" {\n  value = var.doc\n}\n`
    expect(addressOf({ ...files, 'm/main.tf': twice }, 'role orders', added)).toBe(
      of('var.doc is used in several places'),
    )
    expect(addressOf(main(`variable "doc" {}\n${policy('var.doc')}`), 'role orders', added)).toBe(
      of('its document is var.doc, which is not followed'),
    )
  })

  it('is edited where it shares a text or a value of the deploy, and not where it shares a list', () => {
    const with_ = (resource: string, more: string) =>
      main(
        `${policy(HCL.replace('["*"]', resource))}output "x" {\n  value = ${resource}\n}\nvariable "x" {}\nvariable "y" { default = ["*"] }\nlocals {\n${more}}\n`,
      )
    expect(addressOf(with_('local.name', '  name = "*"\n'), 'role orders', added)).toBe('aws_iam_role.task')
    expect(addressOf(with_('local.open', '  open = var.x\n'), 'role orders', added)).toBe('aws_iam_role.task')
    expect(addressOf(with_('var.y', ''), 'role orders', added)).toBe('aws_iam_role.task')
    expect(addressOf(with_('local.all', '  all = ["*"]\n'), 'role orders', added)).toBe(
      of('local.all is used in several places: give the role a document of its own'),
    )
  })

  it('is one file, also under another name of its folder', () => {
    const files = {
      'main.tf': ROLE + policy('file("${path.module}/policies/p.json")'),
      'policies/p.json': JSON.stringify({ Version: '2012-10-17', Statement: [OLD] }),
    }
    expect(addressOf(files, 'role orders', added)).toBe('aws_iam_role.task')
    const other = 'resource "aws_iam_policy" "x" {\n  policy = file("${path.module}/p.json")\n}\n'
    expect(addressOf({ ...files, 'policies/main.tf': other }, 'role orders', added)).toBe(
      of('policies/p.json is used in several places: give the role a document of its own'),
    )
    const named = {
      'p.json/main.tf': ROLE + policy('file("policy.json")'),
      'p.json': JSON.stringify({ Version: '2012-10-17', Statement: [OLD] }),
    }
    expect(addressOf(named, 'role orders', added)).toBe(
      of('its document is the file "policy.json", which was not found'),
    )
    expect(addressOf({ ...files, 'policies/main.tf': other.replace('p.json', 'q.json') }, 'role orders', added)).toBe(
      'aws_iam_role.task',
    )
  })
})

describe('a document as text', () => {
  const heredoc = (resource: string) =>
    `<<EOT\n{\n  "Version": "2012-10-17",\n  "Statement": [\n    { "Sid": "Old", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [${resource}] }\n  ]\n}\nEOT\n`
  const values = 'variable "unset" {}\nlocals {\n  bucket = "orders"\n}\n'
  const grown = growing(
    { ...OLD, Resource: ['arn:aws:s3:::orders'] },
    { ...OLD, Resource: ['arn:aws:s3:::orders', 'arn:aws:s3:::b'] },
  )

  it('is read with the values that the code holds', () => {
    expect(editOf(main(policy(heredoc('"arn:aws:s3:::${local.bucket}"')) + values), 'role orders', grown)).toBe(
      'aws_iam_role.task\n    { "Sid": "Old", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::${local.bucket}", "arn:aws:s3:::b"] }',
    )
    for (const open of ['"arn:aws:s3:::${var.unset}"', '"arn:aws:s3:::${null}"', '${var.unset}'])
      expect(addressOf(main(policy(heredoc(open)) + values), 'role orders', grown)).toMatch(
        /the statement whose list grows is not in the document, or not as IAM has it now\.$/,
      )
    const empty = ['arn:aws:s3:::${}']
    const change = growing({ ...OLD, Resource: empty }, { ...OLD, Resource: [...empty, 'arn:aws:s3:::b'] })
    expect(addressOf(main(policy(heredoc('"arn:aws:s3:::${}"'))), 'role orders', change)).toMatch(
      /the statement whose list grows is not in the document, or not as IAM has it now\.$/,
    )
  })

  it('is left to a person where it has conditions, or the change a variable of a policy', () => {
    expect(addressOf(main(policy(heredoc('"%{ if true }a%{ endif }"'))), 'role orders', added)).toBe(
      of('its document is a template with conditions'),
    )
    const home = { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::${aws:username}' }
    expect(addressOf(main(policy(heredoc('"*"'))), 'role orders', { ...added, adds: [home] })).toBe(
      of('the change holds a policy variable, which a heredoc would interpolate'),
    )
  })
})

describe('the edit of a document in HCL', () => {
  it('opens an empty list without a comma at its end', () => {
    const empty = policy('jsonencode({\n    Version   = "2012-10-17"\n    Statement = []\n  })')
    const one = { Effect: 'Allow', Action: 's3:*', Resource: '*' }
    expect(editOf(main(empty), 'role orders', { policy: 'own', before: [], adds: [one] })).toBe(`aws_iam_role.task
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:*"
        Resource = "*"
      }
    ]`)
  })

  it('is left to a person where a function makes the list, or the statements are not written out', () => {
    const grown = growing(OLD, { ...OLD, Resource: ['*', 'arn:aws:s3:::b'] })
    expect(addressOf(main(policy(HCL.replace('["*"]', 'concat(["*"], [])'))), 'role orders', grown)).toBe(
      of('a function makes this list'),
    )
    const open = `variable "x" {}\n${policy('jsonencode({ Version = "2012-10-17", Statement = var.x })')}`
    for (const given of [grown, added])
      expect(addressOf(main(open), 'role orders', given)).toBe(of('its statements are not written out in the document'))
  })

  it('is left to a person where it would change another policy too', () => {
    const shared = `variable "all" {\n  default = ["*"]\n}\n${policy(HCL.replace('["*"]', 'var.all'))}`
    const grown = growing(OLD, { ...OLD, Resource: ['*', 'arn:aws:s3:::b'] })
    expect(addressOf(main(shared), 'role orders', grown)).toBe('aws_iam_role.task')
    expect(addressOf(main(shared + policy(HCL.replace('["*"]', 'var.all'), 'other')), 'role orders', grown)).toBe(
      'The edit would change another policy too.',
    )
  })

  it('is left to a person for policies that a loop makes, and for a module that is called twice', () => {
    const loop = (forEach: string) => main(`variable "x" {}\n${policy(HCL, 'own', `  for_each = ${forEach}\n`)}`)
    expect(addressOf(loop('toset(["a", "b"])'), 'role orders', added)).toBe(
      'The code has the policy own more than once.',
    )
    const named = (forEach: string) =>
      main(
        `variable "x" {}\n${policy(HCL, 'own', `  for_each = ${forEach}\n`).replace('"own"\n  role', 'each.key\n  role')}`,
      )
    expect(addressOf(named('toset(["own", "b"])'), 'role orders', added)).toBe(
      'aws_iam_role_policy.own makes 2 policies from one document in a loop: give orders a document of its own.',
    )
    expect(addressOf(loop('var.x'), 'role orders', added)).toBe(
      'aws_iam_role_policy.own makes several policies from one document in a loop: give orders a document of its own.',
    )
    const call = (label: string, name: string) => `module "${label}" {\n  source = "./m"\n  name = "${name}"\n}\n`
    const files = {
      'main.tf': call('a', 'orders') + call('b', 'other'),
      'm/main.tf': `variable "name" {}\n${ROLE.replace('"orders"', 'var.name')}${policy(HCL).replace('"orders"', 'aws_iam_role.task.name')}`,
    }
    expect(addressOf(files, 'role orders', added)).toBe(
      'aws_iam_role_policy.own is in a module that is called 2 times: every call would get the change.',
    )
  })
})

describe('a policy document as a data source', () => {
  const data = (body: string, more = '') =>
    main(`${policy('data.aws_iam_policy_document.own.json')}data "aws_iam_policy_document" "own" {\n${body}}\n${more}`)
  const block = (sid: string, more = '') =>
    `  statement {\n    sid = "${sid}"\n    actions = ["s3:GetObject"]\n    resources = ["*"]\n${more}  }\n`
  const one = { Sid: 'New', Effect: 'Allow', Action: 's3:*', Resource: '*' }
  const NEW =
    '  statement {\n    sid       = "New"\n    effect    = "Allow"\n    actions   = ["s3:*"]\n    resources = ["*"]\n  }\n'
  const body = (text: string) => text.slice(text.indexOf('data "'))

  it('gets the statement behind its last one, and behind the comment of that', () => {
    const sids = ['A', 'B', 'C']
    const text = `${sids.map(sid => block(sid)).join('')}`.replace(/\}\n$/, '} # last\n')
    const before = sids.map(Sid => ({ ...OLD, Sid }))
    const after = textAfter(data(text), 'role orders', { policy: 'own', before, adds: [one] })
    expect(body(after)).toBe(`data "aws_iam_policy_document" "own" {\n${text}\n${NEW}}\n`)
    const windows = { 'main.tf': data(text)['main.tf'].replaceAll('\n', '\r\n') }
    expect(textAfter(windows, 'role orders', { policy: 'own', before, adds: [one] })).toBe(
      after.replaceAll('\n', '\r\n'),
    )
  })

  it.each([
    ['nothing', '', ''],
    ['a setting', '  version = "2012-10-17"\n', '\n'],
    ['a block', '  timeouts {\n  }\n', '\n'],
    ['a dynamic block of another name', '  dynamic "x" {\n  }\n  version = "2012-10-17"\n', '\n'],
  ])('gets its first statement below %s', (_, text, between) => {
    const after = textAfter(data(text), 'role orders', { policy: 'own', before: [], adds: [one] })
    expect(body(after)).toBe(`data "aws_iam_policy_document" "own" {\n${text}${between}${NEW}}\n`)
  })

  it('is left to a person on one line, and for what no block can hold', () => {
    const files = data('')
    const inOneLine = { 'main.tf': files['main.tf'].replace('"own" {\n}', '"own" {}') }
    expect(addressOf(inOneLine, 'role orders', { policy: 'own', before: [], adds: [one] })).toBe(
      of('its data block is on one line'),
    )
    for (const principal of [{ NotPrincipal: { AWS: '*' } }, { NotPrincipal: '*' }])
      expect(addressOf(files, 'role orders', { policy: 'own', before: [], adds: [{ ...one, ...principal }] })).toBe(
        of('the statement has an element that a statement block cannot hold'),
      )
  })

  const condition = (test: string, variable: string, ...values: readonly string[]) =>
    `\n    condition {\n      test = "${test}"\n      variable = "${variable}"\n      values = ${JSON.stringify(values)}\n    }\n`
  const Condition = { StringLike: { k: ['a'], l: ['b'] }, StringEquals: { k: ['c'] } }
  const three = block(
    'Old',
    condition('StringLike', 'k', 'a') + condition('StringLike', 'l', 'b') + condition('StringEquals', 'k', 'c'),
  )

  it.each([
    ['StringLike', 'k', 'a'],
    ['StringLike', 'l', 'b'],
    ['StringEquals', 'k', 'c'],
  ] as const)('gets a value in the condition of %s and %s', (operator, key, value) => {
    const wider = { ...Condition, [operator]: { ...Condition[operator], [key]: [value, 'new'] } }
    const grown = growing({ ...OLD, Condition }, { ...OLD, Condition: wider })
    expect(body(textAfter(data(three), 'role orders', grown))).toBe(
      body(data(three)['main.tf']).replace(`["${value}"]`, `["${value}", "new"]`),
    )
  })

  it('gets a resource, whatever conditions it has', () => {
    const grown = growing({ ...OLD, Condition }, { ...OLD, Condition, Resource: ['*', 'arn:aws:s3:::b'] })
    expect(editOf(data(three), 'role orders', grown)).toBe('aws_iam_role.task\n    resources = ["*", "arn:aws:s3:::b"]')
    // Two blocks of one key are one list.
    const twice = block('Old', condition('StringLike', 'k', 'a') + condition('StringLike', 'k', 'b'))
    const both = { Condition: { StringLike: { k: ['a', 'b'] } } }
    const wider = growing({ ...OLD, ...both }, { ...OLD, ...both, Resource: ['*', 'arn:aws:s3:::b'] })
    expect(addressOf(data(twice), 'role orders', wider)).toBe('aws_iam_role.task')
    const other = { Condition: { StringLike: { k: ['a', 'c'] } } }
    expect(
      addressOf(
        data(twice),
        'role orders',
        growing({ ...OLD, ...other }, { ...OLD, ...other, Resource: ['*', 'arn:aws:s3:::b'] }),
      ),
    ).toMatch(/not in the document, or not as IAM has it now\.$/)
  })

  it('has the values of its only element', () => {
    const grown = growing({ ...OLD, Sid: 'a0' }, { ...OLD, Sid: 'a0', Resource: ['*', 'arn:aws:s3:::b'] })
    for (const [loop, sid] of [
      ['count = 1', 'a${count.index}'],
      ['for_each = { x = "a0" }', '${each.value}'],
      ['for_each = toset(["a0"])', '${each.key}'],
    ])
      expect([sid, addressOf(data(`  ${loop}\n${block(sid ?? '')}`), 'role orders', grown)]).toEqual([
        sid,
        'aws_iam_role.task',
      ])
  })
})

describe('a trust policy as a data source', () => {
  const trust = (principals: string) =>
    `resource "aws_iam_role" "task" {\n  name = "orders"\n  assume_role_policy = data.aws_iam_policy_document.trust.json\n}\ndata "aws_iam_policy_document" "trust" {\n  statement {\n    actions = ["sts:AssumeRole"]\n${principals}  }\n}\n`
  const block = (type: string, identifiers: string, kind = 'principals') =>
    `    ${kind} {\n      type = ${type}\n      identifiers = ${identifiers}\n    }\n`
  const SERVICE = block('"Service"', '["ecs.amazonaws.com"]')
  const statement = (more: object) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', ...more })

  it.each<[string, unknown, string]>([
    ['everybody', '*', block('"*"', '["*"]')],
    ['several', { AWS: ['a', 'b'], Service: 's' }, `${block('"AWS"', '["a", "b"]')}\n${block('"Service"', '["s"]')}`],
    ['a canonical user', { CanonicalUser: 'c' }, block('"CanonicalUser"', '["c"]')],
  ])('gets a block that trusts %s', (_, Principal, blocks) => {
    const before = [statement({ Principal: { Service: 'ecs.amazonaws.com' } })]
    const edit = textAfter({ 'main.tf': trust(SERVICE) }, 'trust orders', { before, adds: [statement({ Principal })] })
    expect(edit.replaceAll(/ +=/g, ' =')).toBe(
      `${trust(SERVICE).slice(0, -2)}\n  statement {\n    effect = "Allow"\n    actions = ["sts:AssumeRole"]\n\n${blocks}  }\n}\n`,
    )
  })

  const grown = (principal: object) =>
    ({
      before: [statement({ ...principal, Condition: { StringEquals: { k: ['a'] } } })],
      after: [statement({ ...principal, Condition: { StringEquals: { k: ['a', 'b'] } } })],
    }) as const
  const test = '    condition {\n      test = "StringEquals"\n      variable = "k"\n      values = ["a"]\n    }\n'
  const NOT_THERE = /not in the document, or not as IAM has it now\.$/

  it.each<[string, object, string, boolean]>([
    ['everybody', { Principal: '*' }, block('"*"', '["*"]'), true],
    ['everybody and more', { Principal: '*' }, block('"*"', '["*"]') + SERVICE, false],
    ['one of a type that is everybody', { Principal: '*' }, block('"AWS"', '["*"]'), false],
    ['some of every type', { Principal: '*' }, block('"*"', '["a"]'), false],
    ['some, and then everybody', { Principal: '*' }, block('"*"', '["a", "*"]'), false],
    ['everybody, and then some', { Principal: '*' }, block('"*"', '["*", "a"]'), false],
    ['two of one type', { Principal: { AWS: ['a', 'b'] } }, block('"AWS"', '["a"]') + block('"AWS"', '["b"]'), true],
    [
      'two types',
      { Principal: { AWS: 'a', Service: 's' } },
      block('"AWS"', '["a"]') + block('"Service"', '["s"]'),
      true,
    ],
    ['everybody but one', { NotPrincipal: { AWS: 'a' } }, block('"AWS"', '["a"]', 'not_principals'), true],
    [
      'one in place of everybody but that',
      { Principal: { AWS: 'a' } },
      block('"AWS"', '["a"]', 'not_principals'),
      false,
    ],
    ['whom only the deploy knows', { Principal: { AWS: 'a' } }, block('"AWS"', 'var.x'), false],
    [
      'with a block of another kind',
      { Principal: { AWS: 'a' } },
      `${block('"AWS"', '["a"]')}    other {\n    }\n`,
      false,
    ],
  ])('gets a value in the statement that trusts %s', (_, principal, blocks, isRead) => {
    const { before, after } = grown(principal)
    const given = { before: [...before], after: [...after] }
    const edit = editOf({ 'main.tf': `variable "x" {}\n${trust(blocks + test)}` }, 'trust orders', given)
    if (isRead) expect(edit).toBe('aws_iam_role.task\n      values = ["a", "b"]')
    else expect(edit).toMatch(NOT_THERE)
  })
})
