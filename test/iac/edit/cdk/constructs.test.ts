import { describe, expect, it } from 'vitest'
import type { PolicyChange } from '../../../../core/patch/patch.ts'
import { loadParsers } from '../../../../functions/adapters/syntax/parsers.ts'
import { editCode } from '../../../../iac/edit/edit-code.ts'
import type { Parsers } from '../../../../iac/edit/syntax-node.ts'
import { changesOf } from '../code-case.ts'
import { addressOf, editOf, textAfter } from '../edit-of.ts'
import { mistaken } from '../mistaken-parsers.ts'

const stack = (body: string, more = '') => ({
  'lib/app.ts': `import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

class OrdersStack extends cdk.Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
${body}
  }
}
${more}
const app = new cdk.App();
new OrdersStack(app, 'OrdersStack');
`,
})
const ROLE = "    const role = new iam.Role(this, 'Task', { roleName: 'orders' });"
const at = (path: string) => ({ hints: { constructPath: `OrdersStack/${path}/Resource` } })

describe('a construct that makes a role for itself', () => {
  it.each([
    ['lambda.Function', 'ServiceRole', 'addToRolePolicy'],
    ['lambda.DockerImageFunction', 'ServiceRole', 'addToRolePolicy'],
    ['NodejsFunction', 'ServiceRole', 'addToRolePolicy'],
    ['PythonFunction', 'ServiceRole', 'addToRolePolicy'],
    ['GoFunction', 'ServiceRole', 'addToRolePolicy'],
    ['codebuild.Project', 'Role', 'addToRolePolicy'],
    ['codebuild.PipelineProject', 'Role', 'addToRolePolicy'],
    ['sfn.StateMachine', 'Role', 'addToRolePolicy'],
    ['ec2.Instance', 'InstanceRole', 'addToRolePolicy'],
    ['AutoScalingGroup', 'InstanceRole', 'addToRolePolicy'],
    ['ecs.TaskDefinition', 'TaskRole', 'addToTaskRolePolicy'],
    ['ecs.FargateTaskDefinition', 'TaskRole', 'addToTaskRolePolicy'],
    ['ecs.Ec2TaskDefinition', 'ExecutionRole', 'addToExecutionRolePolicy'],
    ['ecs.ExternalTaskDefinition', 'ExecutionRole', 'addToExecutionRolePolicy'],
  ])('takes the statement itself: %s, its %s', (type, child, grant) => {
    const edit = editOf(stack(`    const made = new ${type}(this, 'Made', {});`), 'role x', at(`Made/${child}`))
    expect(edit.split('\n').slice(0, 2)).toEqual([
      `OrdersStack/Made/${child}`,
      `    made.${grant}(new iam.PolicyStatement({`,
    ])
  })

  it.each([
    ['a role that it is given', "    const made = new lambda.Function(this, 'Made', { role: given });", ''],
    ['a class of the app', "    const made = new Function(this, 'Made', {});", 'class Function {}\n'],
    ['another construct', "    const made = new s3.Bucket(this, 'Made', {});", ''],
  ])('makes none: %s', (_, body, more) => {
    expect(addressOf(stack(body, more), 'role x', at('Made/ServiceRole'))).toBe(
      'The construct OrdersStack/Made/ServiceRole/Resource was not found in the source with certainty: which line makes it?',
    )
  })

  it('makes no user', () => {
    expect(addressOf(stack("    const made = new lambda.Function(this, 'Made', {});"), 'user x')).toBe(
      'No code here makes x: add the snippet to the code that does.',
    )
    expect(
      addressOf(stack("    const made = new lambda.Function(this, 'Made', {});"), 'user x', at('Made/ServiceRole')),
    ).toMatch(/was not found in the source with certainty/)
  })

  it('does not let a statement be added to its trust policy, or by the type of an interface', () => {
    const cannot =
      'OrdersStack/Made/ServiceRole (lib/app.ts): the code has no variable for it whose type can take a statement: assign it to one, and add the snippet below.'
    const made = "    const made = new lambda.Function(this, 'Made', {});"
    expect(addressOf(stack(made), 'trust x', { ...at('Made/ServiceRole'), before: [], adds: ['trust-ci'] })).toBe(
      cannot,
    )
    const byInterface = stack(made.replace('const made', 'const made: lambda.IFunction'))
    expect(addressOf(byInterface, 'role x', at('Made/ServiceRole'))).toBe(cannot)
  })
})

