/** Which Terraform block makes a role, where its grant is written, and why code is left to a person. */
import { describe, expect, it } from 'vitest'
import type { PolicyChange } from '../../../../core/patch/patch.ts'
import { loadParsers } from '../../../../functions/adapters/syntax/parsers.ts'
import { editCode } from '../../../../iac/edit/edit-code.ts'
import type { Parsers } from '../../../../iac/edit/syntax-node.ts'
import { changesOf } from '../code-case.ts'
import { addressOf, editOf, textAfter } from '../edit-of.ts'
import { mistaken } from '../mistaken-parsers.ts'

const role = (more = '', label = 'task') => `resource "aws_iam_role" "${label}" {\n  name = "orders"\n${more}}\n`
const main = (text: string) => ({ 'main.tf': text })
const NONE = 'No code here makes orders: add the snippet to the code that does.'

describe('the block that makes a role', () => {
  it('is the one with its name, and with its path', () => {
    expect(addressOf(main(role()), 'role orders')).toBe('aws_iam_role.task')
    expect(addressOf(main(role()), 'role other')).toBe(NONE.replace('orders', 'other'))
    expect(addressOf(main(role('  path = "/app/"\n')), 'role app/orders')).toBe('aws_iam_role.task')
    expect(addressOf(main(role('  path = "/app/"\n')), 'role orders')).toBe(
      'aws_iam_role.task (main.tf) has the name orders under the path /app/, and IAM has it under /: add the snippet to it if it is the same.',
    )
    expect(addressOf(main(role()), 'role app/orders')).toBe(
      'aws_iam_role.task (main.tf) has the name orders under the path /, and IAM has it under /app/: add the snippet to it if it is the same.',
    )
    expect(addressOf(main(role('  path = var.x\n')), 'role app/orders')).toBe('aws_iam_role.task')
    expect(addressOf(main(role()), 'user orders')).toBe(NONE)
  })

  it('is not chosen among two; the file that a tag names decides', () => {
    const two = { 'a/main.tf': role(), 'b/main.tf': role() }
    expect(addressOf(two, 'role orders')).toBe(
      'aws_iam_role.task (a/main.tf) and aws_iam_role.task (b/main.tf) all have the name orders: say which folder is meant.',
    )
    expect(addressOf(two, 'role orders', { hints: { file: 'b/main.tf' } })).toBe('aws_iam_role.task')
    expect(addressOf(two, 'role orders', { hints: { file: 'c/main.tf' } })).toMatch(/ all have the name orders/)
  })

  it('may be one whose name depends on values', () => {
    const open = 'variable "x" {}\nresource "aws_iam_role" "open" {\n  name = "ord${var.x}"\n}\n'
    expect(addressOf(main(open), 'role orders')).toBe(
      'aws_iam_role.open (main.tf) may be orders, but its name depends on values that the code does not hold: add the snippet where they are known.',
    )
    expect(addressOf(main(open), 'role other')).toBe(NONE.replace('orders', 'other'))
    expect(addressOf(main(open + role()), 'role orders')).toBe(
      'aws_iam_role.open (main.tf) may have the name orders too: its name depends on values that the code does not hold.',
    )
    expect(addressOf(main(open + role()), 'role orders', { hints: { file: 'main.tf' } })).toBe('aws_iam_role.task')
  })

  it('may be in a loop over values', () => {
    const loop = (name: string, type = 'aws_iam_role') =>
      `variable "x" {}\nresource "${type}" "each" {\n  for_each = var.x\n  name = ${name}\n}\n`
    expect(addressOf(main(loop('"ord${each.key}"')), 'role orders')).toBe(
      'aws_iam_role.each[?] (main.tf) is made in a loop, and which element is orders depends on values that the code does not hold: add the snippet for that element.',
    )
    const may = (type: string) =>
      `${type}.each[?] (main.tf) is made in a loop over values that the code does not hold, so that it may make orders: add the snippet for that element.`
    expect(addressOf(main(loop('each.key')), 'role orders')).toBe(may('aws_iam_role'))
    expect(addressOf(main(loop('each.key')), 'user orders')).toBe(NONE)
    expect(addressOf(main(loop('each.key', 'aws_iam_user')), 'user orders')).toBe(may('aws_iam_user'))
    expect(addressOf(main(loop('each.key', 'aws_iam_user')), 'role orders')).toBe(NONE)
  })

  it.each([
    ['a count', 'count = 501', '"ord${count.index}"'],
    ['a count, and an open name', 'count = 501', 'var.x[count.index]'],
    ['a set', `for_each = toset([${Array.from({ length: 501 }, (_, at) => `"n${at}"`).join(', ')}])`, 'each.key'],
    [
      'a map',
      `for_each = { ${Array.from({ length: 501 }, (_, at) => `n${at} = "x"`).join(', ')} }`,
      '"ord${each.key}"',
    ],
  ])('may be in a loop that is longer than is read: %s', (_, over, name) => {
    const loop = `variable "x" {}\nresource "aws_iam_role" "each" {\n  ${over}\n  name = ${name}\n}\n`
    expect(addressOf(main(loop), 'role orders')).toBe(
      'aws_iam_role.each[?] (main.tf) is made in a loop with more than 500 elements, which is more than rolemedic reads, so that it may make orders: add the snippet for that element.',
    )
  })

  it('may begin with a prefix', () => {
    const prefix = (text: string) => `resource "aws_iam_role" "pre" {\n  name_prefix = "${text}"\n}\n`
    expect(addressOf(main(prefix('ord')), 'role orders')).toBe(
      'aws_iam_role.pre (main.tf) has a name_prefix, so its name is not certain: add the snippet beside it if it is the role.',
    )
    expect([addressOf(main(prefix('')), 'role orders'), addressOf(main(prefix('x')), 'role orders')]).toEqual([
      NONE,
      NONE,
    ])
  })

  it('may be inside of a module from elsewhere that is given its name', () => {
    const call = (more: string, source = 'terraform-aws-modules/iam/aws') =>
      `module "m" {\n  source = "${source}"\n${more}\n}\n`
    const inside =
      'Orders is made inside the module m (main.tf), which comes from terraform-aws-modules/iam/aws: give the statement to an input of that module, or add the snippet beside the call.'
    expect(addressOf(main(call('  role_name = "orders"')), 'role orders')).toBe(inside)
    expect(addressOf(main(call('  prefix = "orde"')), 'role orders')).toBe(inside)
    for (const other of [
      'role_name = "other"',
      'prefix = "ord"',
      'prefix = ""',
      'count = 1',
      'role_name = var.x',
      'tags = ["orders"]',
    ])
      expect([other, addressOf(main(call(`  ${other}`)), 'role orders')]).toEqual([other, NONE])
    expect(addressOf(main(call('', 'orders')), 'role orders')).toBe(NONE)
    expect(addressOf(main('module "m" {\n  role_name = "orders"\n}\n'), 'role orders')).toBe(
      inside.replace('terraform-aws-modules/iam/aws', 'elsewhere'),
    )
    expect(addressOf({ ...main(call('  role_name = "orders"', './m')), 'm/main.tf': '' }, 'role orders')).toBe(NONE)
  })

  it('may be made elsewhere, and only looked up here', () => {
    const data = (type: string, name: string) => `data "${type}" "task" {\n  name = "${name}"\n}\n`
    expect(addressOf(main(data('aws_iam_role', 'orders')), 'role orders')).toBe(
      'Orders is only looked up here (main.tf), and made elsewhere: change the code that makes it.',
    )
    expect(addressOf(main(data('aws_iam_role', 'other')), 'role orders')).toBe(NONE)
    expect(addressOf(main(data('aws_iam_user', 'orders')), 'role orders')).toBe(NONE)
    expect(addressOf(main('resource "aws_iam_role" "x" {\n  description = "orders"\n}\n'), 'role orders')).toBe(NONE)
  })
})

