import { describe, expect, it } from 'vitest'
import type { PlanPiece } from '../../../../iac/needs/terraform/terraform-plan.ts'
import { cpuMs } from '../../../cpu-time.ts'
import { linesOf, planNeeds } from '../needs-of.ts'
import { type Change, change, code, moduleCode, providers, references } from '../plan-pieces.ts'

const IAM = 'arn:aws:iam::111122223333'

/** `role after` of each need, without what is the same in all. */
const rolesOf = (pieces: readonly PlanPiece[]): readonly string[] =>
  linesOf(planNeeds(pieces)).map(line => line.replace(/^.*\.role lambda:CreateFunction /, ''))

const role = (name: string, after: object, more: Change = {}) =>
  change('aws_iam_role', name, after, { unknown: { arn: true }, ...more })
const fn = (more: Change = {}) => change('aws_lambda_function', 'fn', {}, { unknown: { role: true }, ...more })
const fnCode = (...names: readonly string[]) => code('aws_lambda_function', 'fn', { role: references(...names) })

describe('a role known after apply', () => {
  it.each<[string, readonly PlanPiece[], readonly string[]]>([
    [
      'has the ARN that the plan knows',
      [
        change('aws_iam_role', 'r', { name: 'n', arn: `${IAM}:role/x/n` }, { actions: ['no-op'] }),
        fn(),
        fnCode('aws_iam_role.r.arn'),
      ],
      [`${IAM}:role/x/n (literal)`],
    ],
    [
      'has no path yet',
      [role('r', { name: 'n' }, { unknown: { arn: true, path: true } }), fn(), fnCode('aws_iam_role.r.arn')],
      [`${IAM}:role*n (same-template)`],
    ],
    ['has no name yet', [role('r', {}), fn(), fnCode('aws_iam_role.r.arn')], [`${IAM}:role/* (same-template)`]],
    [
      'is an awscc role',
      [change('awscc_iam_role', 'r', { name: 'n' }, { unknown: { arn: true } }), fn(), fnCode('awscc_iam_role.r.arn')],
      [`${IAM}:role/n (same-template)`],
    ],
    ['is no reference to a resource of another type', [fn(), fnCode('aws_s3_bucket.b.arn')], ['* (unknown)']],
    ['is a data source', [fn(), fnCode('data.aws_iam_role.r.arn')], ['* (unknown)']],
    ['is a remote state', [fn(), fnCode('data.terraform_remote_state.base.outputs.role')], ['* (import)']],
    [
      'is a variable of the root',
      [fn(), fnCode('var.role'), { kind: 'variables', value: { role: { value: 'given' } } }],
      ['given (parameter)'],
    ],
    [
      'is a variable of the root that is no text',
      [fn(), fnCode('var.role'), { kind: 'variables', value: { role: { value: 5 } } }],
      ['* (unknown)'],
    ],
    ['is a variable without a value', [fn(), fnCode('var.role'), { kind: 'variables', value: 'x' }], ['* (unknown)']],
    [
      'is an element of a variable',
      [fn(), fnCode('var.role[0]'), { kind: 'variables', value: { role: { value: 'given' } } }],
      ['given (parameter)'],
    ],
    [
      'is in a second reference',
      [role('r', { name: 'n' }), fn(), fnCode('local.x', 'aws_iam_role.r.arn')],
      [`${IAM}:role/n (same-template)`],
    ],
    ['is nobody', [fn(), fnCode()], ['* (unknown)']],
  ])('%s', (_, pieces, expected) => {
    expect(rolesOf(pieces)).toEqual(expected)
  })

  it.each<[string, string, Change, readonly string[]]>([
    ['the key that the reference names', 'aws_iam_role.r["b"].arn', { index: 'a' }, ['b']],
    ['the number that the reference names', 'aws_iam_role.r[1].arn', {}, ['one']],
    ['its own key', 'aws_iam_role.r', { index: 'a' }, ['a']],
    ['every one, without a key', 'aws_iam_role.r', {}, ['a', 'b', 'one']],
    ['every one, with a key that no role has', 'aws_iam_role.r', { index: 'c' }, ['a', 'b', 'one']],
    ['none, where the reference names a key that is not there', 'aws_iam_role.r["z"].arn', { index: 'a' }, []],
  ])('is, of several, %s', (_, reference, more, names) => {
    const found = rolesOf([
      role('r', { name: 'a' }, { index: 'a' }),
      role('r', { name: 'b' }, { index: 'b' }),
      role('r', { name: 'one' }, { index: 1 }),
      fn(more),
      fnCode(reference),
    ])
    expect(found).toEqual(
      names.length === 0 ? ['* (unknown)'] : names.map(name => `${IAM}:role/${name} (same-template)`),
    )
  })

  it('is conditional where it is one of several', () => {
    const conditional = (...keys: readonly string[]) =>
      planNeeds([
        ...keys.map(key => role('r', { name: key }, { index: key })),
        fn(),
        fnCode('aws_iam_role.r'),
      ]).needs.map(need => need.conditional)
    expect(conditional('a')).toEqual([false])
    expect(conditional('a', 'b')).toEqual([true, true])
  })
})