describe('the construct of a role', () => {
  it('is found by the name that it is given', () => {
    expect(addressOf(stack(ROLE), 'role orders')).toBe('OrdersStack/Task')
    expect(addressOf(stack(ROLE.replace("'orders'", '`orders`')), 'role orders')).toBe('OrdersStack/Task')
    expect(addressOf(stack(ROLE), 'role other')).toBe(
      'No code here makes other: add the snippet to the code that does.',
    )
  })

  it('has the path of the code, or is named in the reason', () => {
    const under = (path: string) => stack(ROLE.replace('roleName', `${path}, roleName`))
    expect(addressOf(under("path: '/app/'"), 'role app/orders')).toBe('OrdersStack/Task')
    expect(addressOf(under('path: props.path'), 'role app/orders')).toBe('OrdersStack/Task')
    expect(addressOf(under("path: '/app/'"), 'role orders')).toBe(
      'OrdersStack/Task (lib/app.ts) has the name orders under the path /app/, and IAM has it under /: add the snippet to it if it is the same.',
    )
    expect(addressOf(stack(ROLE), 'role app/orders')).toContain('under the path /, and IAM has it under /app/')
  })

  it('may have a name that has to be run to be known', () => {
    for (const name of ['`${id}-x`', 'props.name', "'a' + 'b'"])
      expect(addressOf(stack(ROLE.replace("'orders'", name)), 'role other')).toBe(
        'OrdersStack/Task (lib/app.ts) may be other, but its name has to be run to be known: run cdk synth, so that cdk.out names its construct, or add the snippet.',
      )
  })

  it('is not chosen among two with the same name', () => {
    const two = `${ROLE}\n    const other = new iam.Role(this, 'Other', { roleName: 'orders' });`
    expect(addressOf(stack(two), 'role orders')).toBe(
      'OrdersStack/Task (lib/app.ts) and OrdersStack/Other (lib/app.ts) could each be orders: say which file is meant.',
    )
  })

  it('is not changed in a loop, in a class that nothing makes, or in one that is made twice', () => {
    expect(addressOf(stack(`    for (const x of [1]) {\n  ${ROLE}\n    }`), 'role orders')).toBe(
      'Task (lib/app.ts) is in a loop or a function, which makes it several times: the statement would reach every one.',
    )
    const inClass = 'class Part extends Construct { constructor(scope, id) { super(scope, id);\n'
    expect(addressOf(stack('', `${inClass}${ROLE}\n} }`), 'role orders')).toBe(
      'Task (lib/app.ts) is in the class Part, which nothing here makes: say where it is used.',
    )
    const twice = "    new Part(this, 'A');\n    new Part(this, 'B');"
    expect(addressOf(stack(twice, `${inClass}${ROLE}\n} }`), 'role orders')).toBe(
      'OrdersStack/A/Task (lib/app.ts) is in the class Part, which makes it several times: the statement would reach every one.',
    )
    expect(addressOf(stack("    new Part(this, 'A');", `${inClass}${ROLE}\n} }`), 'role orders')).toBe(
      'OrdersStack/A/Task',
    )
  })

  it('is found by the logical id and the stack of its generated name', () => {
    // As CDK makes it: the parts of the path, then the first eight digits of their MD5.
    const role = "    const role = new iam.Role(this, 'Task', {});"
    expect(addressOf(stack(role), 'role OrdersStack-Task79114B6B-ABCDEFGHIJKL')).toBe('OrdersStack/Task')
    expect(addressOf(stack(role), 'role OrdersStack-Task79114B60-ABCDEFGHIJKL')).toMatch(/^No code here makes/)
    expect(addressOf(stack(role), 'role OtherStack-Task79114B6B-ABCDEFGHIJKL')).toMatch(/^No code here makes/)
    const hints = { stackName: 'OrdersStack', logicalId: 'Task79114B6B' }
    expect(addressOf(stack(role), 'role any', { hints })).toBe('OrdersStack/Task')
    expect(addressOf(stack(role), 'role any', { hints: { ...hints, stackName: 'Other' } })).toMatch(
      /^No code here makes/,
    )
    expect(addressOf(stack(role), 'role any', { hints: { logicalId: 'Task79114B6B' } })).toMatch(/^No code here makes/)
  })

  it('is found by its generated name, whatever else a tag says', () => {
    const role = "    const role = new iam.Role(this, 'Task', {});"
    for (const hints of [{ logicalId: 'Other' }, { stackName: 'Other' }])
      expect(addressOf(stack(role), 'role OrdersStack-Task79114B6B-ABCDEFGHIJKL', { hints })).toBe('OrdersStack/Task')
  })

  it('has a logical id without what CDK leaves out of it', () => {
    const inPart = `    const part = new Construct(this, 'Part');\n    const role = new iam.Role(part, 'Default', {});`
    // The MD5 of `Part/Resource` begins with 3C4CC938.
    expect(addressOf(stack(inPart), 'role OrdersStack-Part3C4CC938-ABCDEFGHIJKL')).toBe('OrdersStack/Part/Default')
    const only = "    const role = new iam.Role(this, 'Default', {});"
    expect(addressOf(stack(only), 'role OrdersStack-Resource-ABCDEFGHIJKL')).toBe('OrdersStack/Default')
  })

  it('is not read from a generated name that was cut to 64 characters', () => {
    const inStack = (letters: number) => {
      const name = 'S'.repeat(letters)
      const [file] = Object.values(stack("    const role = new iam.Role(this, 'Task', {});"))
      return addressOf(
        { 'a.ts': (file ?? '').replace("(app, 'OrdersStack')", `(app, '${name}')`) },
        `role ${name}-Task79114B6B-ABCDEFGHIJKL`,
      )
    }
    expect(inStack(37)).toBe(`${'S'.repeat(37)}/Task`)
    expect(inStack(38)).toMatch(/^No code here makes/)
  })

  it('is one among constructs that a hundred others hold, and not more', () => {
    const held = (levels: number, path: string) =>
      addressOf(
        stack(
          `${Array.from({ length: levels }, (_, n) => `    const c${n + 1} = new Construct(${n === 0 ? 'this' : `c${n}`}, 'C');\n`).join('')}    const role = new iam.Role(c${levels}, 'Task', {});`,
        ),
        'role x',
        at(path),
      )
    expect(held(90, `${'C/'.repeat(90)}Task`)).toBe(`OrdersStack/${'C/'.repeat(90)}Task`)
    expect(held(110, `${'C/'.repeat(110)}Task`)).toMatch(/was not found in the source with certainty/)
  })

  it('is made once where only tests make its stack again, as those of cdk init do', () => {
    const typescript = stack(ROLE)
    const again = "import * as cdk from 'aws-cdk-lib';\nimport { OrdersStack } from '../lib/app';\n"
    const test = `${again}test('is empty', () => {\n  const app = new cdk.App();\n  new OrdersStack(app, 'MyTestStack');\n});\n`
    for (const path of ['test/orders.test.ts', 'lib/orders.spec.ts', '__tests__/orders.ts'])
      expect(addressOf({ ...typescript, [path]: test }, 'role orders')).toBe('OrdersStack/Task')
    for (const path of ['test/app.ts', 'bin/test.ts', 'env/test-app.ts'])
      expect(
        addressOf({ ...typescript, [path]: `${again}new OrdersStack(new cdk.App(), 'Other');\n` }, 'role orders'),
      ).toMatch(/which makes it several times/)
    const python = {
      'orders/stack.py': `from aws_cdk import Stack, aws_iam as iam\n\n\nclass OrdersStack(Stack):\n    def __init__(self, scope, id):\n        super().__init__(scope, id)\n        role = iam.Role(self, "Task", role_name="orders")\n`,
      'app.py':
        'import aws_cdk as cdk\nfrom orders.stack import OrdersStack\n\napp = cdk.App()\nOrdersStack(app, "OrdersStack")\n',
    }
    const unit =
      'import aws_cdk as core\nfrom orders.stack import OrdersStack\n\n\ndef test_made():\n    app = core.App()\n    OrdersStack(app, "orders")\n'
    for (const path of ['tests/unit/test_orders.py', 'test/orders_test.py', 'tests/conftest.py'])
      expect(addressOf({ ...python, [path]: unit }, 'role orders')).toBe('OrdersStack/Task')
    for (const path of ['test_app.py', 'tests/app.py', 'contests/test_app.py'])
      expect(addressOf({ ...python, [path]: unit }, 'role orders')).toMatch(/which makes it several times/)
  })

  it('is looked for among fifty uses of its class, and not more', () => {
    const used = (times: number) => {
      const uses = Array.from({ length: times }, (_, n) => `    new Orders(this, 'C${n}');`)
      const text = "class Orders extends Construct { constructor(scope, id) {\n    new iam.Role(this, 'Task', {});\n} }"
      return addressOf(stack(uses.join('\n'), text), 'role x', at('C0/Task'))
    }
    expect(used(50)).toMatch(/which makes it several times/)
    expect(used(51)).toMatch(/was not found in the source with certainty/)
  })

  it('is one in classes that make each other a hundred times, and not more', () => {
    const nested = (levels: number) => {
      const classes = Array.from(
        { length: levels },
        (_, n) =>
          `class P${n} extends Construct { constructor(scope, id) {\n    ${n === levels - 1 ? ROLE : `new P${n + 1}(this, 'C');`}\n} }`,
      )
      return addressOf(stack("    new P0(this, 'C');", classes.join('\n')), 'role orders')
    }
    expect(nested(90)).toBe(`OrdersStack/${'C/'.repeat(90)}Task`)
    expect(nested(110)).toBe(
      'Task (lib/app.ts) is in the class P109, which makes it several times: the statement would reach every one.',
    )
  })

  it('is not certain in a class that is declared twice, or that makes itself', () => {
    const inClass = `class Part extends Construct { constructor(scope, id) { super(scope, id);\n${ROLE}\n} }`
    const reason =
      'Task (lib/app.ts) is in the class Part, which makes it several times: the statement would reach every one.'
    const files = stack("    new Part(this, 'A');", inClass)
    expect(addressOf({ ...files, 'lib/b.ts': "import 'aws-cdk-lib';\nclass Part {}\n" }, 'role orders')).toBe(reason)
    const itself = inClass.replace('super(scope, id);', "super(scope, id); new Part(this, 'B');")
    expect(addressOf(stack('', itself), 'role orders')).toBe(reason)
  })

  it.each([
    ['abstract class Part extends Construct { constructor() {', '} }', 'the class Part, which nothing here makes'],
    ['const part = class Part extends Construct { constructor() {', '} }', 'the class Part, which nothing here makes'],
    ['const part = () => {', '}', 'a loop or a function, which makes it several times'],
    ['function part() {', '}', 'a loop or a function, which makes it several times'],
    ['const part = function () {', '}', 'a loop or a function, which makes it several times'],
    ['function* part() {', '}', 'a loop or a function, which makes it several times'],
    ['for (const x in y) {', '}', 'a loop or a function, which makes it several times'],
    ['for (let n = 0; n < 2; n++) {', '}', 'a loop or a function, which makes it several times'],
    ['while (true) {', '}', 'a loop or a function, which makes it several times'],
    ['do {', '} while (true)', 'a loop or a function, which makes it several times'],
  ])('is not certain to be made once behind %s', (before, after, where) => {
    const files = { 'a.ts': `import * as iam from 'aws-cdk-lib/aws-iam';\n${before}\n${ROLE}\n${after}\n` }
    expect(addressOf(files, 'role orders')).toContain(`Task (a.ts) is in ${where}`)
  })

  it('is made by a class with a name, and not by what a call returns', () => {
    for (const callee of ["pick('x').Role", '(iam.Role)', 'iam["Role"]', 'roles[0].Role'])
      expect(addressOf(stack(ROLE.replace('iam.Role', callee)), 'role orders')).toMatch(/^No code here makes/)
    expect(addressOf(stack(ROLE.replace('(this,', '(pick(),')), 'role orders')).toMatch(/^No code here makes/)
    expect(addressOf(stack(`${ROLE}\n    new iam.Role();`), 'role orders')).toBe('OrdersStack/Task')
  })

  it('is found in cdk.out by its name, or by its logical id in its stack', () => {
    const files = (template: object) => ({
      ...stack("    const role = new iam.Role(this, 'Task', {});"),
      'cdk.out/OrdersStack.template.json': JSON.stringify({ Resources: template }),
    })
    const resource = (more: object, type = 'AWS::IAM::Role', path = 'OrdersStack/Task/Resource') => ({
      T1: { Type: type, Metadata: { 'aws:cdk:path': path }, ...more },
    })
    const none = /^No code here makes/
    expect(addressOf(files(resource({ Properties: { RoleName: 'orders' } })), 'role orders')).toBe('OrdersStack/Task')
    expect(addressOf(files(resource({ Properties: { RoleName: 'orders' } }, 'AWS::IAM::User')), 'role orders')).toMatch(
      none,
    )
    expect(addressOf(files(resource({ Properties: { UserName: 'orders' } })), 'role orders')).toMatch(none)
    expect(addressOf(files(resource({ Properties: { RoleName: 'x' } })), 'role OrdersStack-T1-ABCDEFGHIJKL')).toMatch(
      none,
    )
    expect(addressOf(files(resource({ Properties: {} })), 'role OrdersStack-T1-ABCDEFGHIJKL')).toBe('OrdersStack/Task')
    expect(addressOf(files(resource({})), 'role OrdersStack-T1-ABCDEFGHIJKL')).toBe('OrdersStack/Task')
    expect(addressOf(files(resource({})), 'role OrdersStack-T2-ABCDEFGHIJKL')).toMatch(none)
    expect(addressOf(files(resource({})), 'role OtherStack-T1-ABCDEFGHIJKL')).toMatch(none)
    expect(addressOf(files(resource({})), 'role any', { hints: { logicalId: 'T1' } })).toBe('OrdersStack/Task')
    expect(addressOf(files(resource({})), 'role any', { hints: { logicalId: 'T1', stackName: 'Other' } })).toMatch(none)
    for (const unread of ['{', '{ "Resources": [] }', '{ "Resources": { "T1": { "Type": "AWS::IAM::Role" } } }'])
      expect(
        addressOf({ ...stack(ROLE), 'cdk.out/OrdersStack.template.json': unread }, 'role OrdersStack-T1-ABCDEFGHIJKL'),
      ).toMatch(none)
    const elsewhere = { 'out/OrdersStack.template.json': JSON.stringify({ Resources: resource({}) }) }
    expect(
      addressOf(
        { ...stack("    const role = new iam.Role(this, 'Task', {});"), ...elsewhere },
        'role OrdersStack-T1-ABCDEFGHIJKL',
        {
          kind: 'cdk-typescript',
        },
      ),
    ).toMatch(none)
    // A stage puts its name before that of the stack in the file, not in the path.
    const inStage = {
      ...stack("    const role = new iam.Role(this, 'Task', {});"),
      'cdk.out/ProdOrdersStack.template.json': JSON.stringify({ Resources: resource({}) }),
    }
    expect(addressOf(inStage, 'role OrdersStack-T1-ABCDEFGHIJKL')).toBe('OrdersStack/Task')
    const user = {
      ...stack("    const user = new iam.User(this, 'Ci', {});"),
      'cdk.out/OrdersStack.template.json': JSON.stringify({
        Resources: resource({ Properties: { UserName: 'ci' } }, 'AWS::IAM::User', 'OrdersStack/Ci/Resource'),
      }),
    }
    expect(addressOf(user, 'user ci')).toBe('OrdersStack/Ci')
    const twice = {
      ...resource({}),
      T2: {
        ...resource({ Properties: { RoleName: 'orders' } }).T1,
        Metadata: { 'aws:cdk:path': 'OrdersStack/Second/Resource' },
      },
    }
    expect(addressOf(files(twice), 'role orders', { hints: { logicalId: 'T1' } })).toBe(
      'OrdersStack/Task/Resource and OrdersStack/Second/Resource could both be orders: name the stack.',
    )
  })
})