describe('the account of a role', () => {
  const provider = (more: string, alias = '') => `provider "aws" {\n${alias}${more}\n}\n`
  const allows = (...ids: readonly string[]) => `  allowed_account_ids = ${JSON.stringify(ids)}`
  const assumes = (id: string) => `  assume_role {\n    role_arn = "arn:aws:iam::${id}:role/deploy"\n  }`

  it.each<[string, string, boolean]>([
    ['another that its provider allows', provider(allows('999999999999')), false],
    ['its own among those that its provider allows', provider(allows('999999999999', '111122223333')), true],
    ['another whose role its provider takes', provider(assumes('999999999999')), false],
    ['its own, whose role its provider takes', provider(assumes('111122223333')), true],
    ['not said', provider(''), true],
    ['said of a provider that it does not have', provider(allows('999999999999'), '  alias = "other"\n'), true],
    ['said of another kind of provider', 'provider "google" {\n  allowed_account_ids = ["999999999999"]\n}\n', true],
    ['a value', provider('  allowed_account_ids = [var.account]'), true],
  ])('is %s', (_, text, isHere) => {
    expect(addressOf(main(text + role()), 'role orders')).toBe(isHere ? 'aws_iam_role.task' : NONE)
  })

  it('is that of the provider that the role names', () => {
    const both = provider(allows('111122223333')) + provider(allows('999999999999'), '  alias = "audit"\n')
    expect(addressOf(main(both + role()), 'role orders')).toBe('aws_iam_role.task')
    expect(addressOf(main(both + role('  provider = aws.audit\n')), 'role orders')).toBe(NONE)
  })

  it('is that of the provider that the call gives its module', () => {
    const both = provider(allows('999999999999')) + provider(allows('111122223333'), '  alias = "prod"\n')
    const found = (providers: string, inner = '', outer = both) =>
      addressOf(
        { ...main(`${outer}module "m" {\n  source = "./m"\n${providers}}\n`), 'm/main.tf': role(inner) },
        'role orders',
      )
    const HERE = 'module.m.aws_iam_role.task'
    expect(found('  providers = { aws = aws.prod }\n')).toBe(HERE)
    expect(found('')).toBe(NONE)
    expect(found('  providers = { aws.prod = aws.prod }\n')).toBe(NONE)
    expect(found('  providers = { aws.own = aws.prod }\n', '  provider = aws.own\n')).toBe(HERE)
    expect(found('  providers = { aws.own = aws }\n', '  provider = aws.own\n')).toBe(NONE)
    const swapped = both
      .replace('999999999999', 'x')
      .replace('111122223333', '999999999999')
      .replace('"x"', '"111122223333"')
    expect(found('  providers = { aws = aws.prod }\n', '', swapped)).toBe(NONE)
  })

  it('decides between policies of one name', () => {
    const both = provider(allows('111122223333')) + provider(allows('999999999999'), '  alias = "audit"\n')
    const statement = { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }
    const trust =
      '  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "sts:AssumeRole" }] })\n'
    const roles = role(trust) + role(`${trust}  provider = aws.audit\n`, 'other')
    expect(addressOf(main(both + roles), 'trust orders', { before: [statement], adds: ['trust-ci'] })).toBe(
      'aws_iam_role.task',
    )
    const managed = roles.replaceAll('aws_iam_role', 'aws_iam_policy').replaceAll('assume_role_policy', 'policy')
    const document = managed.replaceAll('Principal = "*", ', '').replaceAll('sts:', 'iam:')
    const before = [{ Effect: 'Allow', Action: 'iam:AssumeRole' }]
    expect(addressOf(main(both + document), 'managed orders', { before })).toBe('aws_iam_policy.task')
  })
})