describe('a role that a module returns', () => {
  const output = moduleCode(['iam'], 'outputs', { arn: { expression: references('aws_iam_role.r.arn') } })
  const inModules = (...modules: readonly string[]) => modules.map(module => role('r', { name: module }, { module }))

  it.each<[string, readonly string[], string, Change, readonly string[]]>([
    ['the one module', ['module.iam'], 'module.iam.arn', {}, ['module.iam']],
    [
      'the instance that the reference names',
      ['module.iam["a"]', 'module.iam["b"]'],
      'module.iam["b"].arn',
      {},
      ['module.iam["b"]'],
    ],
    ['the instance of its own key', ['module.iam["a"]', 'module.iam["b"]'], 'module.iam', { index: 'b' }, []],
    ['the numbered instance', ['module.iam[0]', 'module.iam[1]'], 'module.iam[1].arn', {}, ['module.iam[1]']],
    ['every instance', ['module.iam[0]', 'module.iam[1]'], 'module.iam.arn', {}, ['module.iam[0]', 'module.iam[1]']],
    [
      'no module inside of the instance',
      ['module.iam[0]', 'module.iam[0].module.in[0]'],
      'module.iam.arn',
      {},
      ['module.iam[0]'],
    ],
    ['no module of a longer name', ['module.iam', 'module.iam2'], 'module.iam.arn', {}, ['module.iam']],
    ['nothing, where the output is another', ['module.iam'], 'module.iam.name', {}, []],
    ['nothing, where the module is another', ['module.iam'], 'module.other.arn', {}, []],
  ])('is of %s', (_, modules, reference, more, expected) => {
    expect(rolesOf([...inModules(...modules), output, fn(more), fnCode(reference)])).toEqual(
      expected.length === 0 ? ['* (unknown)'] : expected.map(module => `${IAM}:role/${module} (same-template)`),
    )
  })

  it('is of the instance with the same key as its user', () => {
    const pieces = (index?: string | number) => [
      ...inModules('module.iam["a"]', 'module.iam["b"]', 'module.iam[1]'),
      output,
      fn(index === undefined ? {} : { index }),
      fnCode('module.iam.arn'),
    ]
    expect(rolesOf(pieces('b'))).toEqual([`${IAM}:role/module.iam["b"] (same-template)`])
    expect(rolesOf(pieces(1))).toEqual([`${IAM}:role/module.iam[1] (same-template)`])
    expect(rolesOf(pieces('z'))).toHaveLength(3)
  })

  it('ends where outputs return each other', () => {
    const circle = [
      moduleCode(['a'], 'outputs', { arn: { expression: references('module.b.arn') } }),
      moduleCode(['a', 'b'], 'outputs', { arn: { expression: references('var.x') } }),
      moduleCode(['a', 'b'], 'expressions', { x: references('module.b.arn') }),
    ]
    expect(rolesOf([...circle, fn(), fnCode('module.a.arn')])).toEqual(['* (unknown)'])
  })
})

describe('a role that a module is handed', () => {
  const inner = (module: string) => fn({ module })
  const innerCode = code('aws_lambda_function', 'fn', { role: references('var.role') }, ['app'])
  const handed = (value: object, modules: readonly string[] = ['app']) =>
    moduleCode(modules, 'expressions', { role: value })

  it('is the constant in the call', () => {
    expect(rolesOf([inner('module.app'), innerCode, handed({ constant_value: 'given' })])).toEqual([
      'given (parameter)',
    ])
    expect(rolesOf([inner('module.app'), innerCode, handed({ constant_value: 5 })])).toEqual(['* (unknown)'])
    expect(rolesOf([inner('module.app'), innerCode])).toEqual(['* (unknown)'])
  })

  it('is the role of the key that the module has', () => {
    const roles = ['a', 'b'].map(index => role('r', { name: index }, { index }))
    const call = handed(references('aws_iam_role.r'))
    expect(rolesOf([...roles, inner('module.app["b"]'), innerCode, call])).toEqual([`${IAM}:role/b (same-template)`])
    expect(rolesOf([...roles, inner('module.app'), innerCode, call])).toHaveLength(2)
  })

  it('is handed through the modules above', () => {
    const pieces = [
      fn({ module: 'module.top.module.app' }),
      code('aws_lambda_function', 'fn', { role: references('var.role') }, ['top', 'app']),
      handed(references('var.outer'), ['top', 'app']),
      moduleCode(['top'], 'expressions', { outer: { constant_value: 'from-the-root' } }),
    ]
    expect(rolesOf(pieces)).toEqual(['from-the-root (parameter)'])
  })
})