describe('a statement in TypeScript', () => {
  const statement = (statement: object) =>
    editOf(stack(ROLE), 'role orders', { adds: [{ Effect: 'Allow', ...statement }] })
  const ARN = 'arn:aws:iam::111122223333:role/a'

  it('has every element that it can have', () => {
    expect(
      statement({
        Sid: 'One',
        Action: ['iam:PassRole', 'iam:GetRole'],
        Resource: [ARN, `${ARN}'s`],
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': true }, StringLike: { Key: ['a', 'b'] } },
      }),
    ).toBe(`OrdersStack/Task
    role.addToPolicy(new iam.PolicyStatement({
      sid: 'One',
      actions: ['iam:PassRole', 'iam:GetRole'],
      resources: ['${ARN}', '${ARN}\\'s'],
      conditions: {
        Bool: {
          'aws:MultiFactorAuthPresent': true,
        },
        StringLike: {
          Key: ['a', 'b'],
        },
      },
    }));`)
    expect(statement({ NotAction: 'iam:*', NotResource: ARN })).toBe(`OrdersStack/Task
    role.addToPolicy(new iam.PolicyStatement({
      notActions: ['iam:*'],
      notResources: ['${ARN}'],
    }));`)
  })

  it('is left to a person where it is a denial', () => {
    expect(statement({ Effect: 'Deny', Action: 'iam:PassRole', Resource: ARN })).toBe(
      'OrdersStack/Task (lib/app.ts): the statement has a principal or an element that is not written as code.',
    )
  })

  it('may compare with numbers', () => {
    const numbers = { NumericLessThan: { 'aws:MultiFactorAuthAge': 3600, k: 0.5 } }
    expect(statement({ Action: 'iam:PassRole', Resource: ARN, Condition: numbers })).toContain(
      "\n          'aws:MultiFactorAuthAge': 3600,\n          k: 0.5,\n",
    )
  })

  it('is added by the method of the interface where that is the type of the variable', () => {
    const typed = (type: string) => stack(ROLE.replace('const role', `const role: ${type}`))
    const call = (files: ReturnType<typeof stack>) => editOf(files, 'role orders').split('\n')[1]?.trim()
    expect(call(typed('iam.IRole'))).toBe('role.addToPrincipalPolicy(new iam.PolicyStatement({')
    expect(call(typed('iam.Role'))).toBe('role.addToPolicy(new iam.PolicyStatement({')
    expect(call(stack(ROLE, 'interface Props { readonly role: iam.IRole }'))).toBe(
      'role.addToPolicy(new iam.PolicyStatement({',
    )
    expect(call(stack(`${ROLE}\n    const other: iam.IRole = role;`))).toBe(
      'role.addToPolicy(new iam.PolicyStatement({',
    )
    expect(addressOf(typed('iam.IRole'), 'trust orders', { before: [], adds: ['trust-ci'] })).toMatch(
      /has no variable for it whose type can take a statement/,
    )
  })

  it('is left to a person where a value joins a statement that is elsewhere, or the policy is a managed one', () => {
    const old = { Effect: 'Allow', Action: 's3:GetObject', Resource: ['a'] }
    expect(addressOf(stack(ROLE), 'role orders', { before: [old], after: [{ ...old, Resource: ['a', 'b'] }] })).toBe(
      'OrdersStack/Task (lib/app.ts): the change adds a value to a statement that is elsewhere in the code: add it there.',
    )
    expect(addressOf(stack(ROLE), 'managed orders', { before: [old] })).toMatch(/^No code here makes orders/)
  })

  const trust = (Principal: unknown) =>
    editOf(stack(ROLE), 'trust orders', {
      before: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      adds: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
    })

  it.each([
    [{ AWS: ARN }, `new iam.ArnPrincipal('${ARN}')`],
    [{ AWS: [ARN, `${ARN}b`] }, `new iam.ArnPrincipal('${ARN}'), new iam.ArnPrincipal('${ARN}b')`],
    [{ Service: 'ecs.amazonaws.com' }, "new iam.ServicePrincipal('ecs.amazonaws.com')"],
    [
      { Federated: 'arn:aws:iam::111122223333:saml-provider/x' },
      "new iam.FederatedPrincipal('arn:aws:iam::111122223333:saml-provider/x', {})",
    ],
  ])('trusts a principal: %j', (principal, written) => {
    expect(trust(principal)).toBe(`OrdersStack/Task
    role.assumeRolePolicy?.addStatements(new iam.PolicyStatement({
      principals: [${written}],
      actions: ['sts:AssumeRole'],
    }));`)
  })

  it.each([['*'], [{ AWS: '111122223333' }], [{ AWS: '*' }], [{ CanonicalUser: 'abc' }]])(
    'is left to a person where it trusts %j',
    principal => {
      expect(trust(principal)).toBe(
        'OrdersStack/Task (lib/app.ts): the statement has a principal or an element that is not written as code.',
      )
    },
  )

  it('comes after the statements that add to the same role, and keeps the line ends', () => {
    const body = `${ROLE}\n    // the first\n    role.addManagedPolicy(x);\n    role.addToPolicy(y); // last\n    other.addToPolicy(z);`
    const [file] = Object.values(stack(body))
    const edit = editOf({ 'a.ts': (file ?? '').replaceAll('\n', '\r\n') }, 'role orders')
    expect(edit.split('\n')[1]).toBe('    role.addToPolicy(new iam.PolicyStatement({\r')
    const other = editOf(stack(`${ROLE} const next = 1;`), 'role orders')
    expect(other).toBe('OrdersStack/Task (lib/app.ts): the next statement is on the same line.')
    const lines = textAfter(stack(body), 'role orders').split('\n')
    const [last, next] = [lines.indexOf('    role.addToPolicy(y); // last'), lines.indexOf('    other.addToPolicy(z);')]
    expect(lines.slice(last + 1, next).join('\n')).toMatch(/^ {4}role\.addToPolicy\(new [\s\S]*\}\)\);$/)
  })

  it('is not added twice, to a variable that is assigned twice, or to a role without one', () => {
    const sid = `${ROLE}\n    const note = 'Rolemedic1a2b3c4d';`
    expect(editOf(stack(sid), 'role orders')).toBe(
      'OrdersStack/Task (lib/app.ts): the code already has a statement with the same Sid.',
    )
    const again = `${ROLE}\n    const role = new iam.Role(this, 'Again', {});`
    expect(editOf(stack(again), 'role orders')).toBe('OrdersStack/Task (lib/app.ts): role is assigned more than once.')
    expect(editOf(stack(ROLE.replace('const role = ', '')), 'role orders')).toBe(
      'OrdersStack/Task (lib/app.ts): the code has no variable for it whose type can take a statement: assign it to one, and add the snippet below.',
    )
  })

  it('imports what it lacks, in the words of the file', () => {
    const lines = (imports: string, made: string) =>
      editOf(
        {
          'a.ts': `import { App, Stack } from "aws-cdk-lib"\n${imports}\nconst stack = new Stack(new App(), "S")\nconst role = new ${made}(stack, "Task", { roleName: "orders" })\n`,
        },
        'role orders',
      )
        .split('\n')
        .slice(1, 3)
    expect(lines('import { Role } from "aws-cdk-lib/aws-iam"', 'Role')).toEqual([
      'import { PolicyStatement } from "aws-cdk-lib/aws-iam"',
      'role.addToPolicy(new PolicyStatement({',
    ])
    expect(lines('import { Role, PolicyStatement as Line } from "aws-cdk-lib/aws-iam"', 'Role')[0]).toBe(
      'role.addToPolicy(new Line({',
    )
    expect(lines('import { aws_iam as i } from "aws-cdk-lib"', 'i.Role')[0]).toBe(
      'role.addToPolicy(new i.PolicyStatement({',
    )
    expect(lines('import * as cdk from "aws-cdk-lib"', 'cdk.aws_iam.Role')[0]).toBe(
      'role.addToPolicy(new cdk.aws_iam.PolicyStatement({',
    )
    expect(lines('import * as i from "@aws-cdk/aws-iam"', 'i.Role')[0]).toBe('role.addToPolicy(new i.PolicyStatement({')
    expect(lines('import { Role } from "@aws-cdk/aws-iam"', 'Role')[0]).toBe(
      'import { PolicyStatement } from "@aws-cdk/aws-iam"',
    )
    expect(lines('import { Role } from "aws-cdk-lib/aws-iam"\nclass PolicyStatement {}', 'Role')).toEqual([])
    expect(lines('import { Role } from "./own"\nconst iam = 1', 'Role')).toEqual([])
    expect(
      addressOf(
        {
          'a.ts':
            "const cdk = require('aws-cdk-lib')\nconst stack = new Stack(new App(), 'S')\nconst role = new Role(stack, 'R', { roleName: 'orders' })\n",
        },
        'role orders',
      ),
    ).toBe('S/R (a.ts): the file has no import that the statement could follow.')
    expect(lines('import { Role } from "./own"', 'Role')[0]).toBe('import * as iam from "aws-cdk-lib/aws-iam"')
  })
})