describe('a grant to a role', () => {
  it('is a policy of its own behind the role, by reference to what the code makes', () => {
    const text = `${role('', 'task')}# next\nresource "aws_iam_role" "app" {\n  name = "orders-task"\n  path = "/app/"\n}\n`
    expect(editOf(main(text), 'role orders')).toBe(`aws_iam_role.task

resource "aws_iam_role_policy" "task_rolemedic" {
  name = "rolemedic"
  role = aws_iam_role.task.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Rolemedic1a2b3c4d"
        Effect   = "Allow"
        Action   = "iam:PassRole"
        Resource = aws_iam_role.app.arn
        Condition = {
          StringEquals = {
            "iam:PassedToService" = "ecs-tasks.amazonaws.com"
          }
        }
      }
    ]
  })
}`)
  })

  it('names a role by reference only where the code makes that one role, in the same account', () => {
    const other = (more: string, name = 'name = "orders-task"') =>
      `variable "x" {}\nresource "aws_iam_role" "app" {\n  ${name}\n${more}}\n`
    const resource = (text: string) => /Resource += (.*)/.exec(editOf(main(role() + text), 'role orders'))?.[1]
    const arn = '"arn:aws:iam::111122223333:role/app/orders-task"'
    expect(resource(other('  path = "/app/"\n'))).toBe('aws_iam_role.app.arn')
    expect(resource(other('  path = "/app/"\n  count = 1\n'))).toBe('aws_iam_role.app[0].arn')
    const twin = 'resource "aws_iam_role" "twin" {\n  name = "orders-task"\n  path = "/app/"\n}\n'
    expect(resource(other('  path = "/app/"\n') + twin)).toBe('aws_iam_role.app.arn')
    expect(resource(other('  path = "/app/"\n  count = var.x\n'))).toBe(arn)
    expect(resource(other('  path = "/app/"\n  provider = aws.audit\n'))).toBe(arn)
    expect(resource(other('  path = var.x\n'))).toBe(arn)
    expect(resource(other(''))).toBe(arn)
    expect(resource(other('  path = "/app/"\n', 'name = "orders-${var.x}"'))).toBe(arn)
  })

  it('of another name than that of rolemedic is a new policy too', () => {
    const edit = editOf(main(role()), 'role orders', { policy: 'PassRole-orders' })
    expect(edit.split('\n').slice(2, 4)).toEqual([
      'resource "aws_iam_role_policy" "task_rolemedic" {',
      '  name = "PassRole-orders"',
    ])
  })

  it('is below the line on which the role ends, with the line ends of the file', () => {
    const text = `${role().trimEnd()} # why\n# next\n`
    const after = textAfter(main(text), 'role orders')
    expect(after).toMatch(/^[^}]*\} # why\n\nresource "aws_iam_role_policy"[\s\S]*\n\}\n# next\n$/)
    expect(textAfter(main(text.replaceAll('\n', '\r\n')), 'role orders')).toBe(after.replaceAll('\n', '\r\n'))
    expect(textAfter(main(`${role().trimEnd().replaceAll('\n', '\r\n')}\r`), 'role orders')).toMatch(
      /^[^}]*\}\r\n\r\nresource[^\r]*\r\n[\s\S]*\)\r\n\}\r$/,
    )
    expect(textAfter(main(role().trimEnd()), 'role orders')).toBe(after.replace(' # why', '').replace('\n# next\n', ''))
  })

  const secondLine = (text: string, on = 'role orders') => editOf(main(text), on).split('\n').slice(2, 5)

  it('has a label that is free, and the provider of the role', () => {
    const taken = (label: string, type = 'aws_iam_role_policy') =>
      `resource "${type}" "${label}" {\n  name = "x"\n  role = "y"\n  policy = "{}"\n}\n`
    expect(secondLine(role() + taken('task_rolemedic'))[0]).toBe('resource "aws_iam_role_policy" "task_rolemedic_2" {')
    expect(secondLine(role() + taken('task_rolemedic') + taken('task_rolemedic_2'))[0]).toBe(
      'resource "aws_iam_role_policy" "task_rolemedic_3" {',
    )
    expect(secondLine(role() + taken('task_rolemedic', 'aws_iam_policy'))[0]).toBe(
      'resource "aws_iam_role_policy" "task_rolemedic" {',
    )
    expect(secondLine(role('  provider = aws.audit\n'))).toEqual([
      'resource "aws_iam_role_policy" "task_rolemedic" {',
      '  provider = aws.audit',
      '  name     = "rolemedic"',
    ])
    expect(secondLine('resource "aws_iam_user" "ci" {\n  name = "orders"\n}\n', 'user orders')).toEqual([
      'resource "aws_iam_user_policy" "ci_rolemedic" {',
      '  name = "rolemedic"',
      '  user = aws_iam_user.ci.name',
    ])
  })

  it('is left to a person where the code lists the only inline policies of the role', () => {
    const only = (name: string) =>
      `resource "aws_iam_role_policies_exclusive" "only" {\n  role_name = ${name}\n  policy_names = []\n}\n`
    const listed =
      'aws_iam_role_policies_exclusive.only lists the only inline policies that the role may have: add one there as well.'
    expect(editOf(main(role() + only('aws_iam_role.task.name')), 'role orders')).toBe(listed)
    expect(editOf(main(role() + only('var.x')), 'role orders')).toBe(listed)
    expect(addressOf(main(role() + only('"other"')), 'role orders')).toBe('aws_iam_role.task')
  })

  it('is a block of the role where the role has such blocks', () => {
    const inline =
      '\n  inline_policy {\n    name   = "a"\n    policy = jsonencode({ Version = "2012-10-17", Statement = [] })\n  }\n'
    expect(
      editOf(main(role(inline)), 'role orders')
        .split('\n')
        .slice(0, 5),
    ).toEqual(['aws_iam_role.task', '', '  inline_policy {', '    name = "rolemedic"', '    policy = jsonencode({'])
    expect(
      editOf(
        main(role(`  for_each = { a = "orders", b = "other" }\n${inline}`).replace('= "orders"\n', '= each.value\n')),
        'role orders',
      ),
    ).toBe('aws_iam_role.task["a"] has inline_policy blocks, which all roles of its loop or module share.')
  })

  it('is beside the call of a module that makes several roles, with the provider of the call', () => {
    const files = (providers: string, inner = '', output = 'output "name" { value = aws_iam_role.task.name }') => ({
      'm/main.tf': `variable "name" {}\nresource "aws_iam_role" "task" {\n  name = var.name\n${inner}}\n${output}\n`,
      'main.tf': `module "a" {\n  source = "./m"\n  name   = "orders"\n${providers}}\nmodule "b" {\n  source = "./m"\n  name   = "other"\n}\n`,
    })
    const lines = (...given: Parameters<typeof files>) =>
      editOf(files(...given), 'role orders')
        .split('\n')
        .slice(2, 6)
    expect(lines('')).toEqual([
      'resource "aws_iam_role_policy" "a_rolemedic" {',
      '  name = "rolemedic"',
      '  role = module.a.name',
      '  policy = jsonencode({',
    ])
    expect(lines('  providers = { aws = aws.x }\n').slice(1, 3)).toEqual([
      '  provider = aws.x',
      '  name     = "rolemedic"',
    ])
    expect(lines('  providers = { aws.other = aws.y, aws = aws.x }\n')[1]).toBe('  provider = aws.x')
    expect(lines('  providers = { aws = aws }\n')[1]).toBe('  name = "rolemedic"')
    expect(lines('', '', 'output "id" { value = aws_iam_role.task.id }')[2]).toBe('  role = module.a.id')
    expect(lines('', '', '')[2]).toBe('  role = "orders"')
    const twice = 'output "name" { value = aws_iam_role.task.arn }\noutput "name" { value = aws_iam_role.task.name }'
    expect(lines('', '', twice)[2]).toBe('  role = "orders"')
    expect(lines('', '', 'output "name" { value = var.name }')[2]).toBe('  role = "orders"')
    expect(editOf(files('', '  provider = aws.in\n'), 'role orders')).toMatch(
      /gives its module providers by other names: add the grant by hand\.$/,
    )
    expect(lines('  providers = { aws.in = aws.out }\n', '  provider = aws.in\n')[1]).toBe('  provider = aws.out')
  })
})