describe('a role that the plan knows', () => {
  const passes = (value: string, ...names: readonly string[]) => [
    change('aws_lambda_function', 'fn', { role: value }),
    fnCode(...names),
  ]

  it('comes from where its code says', () => {
    expect(rolesOf(passes('x', 'var.role'))).toEqual(['x (parameter)'])
    expect(rolesOf(passes('x', 'data.terraform_remote_state.base.outputs.role'))).toEqual(['x (import)'])
    expect(rolesOf(passes('x', 'data.terraform_remote_state_like.base'))).toEqual(['x (literal)'])
    expect(rolesOf(passes('x', 'local.role'))).toEqual(['x (literal)'])
  })

  it('is a role of the same plan by its name or its ARN, and no role that the plan leaves as it is', () => {
    const resources = (value: string, after: object, actions: readonly string[]) =>
      planNeeds([change('aws_iam_role', 'r', after, { actions }), ...passes(value)]).needs.map(
        need => need.role.text.resource?.logicalId ?? null,
      )
    expect(resources('n', { name: 'n' }, ['create'])).toEqual(['aws_iam_role.r'])
    expect(resources(`${IAM}:role/n`, { name: 'n' }, ['create'])).toEqual(['aws_iam_role.r'])
    expect(resources(`${IAM}:role/app/n`, { name: 'n', path: '/app/' }, ['create'])).toEqual(['aws_iam_role.r'])
    expect(resources('arn:aws:iam::444455556666:role/n', { name: 'n' }, ['create'])).toEqual([null])
    expect(resources('n', { name: 'n' }, ['no-op'])).toEqual([null])
    expect(resources('n', {}, ['create'])).toEqual([null])
    expect(resources('null', {}, ['create'])).toEqual([null])
  })

  it('is not another resource of the plan with the same name', () => {
    const named = planNeeds([change('aws_newthing_engine', 'e', { name: 'n', role: 'other' }), ...passes('n')]).needs
    expect(named.map(need => need.role.text.resource)).toEqual([null, null])
  })

  it('is told from an instance profile of the same name', () => {
    const pieces = [
      change('aws_iam_instance_profile', 'p', { name: 'n', role: 'n' }),
      change('aws_iam_role', 'r', { name: 'n' }),
      change('aws_instance', 'i', { iam_instance_profile: 'n' }),
      ...passes('n'),
    ]
    const needs = planNeeds(pieces).needs.map(need => [need.where.logicalId, need.role.text.resource?.logicalId])
    expect(needs).toEqual([
      ['aws_iam_instance_profile.p', 'aws_iam_role.r'],
      ['aws_instance.i', 'aws_iam_instance_profile.p'],
      ['aws_lambda_function.fn', 'aws_iam_role.r'],
    ])
  })
})

describe('an instance profile known after apply', () => {
  it.each([
    ['aws_iam_instance_profile.p.name', 'web (same-template)'],
    ['aws_iam_instance_profile.p.id', 'web (same-template)'],
    ['aws_iam_instance_profile.p.arn', `${IAM}:instance-profile/web (same-template)`],
    ['aws_iam_instance_profile.p', `${IAM}:instance-profile/web (same-template)`],
  ])('%s', (reference, expected) => {
    const needs = planNeeds([
      change('aws_iam_instance_profile', 'p', { name: 'web' }, { unknown: { arn: true } }),
      change('aws_instance', 'i', {}, { unknown: { iam_instance_profile: true } }),
      code('aws_instance', 'i', { iam_instance_profile: references(reference) }),
    ])
    expect(linesOf(needs)).toEqual([`aws_instance.i.iam_instance_profile ec2:RunInstances ${expected}`])
  })
})

