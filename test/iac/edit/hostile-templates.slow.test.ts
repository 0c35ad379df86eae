/** Templates whose parts depend on each other endlessly: both readers answer in bounded time and give the reason. */
import { describe, expect, it } from 'vitest'
import { UnreadableSource } from '../../../iac/source/source-node.ts'
import { cpuMs } from '../../cpu-time.ts'
import { needsIn } from '../needs/needs-of.ts'
import { addressOf } from './edit-of.ts'

const LINKS = 5_000
const NAMES = 1_000
const steps = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n')
const role = (id: string, name: string, more = '') =>
  `  ${id}: { Type: AWS::IAM::Role, ${more} Properties: { RoleName: ${name}, AssumeRolePolicyDocument: {} } }`

const conditions = `Conditions:
${steps(LINKS, at => `  C${at}: !Not [!Condition C${at + 1}]`)}
  C${LINKS}: !Equals [a, a]
Resources:
${role('Task', 'orders', 'Condition: C0,')}
`
const names = `Resources:
${steps(NAMES, at => role(`R${at}`, `!Ref R${at + 1}`))}
${role(`R${NAMES}`, 'orders')}
`
const mappings = `Conditions: { Any: !Equals [!Ref AWS::StackName, a] }
Mappings:
  M:
    a:
${steps(40, at => `      k${at}: !If [Any, !FindInMap [M, a, k${at + 1}], !FindInMap [M, a, k${at + 1}]]`)}
      k40: orders
Resources:
${role('Task', '!FindInMap [M, a, k0]')}
`
const itself = `Mappings: { M: { a: { k: !FindInMap [M, a, k] } } }
Resources:
${role('Task', '!FindInMap [M, a, k]')}
`
const doubled = `Resources:
${steps(40, at => role(`R${at}`, `!Sub '\${R${at + 1}}\${R${at + 1}}'`))}
${role('R40', 'orders')}
`
const eachTwice = `Conditions:
${steps(40, at => `  C${at}: !And [!Condition C${at + 1}, !Condition C${at + 1}]`)}
  C40: !Equals [!Ref AWS::StackName, a]
Resources:
${role('Task', 'orders', 'Condition: C0,')}
`

const preflightOf = (text: string): string => {
  try {
    return needsIn(text)
      .made.map(({ logicalId }) => logicalId)
      .join(' ')
  } catch (fault) {
    if (fault instanceof UnreadableSource) return fault.message
    throw fault
  }
}

const TOO_DEEP = 'too many values here refer to each other in a row'
const CUT = 'Too many functions, conditions or names of t.yaml depend on each other: add the snippet.'

describe('a template whose parts depend on each other', () => {
  it.each([
    ['in five thousand conditions', conditions, TOO_DEEP, CUT],
    ['in a thousand names', names, TOO_DEEP, CUT],
    ['in a mapping that is its own value', itself, TOO_DEEP, CUT],
    ['in a mapping, each value twice', mappings, 'its functions, conditions and names are too much work', CUT],
    ['in conditions, each twice', eachTwice, 'Task', 'Task'],
    ['in names, each twice', doubled, 'the text here is too long', CUT],
  ])('%s is read in a bounded time', (_, text, preflight, patchCode) => {
    const startMs = cpuMs()
    expect(preflightOf(text)).toEqual(preflight)
    expect(addressOf({ 't.yaml': text }, 'role orders')).toBe(patchCode)
    expect(cpuMs() - startMs).toBeLessThan(20_000)
  })

  it('in nested stacks is read to one depth of all stacks together', () => {
    // 25 calls in each of 15 stacks: none is deep alone.
    const joins = (inner: string) => `${"!Join ['', [".repeat(24)}${inner}${']]'.repeat(24)}`
    const stack = (at: number) => {
      const next = `  N: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: t${at + 1}.yaml } }\n`
      const value = joins(at === 14 ? 'orders' : '!GetAtt N.Outputs.Name')
      return `Resources:\n${at === 14 ? role('Task', 'orders') : next}\nOutputs:\n  Name: { Value: ${value} }\n`
    }
    const files = Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`t${at}.yaml`, stack(at)]))
    const root = (from: number) =>
      `Resources:\n  N: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: t${from}.yaml } }\n${role('Task', '!GetAtt N.Outputs.Name')}\n`
    expect(needsIn(root(10), files).made).toHaveLength(2)
    expect(() => needsIn(root(0), files)).toThrow(TOO_DEEP)
  })

  it('in stacks, each nested twice, is read up to a number of stacks', () => {
    const stack = (at: number) =>
      `Resources:\n${role('Task', 'orders')}\n${['A', 'B'].map(id => `  ${id}: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: t${at + 1}.yaml } }\n`).join('')}`
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`t${at}.yaml`, stack(at)]))
    const { made, unread } = needsIn(files['t0.yaml'] ?? '', files)
    expect(made).toHaveLength(2_000)
    expect(unread.length).toBeGreaterThan(0)
    expect(addressOf(files, 'role other')).toBe(
      'The templates nest more stacks than are looked at: name the folder of its template.',
    )
  })
})