describe('what Terraform is told not to change', () => {
  const trusting = (lifecycle: string) =>
    main(
      role(
        `  assume_role_policy = jsonencode({\n    Statement = [{ Effect = "Allow", Principal = "*", Action = "sts:AssumeRole" }]\n  })\n${lifecycle}`,
      ),
    )
  const trust = { before: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }], adds: ['trust-ci'] } as const
  const edit = (lifecycle: string) =>
    addressOf(trusting(lifecycle), 'trust orders', { ...trust, before: [...trust.before], adds: [...trust.adds] })

  it('is not edited: the trust policy', () => {
    const reason =
      'aws_iam_role.task: its lifecycle has ignore_changes for assume_role_policy, so that Terraform would not write the change.'
    expect(edit('')).toBe('aws_iam_role.task')
    expect(edit('  lifecycle {\n    ignore_changes = [tags, description]\n  }\n')).toBe('aws_iam_role.task')
    expect(edit('  lifecycle {\n    ignore_changes = [tags, assume_role_policy]\n  }\n')).toBe(reason)
    expect(edit('  lifecycle {\n    ignore_changes = all\n  }\n')).toBe(reason)
  })

  it('is not edited: inline_policy blocks', () => {
    const inline = '  inline_policy {\n    name   = "a"\n    policy = "{}"\n  }\n'
    expect(
      addressOf(main(role(`${inline}  lifecycle {\n    ignore_changes = [inline_policy]\n  }\n`)), 'role orders'),
    ).toBe(
      'aws_iam_role.task: its lifecycle has ignore_changes for inline_policy, so that Terraform would not write the change.',
    )
  })
})

describe('modules that Terragrunt calls', () => {
  it('get values that are not followed', () => {
    const files = {
      'modules/a/main.tf': role(),
      'live/dev/terragrunt.hcl': 'terraform {\n  source = "../../modules/a"\n}\n',
    }
    expect(addressOf(files, 'role orders')).toBe(
      'Terragrunt (live/dev/terragrunt.hcl) calls modules here, and how often and with which values is not followed: add the snippet to the unit that makes orders.',
    )
  })
})