describe('the role that a provider assumes', () => {
  const assumes = (value: object) => ({ expressions: { assume_role: [{ role_arn: value }] } })
  const constant = (arn: string) => assumes({ constant_value: arn })
  const actors = (...pieces: readonly PlanPiece[]) =>
    planNeeds(pieces).needs.map(({ where, actor }) => [
      where.logicalId,
      actor.kind === 'role' ? actor.role.pieces.join('') : actor.kind,
    ])
  const passed = (provider: string) => [
    change('aws_lambda_function', 'fn', { role: 'x' }),
    code('aws_lambda_function', 'fn', {}, [], provider),
  ]
  const A = 'arn:aws:iam::444455556666:role/a'
  const B = 'arn:aws:iam::123456789012:role/b'

  it('makes the calls of its own resources alone', () => {
    const both = providers({ aws: constant(A), 'aws.other': constant(B), plain: {}, text: 'x' })
    expect(actors(...passed('aws.other'), both)).toEqual([
      ['provider.aws', 'caller'],
      ['provider.aws.other', 'caller'],
      ['aws_lambda_function.fn', B],
    ])
    expect(actors(...passed('aws'), both).at(-1)).toEqual(['aws_lambda_function.fn', A])
    expect(actors(...passed('plain'), both).at(-1)).toEqual(['aws_lambda_function.fn', 'principal'])
  })

  it('is that of the root where a module has the provider handed down', () => {
    const handedDown = providers({ aws: constant(A), 'module.app:aws': { name: 'aws' } })
    expect(actors(...passed('module.app:aws'), handedDown)).toEqual([
      ['provider.aws', 'caller'],
      ['aws_lambda_function.fn', A],
    ])
    const own = providers({ aws: constant(A), 'module.app:aws': constant(B) })
    expect(actors(...passed('module.app:aws'), own).at(-1)).toEqual(['aws_lambda_function.fn', B])
  })

  it('is the last of several blocks, and there may be one block without a list', () => {
    const chain = [{ role_arn: { constant_value: A } }, { role_arn: { constant_value: B } }]
    const lines = (block: unknown) =>
      linesOf(
        planNeeds([
          providers({ aws: { expressions: { assume_role: block } } }),
          { kind: 'format-version', value: '1.2' },
        ]),
      )
    expect(lines(chain)).toEqual([`provider.aws.assume_role[1].role_arn sts:AssumeRole ${B} (literal)`])
    expect(lines(chain[0])).toEqual([`provider.aws.assume_role[0].role_arn sts:AssumeRole ${A} (literal)`])
    expect(lines([{}])).toEqual([])
  })

  it('is followed through its references, and one whose ARN is only partly known is not known', () => {
    const with_ = (value: string) =>
      linesOf(
        planNeeds([
          providers({ aws: assumes(references('var.role')) }),
          { kind: 'variables', value: { role: { value } } },
          { kind: 'format-version', value: '1.2' },
        ]),
      )
    expect(with_(A)).toEqual([`provider.aws.assume_role[0].role_arn sts:AssumeRole ${A} (parameter)`])
    expect(with_('444455556666')).toEqual(['provider.aws.assume_role[0].role_arn sts:AssumeRole * (unknown)'])
  })

  it('decides the account of what is made with it', () => {
    const made = (provider: object) =>
      planNeeds([
        change('aws_iam_role', 'r', { name: 'n' }),
        code('aws_iam_role', 'r', {}),
        providers({ aws: provider }),
      ]).made.map(one => one.accountId)
    expect(made(constant(A))).toEqual(['444455556666'])
    expect(made({})).toEqual(['111122223333'])
    expect(made(constant('a-name'))).toEqual(['111122223333'])
  })
})

describe('references that lead to each other', () => {
  const outputs = (modules: number, refs: readonly string[]): PlanPiece => ({
    kind: 'configuration',
    modules: Array.from({ length: modules }, () => 'm'),
    part: 'outputs',
    value: { o: { expression: references(...refs) } },
  })

  it('in three ways at each of many modules are followed in a bounded time', () => {
    const ways = ['module.m.o', 'module.m.o', 'module.m.o']
    const modules = Array.from({ length: 14 }, (_, at) => outputs(at + 1, ways))
    const startMs = cpuMs()
    expect(rolesOf([fn(), fnCode(...ways), ...modules])).toEqual(['* (unknown)'])
    expect(cpuMs() - startMs).toBeLessThan(5_000)
  })

  it('find nothing in a circle', () => {
    const circle: PlanPiece = {
      kind: 'configuration',
      modules: ['m'],
      part: 'expressions',
      value: { x: references('module.m.o', 'module.m.o') },
    }
    expect(rolesOf([fn(), fnCode('module.m.o'), outputs(1, ['var.x', 'var.x']), circle])).toEqual(['* (unknown)'])
  })

  it('name no account where a provider assumes a role that it makes itself', () => {
    const pieces = [
      role('r', { name: 'n' }),
      code('aws_iam_role', 'r', {}),
      providers({ aws: { expressions: { assume_role: [{ role_arn: references('aws_iam_role.r.arn') }] } } }),
    ]
    expect(planNeeds(pieces).made.map(({ accountId }) => accountId)).toEqual(['111122223333'])
  })

  it('are instances of any name', () => {
    const key = 'a]b[c"d'
    const module = `module.m[${JSON.stringify(key)}]`
    const arguments_: PlanPiece = {
      kind: 'configuration',
      modules: ['m'],
      part: 'expressions',
      value: { x: { constant_value: `${IAM}:role/given` } },
    }
    const inModule = code('aws_lambda_function', 'fn', { role: references('var.x') }, ['m'])
    expect(rolesOf([fn({ module }), inModule, arguments_])).toEqual([`${IAM}:role/given (parameter)`])
  })
})
