/** Roles in the properties of a resource, by the paths of the published tables. */
import { describe, expect, it } from 'vitest'
import { propertyValuesAt } from '../../../../iac/needs/cloudformation/property-values.ts'
import { NO_OPTIONS, scopesOf } from '../../../../iac/needs/cloudformation/template-needs.ts'
import { plainValue } from '../../../../iac/source/plain-value.ts'
import { patternOf } from '../../../../iac/source/role-text.ts'
import { ENVIRONMENT } from '../needs-of.ts'

const TEMPLATE = `
Parameters: { Stage: { Type: String } }
Conditions: { IsProd: !Equals [!Ref Stage, prod] }
Resources:
  Thing:
    Type: AWS::Nothing::Here
    Properties:
      Type: EC2
      RoleArn: arn:a
      Targets:
        - { Arn: t1, Kind: Service, RoleArn: arn:b }
        - { Arn: t2, Kind: Other, RoleArn: arn:c }
      Plain: [arn:d, arn:e]
      Named: { one: { Role: arn:f }, two: { Role: arn:g } }
      Text: '{"paths": {"/x": {"credentials": "arn:h"}}}'
      Broken: '{"paths": '
      Joined: !Sub '{"paths": {"/x": {"credentials": "\${Stage}"}}}'
      Either: !If [IsProd, { Role: arn:i }, { Role: arn:j }]
      Choice: !If [IsProd, a, b]
      Items: [a, !If [IsProd, b, !Ref AWS::NoValue]]
      Count: 3
`

const scope = scopesOf('template.yaml', TEMPLATE, { ...NO_OPTIONS, environment: ENVIRONMENT, textAt: () => null })
  .all[0]
const thing = scope?.template.resources.get('Thing')?.properties
if (scope === undefined || thing === undefined) throw new Error('the template has its resource')

describe('the values at a path', () => {
  it.each<readonly [string, readonly string[]]>([
    ['RoleArn', ['RoleArn arn:a']],
    ['(Type=EC2).RoleArn', ['RoleArn arn:a']],
    ['(Type=ECS|EC2).RoleArn', ['RoleArn arn:a']],
    ['(Type=ECS).RoleArn', []],
    ['(Nothing=EC2).RoleArn', []],
    ['Targets[].RoleArn', ['Targets[0].RoleArn arn:b', 'Targets[1].RoleArn arn:c']],
    ['Targets[Kind=Service].RoleArn', ['Targets[0].RoleArn arn:b']],
    ['Targets[Kind=Service,Arn=t2].RoleArn', []],
    ['Plain[]', ['Plain[0] arn:d', 'Plain[1] arn:e']],
    ['Named{}.Role', ['Named.one.Role arn:f', 'Named.two.Role arn:g']],
    ['RoleArn{}.Role', []],
    ['Text@json.paths{}.credentials', ['Text.paths./x.credentials arn:h']],
    ['Broken@json.paths{}.credentials', []],
    ['Joined@json.paths{}.credentials', []],
    ['Either.Role', ['Either.Role arn:i', 'Either.Role arn:j']],
    ['Nothing.Role', []],
  ])('%s are %j', (path, values) => {
    expect(propertyValuesAt(scope, thing, path).map(({ property, text }) => `${property} ${patternOf(text)}`)).toEqual(
      values,
    )
  })

  it('have the line of their key', () => {
    expect(propertyValuesAt(scope, thing, 'Targets[].RoleArn').map(({ line }) => line)).toEqual([11, 12])
    expect(propertyValuesAt(scope, thing, 'RoleArn').map(({ line }) => line)).toEqual([9])
  })

  it('are none of a resource without properties', () => {
    expect(propertyValuesAt(scope, undefined, 'RoleArn')).toEqual([])
  })
})

describe('a value as plain data', () => {
  const plain = (key: string) => plainValue(scope, thing.kind === 'map' ? thing.entries.get(key)?.value : undefined)
  it.each<readonly [string, unknown, boolean]>([
    ['Type', 'EC2', true],
    ['Count', 3, true],
    ['Plain', ['arn:d', 'arn:e'], true],
    ['Named', { one: { Role: 'arn:f' }, two: { Role: 'arn:g' } }, true],
    ['Choice', 'a', false],
    ['Items', ['a', 'b'], false],
    ['Joined', '{"paths": {"/x": {"credentials": "*"}}}', false],
    ['Nothing', undefined, true],
  ])('%s is %j, complete: %s', (key, value, complete) => {
    expect(plain(key)).toEqual({ value, complete })
  })
})