describe('a policy document of Terraform', () => {
  const data = (body: string) =>
    `${role()}resource "aws_iam_role_policy" "own" {\n  name = "own"\n  role = "orders"\n  policy = data.aws_iam_policy_document.own.json\n}\ndata "aws_iam_policy_document" "own" {\n${body}}\n`
  const OLD = { Sid: 'Old', Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['*'] }
  const old = '  statement {\n    sid = "Old"\n    actions = ["s3:GetObject"]\n    resources = ["*"]\n  }\n'
  const edit = (body: string, given: object) => editOf(main(data(body)), 'role orders', { policy: 'own', ...given })

  it('gets a block with every element of the statement', () => {
    const added = {
      ...{ Effect: 'Allow', NotAction: 'iam:*', NotResource: ['a', 'b'] },
      Condition: { StringLike: { k: ['x', 'y'] }, Bool: { l: 'true' } },
    }
    expect(edit(old, { before: [OLD], adds: [added] })).toBe(`aws_iam_role.task

  statement {
    effect        = "Allow"
    not_actions   = ["iam:*"]
    not_resources = ["a", "b"]

    condition {
      test     = "StringLike"
      variable = "k"
      values   = ["x", "y"]
    }

    condition {
      test     = "Bool"
      variable = "l"
      values   = ["true"]
    }
  }`)
    expect(edit('', { before: [], adds: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] })).toMatch(
      /^aws_iam_role\.task\n {2}statement \{\n/,
    )
  })

  it('gets a value in a list that is written out', () => {
    const grows = (more: object) => ({ before: [OLD], after: [{ ...OLD, ...more }] })
    expect(edit(old, grows({ Resource: ['*', 'arn:aws:s3:::b'] }))).toBe(
      'aws_iam_role.task\n    resources = ["*", "arn:aws:s3:::b"]',
    )
    expect(edit(old.replace('["*"]', 'var.x'), grows({ Resource: ['*', 'arn:aws:s3:::b'] }))).toMatch(
      /the statement whose list grows is not in the document, or not as IAM has it now\.$/,
    )
  })

  it('is left to a person in a loop, for two users, or made by a function', () => {
    const added = { before: [OLD], adds: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }
    expect(
      editOf(main(`${data(old)}output "x" { value = data.aws_iam_policy_document.own.json }\n`), 'role orders', {
        policy: 'own',
        ...added,
      }),
    ).toBe(
      'aws_iam_role_policy.own: data.aws_iam_policy_document.own is used in 2 places: give the role a document of its own.',
    )
    expect(edit(`  count = 2\n${old}`, added)).toBe(
      'aws_iam_role_policy.own: data.aws_iam_policy_document.own is made in a loop.',
    )
    const by = (expression: string) =>
      editOf(main(data('').replace('data.aws_iam_policy_document.own.json', expression)), 'role orders', {
        policy: 'own',
        ...added,
      })
    expect(by('templatefile("x", {})')).toBe(
      'aws_iam_role_policy.own: its document is made by the function templatefile.',
    )
    expect(by('file("x.json")')).toBe(
      'aws_iam_role_policy.own: its document is the file "x.json", which was not found.',
    )
    expect(by('data.aws_iam_policy_document.none.json')).toBe(
      'aws_iam_role_policy.own: there is no data.aws_iam_policy_document.none.',
    )
    expect(by('local.none')).toBe('aws_iam_role_policy.own: there is no local.none.')
    expect(by('data.other.x.json')).toBe(
      'aws_iam_role_policy.own: its document is data.other.x.json, which is not followed.',
    )
    expect(by('true ? "a" : "b"')).toBe('aws_iam_role_policy.own: its document is an expression that is not followed.')
    expect(by('<<EOT\nnot json\nEOT\n')).toBe('aws_iam_role_policy.own: its document is a text that is not JSON.')
  })
})

describe('the document of a policy that the code has', () => {
  const OLD = { Sid: 'Old', Effect: 'Allow', Action: 's3:GetObject', Resource: ['*'] }
  const JSON_TEXT = JSON.stringify({ Version: '2012-10-17', Statement: [OLD] }, null, 2)
  const policy = (label: string, text: string, name = 'app') =>
    `resource "aws_iam_role_policy" "${label}" {\n  name = "${name}"\n  role = aws_iam_role.task.id\n  policy = ${text}\n}\n`
  const added = { policy: 'app', before: [OLD], adds: ['pass' as const] }
  const FILE = 'file("${path.module}/p.json")'

  it('is edited in the file that holds it, if no other place uses that', () => {
    const files = { 'main.tf': role() + policy('a', FILE), 'p.json': JSON_TEXT }
    expect(editOf(files, 'role orders', added)).toContain('\n      "Sid": "Rolemedic1a2b3c4d",')
    const other = `resource "aws_iam_policy" "b" {\n  policy = ${FILE}\n}\n`
    expect(editOf({ ...files, 'main.tf': files['main.tf'] + other }, 'role orders', added)).toBe(
      'aws_iam_role_policy.a: p.json is used in several places: give the role a document of its own.',
    )
    expect(editOf({ 'main.tf': files['main.tf'] }, 'role orders', added)).toBe(
      'aws_iam_role_policy.a: its document is the file "${path.module}/p.json", which was not found.',
    )
    expect(editOf({ ...files, 'p.json': '{' }, 'role orders', added)).toBe('aws_iam_role_policy.a: p.json is not JSON.')
  })

  it('is not edited where two policies share a value of it', () => {
    const local = 'locals {\n  st = { Sid = "Old", Effect = "Allow", Action = "s3:GetObject", Resource = ["*"] }\n}\n'
    const document = 'jsonencode({ Version = "2012-10-17", Statement = [local.st] })'
    const grown = { policy: 'app', before: [OLD], after: [{ ...OLD, Resource: ['*', 'arn:aws:s3:::b'] }] }
    const two = role() + local + policy('a', document) + policy('b', document, 'other')
    expect(editOf(main(two), 'role orders', grown)).toBe(
      'aws_iam_role_policy.a: local.st is used in several places: give the role a document of its own.',
    )
    expect(addressOf(main(role() + local + policy('a', document)), 'role orders', grown)).toBe('aws_iam_role.task')
  })

  it('is not edited where the code has the policy twice, or not at all', () => {
    const document = `jsonencode(${JSON_TEXT})`
    expect(editOf(main(role() + policy('a', document) + policy('b', document)), 'role orders', added)).toBe(
      'The code has the policy app more than once.',
    )
    expect(editOf(main(role()), 'role orders', added)).toBe('The code does not hold the policy app of orders.')
    expect(editOf(main(role()), 'trust orders', { adds: ['trust-ci'] })).toMatch(
      /^aws_iam_role\.task: it has no assume_role_policy\.$/,
    )
  })
})

