import { describe, expect, it } from 'vitest'
import { addressOf, editOf } from '../edit-of.ts'

/** A stack in Python whose constructor has this body. */
const stack = (body: string, imports = 'from aws_cdk import App, Stack, aws_iam as iam') => ({
  'app.py': `${imports}


class OrdersStack(Stack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
${body}

app = App()
OrdersStack(app, "OrdersStack")
`,
})
const role = (given = 'self, "Task", role_name="orders"') => `        role = iam.Role(${given})`
const CANNOT_SEE = 'its name has to be run to be known'

describe('a construct in Python', () => {
  it.each([
    ['self, "Task", role_name="orders"'],
    ["self, 'Task', role_name='orders'"],
    ['self, """Task""", role_name="orders"'],
    ['self, id="Task", role_name="orders"'],
    ['scope=self, id="Task", role_name="orders"'],
    ['self, construct_id="Task", role_name="orders"'],
    ['self, "Task", role_name=("orders")'],
    ['self, "Ta\\x73k", role_name="orders"'],
    ['self, "Task", role_name="ord" # why\n , description="x"'],
  ])('is made by a call: %s', given => {
    const address = addressOf(stack(role(given)), given.includes('"ord" ') ? 'role ord' : 'role orders')
    expect(address).toBe(given.includes('\\x') ? 'iam.Role' : 'OrdersStack/Task')
  })

  it.each([['f"orders"'], ['r"orders"'], ['NAME'], ['"a" + "b"'], ['name()'], ['"a\\x41"']])(
    'has a name that must be run to be known: %s',
    name => {
      expect(addressOf(stack(role(`self, "Task", role_name=${name}`)), 'role orders')).toContain(CANNOT_SEE)
    },
  )

  it('has a name with the escapes that are certain', () => {
    expect(addressOf(stack(role(`self, "Task", role_name="or\\"\\'\\\\ders"`)), 'role or"\'\\ders')).toBe(
      'OrdersStack/Task',
    )
  })

  it('is not the same in a loop, a function or a comprehension', () => {
    for (const body of [
      `        for x in y:\n    ${role()}`,
      `        while x:\n    ${role()}`,
      '        roles = [iam.Role(self, "Task", role_name="orders") for x in y]',
      '        roles = {x: iam.Role(self, "Task", role_name="orders") for x in y}',
      '        roles = lambda: iam.Role(self, "Task", role_name="orders")',
    ])
      expect([body, addressOf(stack(body), 'role orders')]).toEqual([
        body,
        expect.stringContaining('is in a loop or a function'),
      ])
  })

  it('is not the same in a function, and is none without a scope or an id', () => {
    const at = (text: string) => ({ 'app.py': `from aws_cdk import App, Stack, aws_iam as iam\n\n${text}\n` })
    expect(addressOf(at(`def make(self):\n    ${role().trim()}`), 'role orders')).toContain(
      'is in a loop or a function',
    )
    const once = 'stack = Stack(App(), "S")\nrole = iam.Role(stack, "Task", role_name="orders")\n'
    expect(addressOf(at(`${once}iam.Role(id="Task")\niam.Role(stack)\niam.Role()`), 'role orders')).toBe('S/Task')
  })

  it('gets the statement with its elements', () => {
    expect(editOf(stack(role()), 'role orders')).toBe(`OrdersStack/Task
        role.add_to_policy(iam.PolicyStatement(
            sid="Rolemedic1a2b3c4d",
            actions=["iam:PassRole"],
            resources=["arn:aws:iam::111122223333:role/app/orders-task"],
            conditions={
                "StringEquals": {
                    "iam:PassedToService": "ecs-tasks.amazonaws.com",
                },
            },
        ))`)
    const adds = [
      {
        Effect: 'Allow',
        NotAction: 'a:b',
        NotResource: 'c',
        Condition: { Bool: { k: true, l: false }, N: { m: [1] } },
      },
    ]
    expect(editOf(stack(role()), 'role orders', { adds })).toBe(`OrdersStack/Task
        role.add_to_policy(iam.PolicyStatement(
            not_actions=["a:b"],
            not_resources=["c"],
            conditions={
                "Bool": {
                    "k": True,
                    "l": False,
                },
                "N": {
                    "m": [1],
                },
            },
        ))`)
  })

  it('gets a user of its own, and who may assume a role', () => {
    expect(editOf(stack('        ci = iam.User(self, "Ci", user_name="ci")'), 'user ci').split('\n')[1]).toBe(
      '        ci.add_to_policy(iam.PolicyStatement(',
    )
    const trust = {
      before: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      adds: [
        {
          Effect: 'Allow',
          Principal: { Federated: 'arn:aws:iam::111122223333:saml-provider/x' },
          Action: 'sts:AssumeRole',
        },
      ],
    }
    expect(editOf(stack(role()), 'trust orders', trust)).toBe(`OrdersStack/Task
        role.assume_role_policy.add_statements(iam.PolicyStatement(
            principals=[iam.FederatedPrincipal("arn:aws:iam::111122223333:saml-provider/x", {})],
            actions=["sts:AssumeRole"],
        ))`)
  })

  it.each([
    ['import aws_cdk.aws_iam as i\nfrom aws_cdk import App, Stack', 'i', 'role.add_to_policy(i.PolicyStatement('],
    [
      'import aws_cdk as cdk\nfrom aws_cdk import App, Stack',
      'cdk.aws_iam',
      'role.add_to_policy(cdk.aws_iam.PolicyStatement(',
    ],
    [
      'import os\nimport aws_cdk as cdk\nimport json as j\nfrom aws_cdk import App, Stack',
      'cdk.aws_iam',
      'role.add_to_policy(cdk.aws_iam.PolicyStatement(',
    ],
    ['from aws_cdk import App, Stack, aws_iam', 'aws_iam', 'role.add_to_policy(aws_iam.PolicyStatement('],
    [
      'from aws_cdk import App, Stack\nfrom aws_cdk.aws_iam import Role, PolicyStatement as Line',
      '',
      'role.add_to_policy(Line(',
    ],
    [
      'from aws_cdk import App, Stack\nfrom aws_cdk.aws_iam import Role',
      '',
      'from aws_cdk.aws_iam import PolicyStatement',
    ],
    ['from aws_cdk import App, Stack\nfrom own import Role', '', 'from aws_cdk import aws_iam as iam'],
  ])('calls IAM as the file does: %j', (imports, module, line) => {
    const body = role().replace('iam.Role', module === '' ? 'Role' : `${module}.Role`)
    expect(editOf(stack(body, imports), 'role orders').split('\n')[1]?.trim()).toBe(line)
  })
})