describe('the statement that makes a role', () => {
  const app = (body: string) => ({
    'lib/a.ts': `import * as iam from 'aws-cdk-lib/aws-iam'\nexport class A extends Stack {\n  constructor() {\n    ${body}\n  }\n}\nnew A(app, 'A')\n`,
  })
  const reasonOf = (body: string) => addressOf(app(body), 'role orders', { kind: 'cdk-typescript' })
  const NONE_HERE = 'No code here makes orders: add the snippet to the code that does.'
  const VARIABLE =
    'R (lib/a.ts): the code has no variable for it whose type can take a statement: assign it to one, and add the snippet below.'

  it.each([
    ["const r = new iam.Role(this, 'R', { roleName: 'orders' })", 'R'],
    ["const r = new iam.Role(this, 'R', { 'roleName': 'orders' })", 'R'],
    ["const r = new iam.Role(this, 'R', { roleName: 'orders', roleName: 'other' })", NONE_HERE],
    ["const r = new iam.Role(this, 'R', { roleName: 'ord\\ners' })", NONE_HERE],
    ["const r = new iam.Role(this, 'R', { roleName: 'orders' }), s = 1", VARIABLE],
    ["new iam.Role(this, 'R', { roleName: 'orders' })", VARIABLE],
    [
      "const r = new iam.Role(this, 'R', { roleName: 'orders' }); foo()",
      'R (lib/a.ts): the next statement is on the same line.',
    ],
    [
      "const r = new iam.Role(this, 'R', { roleName: 'or\\x64ers' })",
      'R (lib/a.ts) may be orders, but its name has to be run to be known: run cdk synth, so that cdk.out names its construct, or add the snippet.',
    ],
  ])('is read where it is certain: %s', (body, expected) => {
    expect(reasonOf(body)).toBe(expected)
  })
})