describe('a role that is made by number', () => {
  it.each(['"two"', 'true', '100000', 'var.none'])('is not known where the number is %s', count => {
    expect(editOf(main(role(`  count = ${count}\n`)), 'role orders')).toBe(
      'aws_iam_role.task[?] is made in a loop, and which element it is depends on values that the code does not hold.',
    )
  })

  it('is the first of one', () => {
    expect(addressOf(main(role('  count = 1\n')), 'role orders')).toBe('aws_iam_role.task[0]')
    expect(editOf(main(role('  count = 1\n')), 'role orders')).toContain('role = aws_iam_role.task[0].name')
  })
})

it('a role that another file overrides is left to a person', () => {
  const override = 'resource "aws_iam_role" "task" {\n  description = "x"\n}\n'
  for (const file of ['override.tf', 'prod_override.tf'])
    expect(editOf({ ...main(role()), [file]: override }, 'role orders')).toBe(
      `${file} overrides aws_iam_role.task: change the role there.`,
    )
  expect(addressOf({ ...main(role()), 'override.tf': 'terraform {\n}\n' }, 'role orders')).toBe('aws_iam_role.task')
})

it.each([
  ['variable "name" {\n  default = "other"\n}\n'],
  ['locals {\n  name = "other"\n}\n'],
  ['data "aws_iam_policy_document" "trust" {\n  version = "2012-10-17"\n}\n'],
  ['resource "aws_iam_role_policy" "more" {\n  policy = "{}"\n}\n'],
  ['module "m" {\n  name = "other"\n}\n'],
])('a role is left to a person where another file overrides what it may depend on: %s', override => {
  const called = { 'main.tf': 'module "m" {\n  source = "./m"\n}\n', 'm/main.tf': role() }
  for (const file of ['a_override.tf', 'm/override.tf'])
    expect(editOf({ ...called, [file]: override }, 'role orders')).toBe(
      `${file} overrides what module.m.aws_iam_role.task may depend on: make the change by hand.`,
    )
  expect(addressOf({ ...called, 'other/override.tf': override }, 'role orders')).toBe('module.m.aws_iam_role.task')
})

it.each(['resource "aws_iam_role" "b" {\n  description = "b"\n}\n', 'provider "aws" {\n  region = "x"\n}\n'])(
  'a role does not depend on another block that a file overrides: %s',
  override => {
    const files = { ...main(role() + role('', 'b').replace('orders', 'b')), 'override.tf': override }
    expect(addressOf(files, 'role orders')).toBe('aws_iam_role.task')
  },
)

