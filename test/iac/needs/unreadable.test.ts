import { describe, expect, it } from 'vitest'
import { UnreadableSource } from '../../../iac/source/source-node.ts'
import { cpuMs } from '../../cpu-time.ts'
import { needsIn } from './needs-of.ts'

const messageFor = (text: string): string => {
  try {
    needsIn(text)
    return 'readable'
  } catch (fault) {
    if (!(fault instanceof UnreadableSource)) throw fault
    expect(fault.message).not.toContain('\n')
    return `${fault.line}: ${fault.message}`
  }
}

const FN = '  Fn: { Type: AWS::Lambda::Function, Properties: { Role: x } }'

describe('a template that cannot be read', () => {
  it.each([
    ['an empty file', '', '1: the file is empty'],
    ['JSON that ends early', '{\n "Resources": {\n', '3: this is not JSON: the { of line 2 is not closed'],
    ['a trailing comma', '{\n "Resources": {},\n}', '3: this is not JSON: a quoted key is missing before }'],
    ['a missing comma', '{\n "a": 1\n "b": 2}', '3: this is not JSON: a comma is missing before "b"'],
    ['a single quote', "{\n 'a': 1}", '2: this is not JSON: unexpected "\'"'],
    ['a string over two lines', '{"a": "x\ny"}', '1: this is not JSON: a line ends inside of a string'],
    ['text after the end', '{"Resources": {}}\nx', '2: this is not JSON: unexpected "x"'],
    ['a comment in JSON', '{\n // roles\n}', '2: this is not JSON: unexpected "/"'],
    ['a key that stands twice', '{"Resources": {},\n "Resources": {}}', '2: "Resources" stands twice, first on line 1'],
    [
      'bad indentation',
      'Resources:\n  A:\n    Type: x\n   B: y\n',
      '4: this is not YAML: All mapping items must start at the same column',
    ],
    [
      'an open bracket',
      'Resources:\n  A: [x\n',
      '3: this is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a tab', 'Resources:\n\tA: x\n', '2: this is not YAML: Tabs are not allowed as indentation'],
    [
      'two documents',
      `Resources:\n${FN}\n---\nResources: {}\n`,
      '3: this is not YAML: Source contains multiple documents',
    ],
    ['a tag of nobody', 'Resources:\n  A: !Reff x\n', '2: !Reff is not a CloudFormation function'],
    ['an anchor of nobody', 'Resources:\n  A: *role\n', '2: there is no anchor &role'],
    ['a list', '- a\n- b\n', '1: this is not a template: it is not a map of sections'],
    ['a text', 'hello\n', '1: this is not a template: it is not a map of sections'],
    ['no resources', 'Parameters: {}\n', '1: this is not a template: it has no Resources'],
    ['empty resources', 'Description: x\nResources:\n', '2: Resources is not a map'],
    ['a list of resources', 'Resources:\n  - A\n', '1: Resources is not a map'],
    ['a resource without a type', 'Resources:\n  A:\n    Properties: {}\n', '2: the resource A has no Type'],
    [
      'a resource whose type is a number',
      'Resources:\n  A: { Type: 5 }\n',
      '2: the Type of the resource A is no resource type',
    ],
    [
      'a mapping that is not there',
      'Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n      Role: !FindInMap [M, a, b]\n',
      '5: Fn::FindInMap finds no value in the mappings',
    ],
    [
      'a variable that is not closed',
      'Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n      Role: !Sub "${B.Arn"\n',
      '5: Fn::Sub does not close ${',
    ],
    ['a resource that is a text', 'Resources:\n  A: x\n', '2: the resource A is not a map'],
    [
      'properties that are a list',
      'Resources:\n  A:\n    Type: T\n    Properties:\n      - a\n',
      '5: the Properties of A are not a map',
    ],
    [
      'a macro',
      `Transform: [Acme]\nResources:\n${FN}\n`,
      '1: the macro Acme rewrites this template when it is deployed',
    ],
    [
      'an included part',
      'Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n      Role:\n        Fn::Transform: { Name: AWS::Include }\n',
      '6: a macro rewrites this part of the template when it is deployed',
    ],
    [
      'a function of nobody',
      'Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n      Role:\n        Fn::Role: x\n',
      '6: Fn::Role is not a CloudFormation function',
    ],
    [
      'a name of nobody',
      'Resources:\n  A: { Type: AWS::Lambda::Function, Properties: { Role: !GetAtt Gone.Arn } }\n',
      '2: there is no parameter or resource Gone',
    ],
    [
      'a condition of nobody',
      'Resources:\n  A: { Type: AWS::Lambda::Function, Condition: Gone }\n',
      '2: there is no condition Gone',
    ],
    [
      'a circle of resources',
      'Resources:\n  A: { Type: X, Properties: { P: !Ref B } }\n  B: { Type: X, DependsOn: A }\n',
      '2: circular reference: A → B → A',
    ],
    [
      'a circle of conditions',
      `Conditions:\n  A: !Not [Condition: B]\n  B: !Not [Condition: A]\nResources:\n  F: { Type: X, Condition: A }\n`,
      '3: the condition A depends on itself',
    ],
    [
      'an If without its values',
      'Resources:\n  A: { Type: AWS::Lambda::Function, Properties: { Role: !If [X] } }\n',
      '2: Fn::If needs a condition and two values',
    ],
    [
      'a Join without its list',
      "Resources:\n  A: { Type: AWS::Lambda::Function, Properties: { Role: !Join ['-'] } }\n",
      '2: Fn::Join needs two values',
    ],
  ])('%s is told in one line, with the place', (_, text, expected) => {
    expect(messageFor(text)).toBe(expected)
  })

  it('ends within a bound: deep nesting, and aliases that multiply', () => {
    expect(messageFor(`{"Resources": ${'['.repeat(100_000)}`)).toContain('nested too deeply')
    expect(messageFor(`Resources: ${'['.repeat(20_000)}`)).toMatch(/nested too deeply|this is not YAML/)
    const bomb = Array.from(
      { length: 30 },
      (_, at) => `  A${at}: &a${at} [${`*a${at - 1},`.repeat(at === 0 ? 0 : 9)}x]`,
    )
    expect(messageFor(`Resources:\n${bomb.join('\n')}\n`)).toMatch(/aliases expand to too many values|not a map/)
  })
  it.each([
    ['Sub', `{ "Fn::Sub": "${'${R}'.repeat(32_000)}" }`],
    ['Join', `{ "Fn::Join": ["", [${'{ "Ref": "R" }, '.repeat(32_000)}""]] }`],
  ])('takes time that grows with the places of a %s', (_, role) => {
    const named = '"R": { "Type": "AWS::IAM::Role", "Properties": { "RoleName": "orders" } }'
    const used = `"F": { "Type": "AWS::Lambda::Function", "Properties": { "Role": ${role} } }`
    const startMs = cpuMs()
    messageFor(`{ "Resources": { ${named}, ${used} } }`)
    expect(cpuMs() - startMs).toBeLessThan(3_000)
  })
})