describe('a change in a CDK app', () => {
  const [GRANT] = changesOf({
    name: '',
    about: '',
    source: '',
    files: {},
    changes: [{ on: 'role orders', adds: ['pass'] }],
  })
  if (GRANT === undefined) throw new Error('no change')
  const TS = { path: 'a.ts', text: stack(ROLE)['lib/app.ts'] }
  const PY = {
    path: 'app.py',
    text: 'from aws_cdk import App, Stack, aws_iam as iam\n\nstack = Stack(App(), "S")\nrole = iam.Role(stack, "Task", role_name="orders")\n',
  }
  const outcome = async (file: typeof TS, change: PolicyChange, parsers?: Parsers) =>
    editCode(
      [change],
      [file],
      { kind: file === TS ? 'cdk-typescript' : 'cdk-python', entities: new Map() },
      parsers ?? (await loadParsers()),
    )

  it('is one of the language of the app', async () => {
    expect(await outcome(TS, GRANT)).toMatchObject({ edits: [{ kind: 'cdk-typescript', address: 'OrdersStack/Task' }] })
    expect(await outcome(PY, GRANT)).toMatchObject({ edits: [{ kind: 'cdk-python', address: 'S/Task' }] })
  })

  it('is left to a person for a permission set, and for another version of a policy', async () => {
    const set = { ...GRANT, target: { ...GRANT.target, kind: 'permission-set-inline-policy' as const } }
    expect(await outcome(TS, set)).toMatchObject({ reason: expect.stringMatching(/^No code here makes orders/) })
    const newer = { ...GRANT, before: { Version: '2008-10-17' as const, Statement: [] } }
    expect(await outcome(TS, newer)).toMatchObject({
      reason: 'OrdersStack/Task (a.ts): the change is to the version of the policy, not to its statements.',
    })
  })

  const ADDED = /\n *role\.addToPolicy\([\s\S]*?\}\)\);/
  it.each<[string, RegExp | null, string]>([
    ['the edited file cannot be parsed', null, ''],
    ['the edit would change which constructs are made', /new iam\.Role/, ''],
    ['the edit would change which constructs are made', /'Task'/, 'Task'],
    ['the edit would change which constructs are made', /const role =/, ''],
    ['the edit would change which constructs are made', /\(this/, '(thi'],
    ['the edit would change which constructs are made', /iam\.Role/, 'iam.Rol'],
    ['the name of the IAM module is not certain', /\* as iam/, '* as ia'],
    ['the added statement is not what was approved', ADDED, ''],
    ['the added statement is not what was approved', /new iam\.PolicyStatement/, '    iam.PolicyStatement'],
    ['the added statement is not what was approved', /role\.addToPolicy/, 'role.addTo'],
    ['the added statement is not what was approved', /conditions: \{[\s\S]*?\},\n *\},/, ''],
    ['the added statement is not what was approved', /resources:/, 'res:'],
  ])('is not made where the code, read again, says something else: %s, %s', async (reason, seen, instead) => {
    const wrong = mistaken(await loadParsers(), text =>
      seen === null ? null : text.replace(seen, part => instead.padEnd(part.length)),
    )
    expect(await outcome(TS, GRANT)).toMatchObject({ outcome: 'exact' })
    expect(await outcome(TS, GRANT, wrong)).toMatchObject({
      outcome: 'draft',
      reason: `OrdersStack/Task (a.ts): ${reason}.`,
    })
  })
})
