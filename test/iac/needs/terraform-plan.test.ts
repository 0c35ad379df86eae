import { describe, expect, it } from 'vitest'
import { linesOf, planNeeds } from './needs-of.ts'
import { change, code, references } from './plan-pieces.ts'

describe('the roles that a plan passes', () => {
  it('are those of what it makes and updates, not of what it leaves or destroys', () => {
    const role = 'arn:aws:iam::111122223333:role/x'
    const needs = planNeeds([
      change('aws_lambda_function', 'made', { role }),
      change('aws_lambda_function', 'changed', { role }, { actions: ['update'] }),
      change('aws_lambda_function', 'replaced', { role }, { actions: ['delete', 'create'] }),
      change('aws_lambda_function', 'kept', { role }, { actions: ['no-op'] }),
      change('aws_lambda_function', 'gone', {}, { actions: ['delete'] }),
      change('aws_iam_role_policy', 'policy', { role: 'x', policy: '{}' }),
    ])
    expect(linesOf(needs)).toEqual(
      ['made', 'changed', 'replaced'].map(
        name => `aws_lambda_function.${name}.role lambda:CreateFunction arn:aws:iam::111122223333:role/x (literal)`,
      ),
    )
  })

  it('are followed to the role of the same plan, whose ARN is known where its name is', () => {
    const needs = planNeeds([
      change('aws_iam_role', 'named', { name: 'orders', path: '/app/' }, { unknown: { arn: true } }),
      change('aws_iam_role', 'prefixed', { name_prefix: 'bill-', path: '/' }, { unknown: { arn: true, name: true } }),
      change('aws_lambda_function', 'a', {}, { unknown: { role: true } }),
      change('aws_lambda_function', 'b', {}, { unknown: { role: true } }),
      change('aws_lambda_function', 'c', {}, { unknown: { role: true } }),
      code('aws_lambda_function', 'a', { role: references('aws_iam_role.named.arn', 'aws_iam_role.named') }),
      code('aws_lambda_function', 'b', { role: references('aws_iam_role.prefixed.arn', 'aws_iam_role.prefixed') }),
      code('aws_lambda_function', 'c', { role: references('local.role') }),
    ])
    expect(linesOf(needs)).toEqual([
      'aws_lambda_function.a.role lambda:CreateFunction arn:aws:iam::111122223333:role/app/orders (same-template)',
      'aws_lambda_function.b.role lambda:CreateFunction arn:aws:iam::111122223333:role/bill-* (same-template)',
      'aws_lambda_function.c.role lambda:CreateFunction * (unknown)',
    ])
  })

  it('are followed through modules: into them by their arguments, out of them by their outputs', () => {
    const needs = planNeeds([
      change('aws_iam_role', 'this', { name: 'in-module' }, { unknown: { arn: true }, module: 'module.iam' }),
      change('aws_lambda_function', 'fn', {}, { unknown: { role: true }, module: 'module.app' }),
      code('aws_lambda_function', 'fn', { role: references('var.role_arn') }, ['app']),
      {
        kind: 'configuration',
        modules: ['app'],
        part: 'expressions',
        value: { role_arn: references('module.iam.arn', 'module.iam') },
      },
      {
        kind: 'configuration',
        modules: ['iam'],
        part: 'outputs',
        value: { arn: { expression: references('aws_iam_role.this.arn', 'aws_iam_role.this') } },
      },
    ])
    expect(linesOf(needs)).toEqual([
      'module.app.aws_lambda_function.fn.role lambda:CreateFunction arn:aws:iam::111122223333:role/in-module (same-template)',
    ])
  })

  it('are taken by their own key where there are several', () => {
    const needs = planNeeds([
      change('aws_iam_role', 'each', { name: 'role-a' }, { unknown: { arn: true }, index: 'a' }),
      change('aws_iam_role', 'each', { name: 'role-b' }, { unknown: { arn: true }, index: 'b' }),
      change('aws_sfn_state_machine', 'flow', {}, { unknown: { role_arn: true }, index: 'b' }),
      code('aws_sfn_state_machine', 'flow', { role_arn: references('aws_iam_role.each', 'each.key') }),
    ])
    expect(linesOf(needs)).toEqual([
      'aws_sfn_state_machine.flow["b"].role_arn states:CreateStateMachine arn:aws:iam::111122223333:role/role-b (same-template)',
    ])
  })

  it('are not the attributes that the provider fills in', () => {
    const needs = planNeeds([
      change('aws_s3_bucket', 'b', {}, { unknown: { replication_configuration: true } }),
      code('aws_s3_bucket', 'b', { bucket: { constant_value: 'b' } }),
      change('aws_instance', 'i', {}, { unknown: { iam_instance_profile: true } }),
      change('aws_batch_job_definition', 'j', {
        container_properties: '{"jobRoleArn":"arn:aws:iam::111122223333:role/job"}',
      }),
    ])
    expect(linesOf(needs)).toEqual([
      'aws_batch_job_definition.j.container_properties.jobRoleArn batch:RegisterJobDefinition arn:aws:iam::111122223333:role/job (literal)',
    ])
  })

  it('of a type that no table has are known by their name, and marked', () => {
    const needs = planNeeds([
      change('aws_newthing_engine', 'e', { execution_role_arn: 'arn:aws:iam::111122223333:role/e', role_name: 'x' }),
      change('awscc_lambda_function', 'f', { role: 'arn:aws:iam::111122223333:role/cc' }),
    ])
    expect(linesOf(needs)).toEqual([
      'aws_newthing_engine.e.execution_role_arn newthing:CreateEngine arn:aws:iam::111122223333:role/e (literal)',
      'awscc_lambda_function.f.role lambda:CreateFunction arn:aws:iam::111122223333:role/cc (literal)',
    ])
    expect(needs.needs.map(need => need.byName)).toEqual([true, false])
  })

  it('are made by the role that the provider assumes, whose own assumption is a need', () => {
    const needs = planNeeds([
      change('aws_lambda_function', 'fn', { role: 'arn:aws:iam::444455556666:role/x' }),
      code('aws_lambda_function', 'fn', { role: { constant_value: 'arn:aws:iam::444455556666:role/x' } }),
      {
        kind: 'configuration',
        modules: [],
        part: 'provider_config',
        value: {
          aws: {
            name: 'aws',
            expressions: {
              assume_role: [{ role_arn: { constant_value: 'arn:aws:iam::444455556666:role/terraform' } }],
            },
          },
        },
      },
    ])
    expect(linesOf(needs)).toEqual([
      'provider.aws.assume_role[0].role_arn sts:AssumeRole arn:aws:iam::444455556666:role/terraform (literal)',
      'aws_lambda_function.fn.role lambda:CreateFunction arn:aws:iam::444455556666:role/x (literal)',
    ])
    expect(needs.needs.map(need => need.actor.kind)).toEqual(['caller', 'role'])
    expect(needs.deployRole).toEqual({ arn: 'arn:aws:iam::444455556666:role/terraform', from: 'template' })
  })

  it('are read from planned values where the changes do not list the resource', () => {
    const needs = planNeeds([
      {
        kind: 'planned-resource',
        value: {
          address: 'aws_lambda_function.fn',
          mode: 'managed',
          type: 'aws_lambda_function',
          name: 'fn',
          values: { role: 'arn:aws:iam::111122223333:role/x' },
        },
      },
    ])
    expect(linesOf(needs)).toEqual([
      'aws_lambda_function.fn.role lambda:CreateFunction arn:aws:iam::111122223333:role/x (literal)',
    ])
  })
})

describe('a plan that cannot be read', () => {
  it('is told from one of another format, and from no plan at all', () => {
    expect(() => planNeeds([{ kind: 'format-version', value: '2.0' }])).toThrow('plans of format 2.0 are not known')
    expect(() => planNeeds([{ kind: 'resource-change', value: { address: 'x' } }])).toThrow(
      'a resource change has no change',
    )
  })
})