describe('a role that one environment has', () => {
  const switched = (count: string) => main(`variable "env" {}\n${role(`  count = ${count}\n`)}`)
  const SWITCH = 'var.env == "staging" ? 1 : 0'

  it.each([SWITCH, `(${SWITCH})`, 'var.env != "staging" ? 0 : 1'])('has a policy with the same count: %s', count => {
    expect(editOf(switched(count), 'role orders').split('\n').slice(0, 6)).toEqual([
      'aws_iam_role.task[0]',
      '',
      'resource "aws_iam_role_policy" "task_rolemedic" {',
      `  count = ${count}`,
      '  name  = "rolemedic"',
      '  role  = aws_iam_role.task[0].name',
    ])
  })

  it.each(['var.env == "staging" ? 2 : 0', 'var.env', 'var.env ? 1 : var.env'])('is one of several: %s', count => {
    expect(editOf(switched(count), 'role orders')).toContain('is made in a loop')
  })

  it('is left to a person where its count is on several lines', () => {
    expect(editOf(switched('(\n    var.env == "staging" ? 1 : 0\n  )'), 'role orders')).toBe(
      'aws_iam_role.task[0] has a count of several lines: add the grant by hand.',
    )
  })

  it('has a trust policy of its own', () => {
    const trust = '  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })\n'
    const files = main(`variable "env" {}\n${role(`  count = ${SWITCH}\n${trust}`)}`)
    expect(addressOf(files, 'trust orders', { before: [], adds: ['trust-ci'] })).toBe('aws_iam_role.task[0]')
  })

  it('is in a module that has the switch', () => {
    const call = `variable "env" {}\nmodule "m" {\n  source = "./m"\n  count = ${SWITCH}\n}\n`
    expect(editOf({ ...main(call), 'm/main.tf': role() }, 'role orders')).toMatch(
      /^module\.m\[0\]\.aws_iam_role\.task\n\nresource "aws_iam_role_policy" "task_rolemedic" \{\n {2}name = /,
    )
  })

  it.each([
    'join("", aws_iam_role.task[*].name)',
    'one(aws_iam_role.task[*].name)',
    'element(aws_iam_role.task.*.id, 0)',
  ])('gets no second policy of one name, where that of the code names it by %s', owner => {
    const files = (name: string, of: string) => ({
      'main.tf': `${switched(SWITCH)['main.tf']}resource "aws_iam_role_policy" "p" {\n  name = "${name}"\n  role = ${of}\n  policy = "{}"\n}\n`,
    })
    expect(editOf(files('rolemedic', owner), 'role orders')).toBe(
      'aws_iam_role_policy.p (main.tf) may be the policy rolemedic of orders: make the change there by hand.',
    )
    for (const other of [files('other', owner), files('rolemedic', owner.replace('task', 'task2'))])
      expect(addressOf(other, 'role orders')).toBe('aws_iam_role.task[0]')
  })

  it('has a policy beside the one call of its module that has the switch', () => {
    const call = (label: string, more: string) => `module "${label}" {\n  source = "./m"\n${more}}\n`
    const files = (switched: string, inner: string) => ({
      ...main(
        `variable "env" {}\n${call('m', `  name = "orders"\n  env = var.env\n${switched}`)}${call('other', '  name = "other"\n  env = "x"\n')}`,
      ),
      'm/main.tf': `variable "name" {}\nvariable "env" {}\n${role(inner).replace('"orders"', 'var.name')}output "role" {\n  value = aws_iam_role.task.name\n}\n`,
    })
    expect(
      editOf(files(`  count = ${SWITCH}\n`, ''), 'role orders')
        .split('\n')
        .slice(0, 6),
    ).toEqual([
      'module.m[0].aws_iam_role.task',
      '',
      'resource "aws_iam_role_policy" "m_rolemedic" {',
      `  count = ${SWITCH}`,
      '  name  = "rolemedic"',
      '  role  = module.m[0].role',
    ])
    expect(editOf(files('', `  count = ${SWITCH}\n`), 'role orders')).toBe(
      'module.m.aws_iam_role.task[0] is made or not inside its module, by values that the code does not hold: add the grant by hand.',
    )
    expect(addressOf(files('', '  count = var.name == "orders" ? 1 : 0\n'), 'role orders')).toBe(
      'module.m.aws_iam_role.task[0]',
    )
  })
})

it('a role that the values here switch off is named', () => {
  const off = (count: string) => main(`variable "on" { default = false }\n${role(`  ${count}\n`)}`)
  for (const count of ['count = var.on ? 1 : 0', 'count = 0', 'for_each = {}'])
    expect(editOf(off(count), 'role orders')).toBe(
      'aws_iam_role.task (main.tf) would make orders, but by the values here it makes none: add the snippet beside it, with its count.',
    )
  expect(editOf(off('count = 0'), 'role other')).toBe(NONE.replace('orders', 'other'))
  expect(editOf(off('count = 0'), 'user orders')).toBe(NONE)
})

it('blocks of a role are in a loop only where those of its policies are', () => {
  const block = '  inline_policy {\n    name = "a"\n    policy = "{}"\n  }\n'
  const dynamic = (type: string) => `  dynamic "${type}" {\n    for_each = []\n    content {}\n  }\n`
  expect(editOf(main(role(block + dynamic('inline_policy'))), 'role orders')).toBe(
    'aws_iam_role.task makes its inline_policy blocks in a loop.',
  )
  expect(addressOf(main(role(block + dynamic('tag'))), 'role orders')).toBe('aws_iam_role.task')
})

describe('a principal of the code', () => {
  const trusting = (more: string, ci: string) =>
    main(
      `${role('  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })\n')}resource "aws_iam_role" "ci" {\n  name = "ci-deploy"\n${ci}}\n${more}`,
    )
  const principal = (more: string, ci = '') =>
    /AWS = (\S+)/.exec(editOf(trusting(more, ci), 'trust orders', { before: [], adds: ['trust-ci'] }))?.[1]
  const ARN = '"arn:aws:iam::111122223333:role/ci-deploy"'

  it('is named by reference, unless it refers back to the role', () => {
    expect(principal('')).toBe('aws_iam_role.ci.arn')
    expect(principal('', '  description = "for ${aws_iam_role.task.arn}"\n')).toBe(ARN)
    expect(principal('locals {\n  text = aws_iam_role.task.arn\n}\n', '  description = local.text\n')).toBe(ARN)
    expect(principal('locals {\n  text = aws_iam_role.other.arn\n}\n', '  description = local.text\n')).toBe(
      'aws_iam_role.ci.arn',
    )
  })

  it('is not named by reference where a switch makes it', () => {
    expect(principal('', '  count = 1\n')).toBe('aws_iam_role.ci[0].arn')
    for (const value of ['true', 'var.on'])
      expect(principal('variable "on" {}\n', `  count = ${value} ? 1 : 0\n`)).toBe(ARN)
  })

  it('may refer to what goes round in a circle', () => {
    const round = 'locals {\n  a = local.b\n  b = local.a\n}\n'
    expect(principal(round, '  description = local.a\n')).toBe('aws_iam_role.ci.arn')
  })
})

describe('a role inside of modules', () => {
  const call = (source: string, more = '', label = 'm') => `module "${label}" {\n  source = "${source}"\n${more}}\n`

  it('that a loop over values calls is left to a person', () => {
    const files = { ...main(`variable "x" {}\n${call('./m', '  for_each = var.x\n')}`), 'm/main.tf': role() }
    expect(addressOf(files, 'role orders')).toBe(
      'module.m[?].aws_iam_role.task is made in a loop, and which element it is depends on values that the code does not hold.',
    )
  })

  it('is found once where a module calls itself, or modules call each other in a circle', () => {
    expect(addressOf(main(role() + call('./')), 'role orders')).toBe('aws_iam_role.task')
    const circle = { ...main(call('./a')), 'a/main.tf': role() + call('../b'), 'b/main.tf': call('../a') }
    expect(addressOf(circle, 'role orders')).toBe('module.m.aws_iam_role.task')
  })

  const MORE = 'The modules call each other more often than is followed: name a folder of them.'

  it('is followed through eleven calls', () => {
    const depth = (count: number) => ({
      ...main(call('./m1')),
      ...Object.fromEntries(Array.from({ length: count - 1 }, (_, n) => [`m${n + 1}/main.tf`, call(`../m${n + 2}`)])),
      [`m${count}/main.tf`]: role(),
    })
    expect(addressOf(depth(11), 'role orders')).toMatch(/^(?:module\.m\.){11}aws_iam_role\.task$/)
    expect(addressOf(depth(12), 'role orders')).toBe(MORE)
  })

  it('is followed in two thousand modules', () => {
    const calls = (...counts: readonly number[]) => ({
      ...main(role() + counts.map((count, n) => call('./m', `  count = ${count}\n`, `m${n}`)).join('')),
      'm/main.tf': '',
    })
    expect(addressOf(calls(500, 500, 500, 499), 'role orders')).toBe('aws_iam_role.task')
    expect(addressOf(calls(500, 500, 500, 500), 'role orders')).toBe(MORE)
  })
})

describe('a change in code', () => {
  const [GRANT] = changesOf({
    name: '',
    about: '',
    source: '',
    files: {},
    changes: [{ on: 'role orders', adds: ['pass'] }],
  })
  if (GRANT === undefined) throw new Error('no change')
  const edit = async (change: PolicyChange, text: string, parsers?: Parsers) => {
    const given = parsers ?? (await loadParsers())
    const outcome = editCode([change], [{ path: 'main.tf', text }], { kind: 'terraform', entities: new Map() }, given)
    return outcome.outcome !== 'exact' ? outcome.reason : (outcome.edits[0]?.after ?? '')
  }

  it('is made in the partition of the account', async () => {
    const arn = GRANT.target.arn.replace('arn:aws:', 'arn:aws-us-gov:')
    const [statement] = GRANT.after.Statement
    if (statement === undefined) throw new Error('no statement')
    const Resource = 'arn:aws-us-gov:iam::111122223333:role/app'
    const change = {
      ...GRANT,
      target: { ...GRANT.target, arn },
      after: { ...GRANT.after, Statement: [{ ...statement, Resource }] },
    }
    expect(await edit(change, `${role()}resource "aws_iam_role" "app" {\n  name = "app"\n}\n`)).toContain(
      'Resource = aws_iam_role.app.arn',
    )
  })

  it('is left to a person for a permission set, and for another version of a policy', async () => {
    const set = { ...GRANT, target: { ...GRANT.target, kind: 'permission-set-inline-policy' as const } }
    expect(await edit(set, role())).toBe('Permission sets are changed by hand, for all their accounts.')
    const own =
      'resource "aws_iam_role_policy" "own" {\n  name = "rolemedic"\n  role = "orders"\n  policy = jsonencode({ Statement = [] })\n}\n'
    const newer = { ...GRANT, before: { Version: '2008-10-17' as const, Statement: [] } }
    expect(await edit(newer, role() + own)).toBe('The change is to the version of the policy, not to its statements.')
  })

  it.each<[string, string, RegExp | null]>([
    ['The edited file is no longer Terraform.', '', null],
    ['The edit would change another policy too.', '', /resource "aws_iam_role_policy" "kept"[\s\S]*?\n\}/],
    ['The edit would change another policy too.', '', /resource "aws_iam_role_policy" "task_rolemedic"[\s\S]*\n\}/],
    ['The edited policy is not the one that was approved.', '', /name = "rolemedic"/],
    ['The new policy is not what was approved.', '', /Condition = \{[^}]*\}\s*\}/],
    ['The edited policy is not what was approved.', 'own', /Condition = \{[^}]*\}\s*\}/],
  ])('is not made where the code, read again, says something else: %s %s', async (reason, existing, unseen) => {
    const blind = mistaken(await loadParsers(), text =>
      unseen === null ? null : text.replace(unseen, part => part.replaceAll(/[^\n]/g, ' ')),
    )
    const policy = (label: string, name: string) =>
      `resource "aws_iam_role_policy" "${label}" {\n  name = "${name}"\n  role = "orders"\n  policy = jsonencode({\n    Version = "2012-10-17"\n    Statement = [\n    ]\n  })\n}\n`
    const before = existing === '' ? null : { Version: '2012-10-17' as const, Statement: [] }
    const text = policy('kept', 'kept') + role() + (existing === '' ? '' : policy('own', 'rolemedic'))
    const change = { ...GRANT, before }
    expect(await edit(change, text)).toContain('Rolemedic1a2b3c4d')
    expect(await edit(change, text, blind)).toBe(reason)
  })
})
