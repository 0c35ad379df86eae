import { arnLike } from './arn.ts'
import { ipAddress } from './ip.ts'
import type { CompileValue, Operator } from './operator.ts'
import { date, numeric, ORDERS } from './ordered.ts'
import { binaryEquals, bool, stringEquals, stringEqualsIgnoreCase, stringLike } from './text.ts'

/** A parsed operator: quantifier, comparison, and whether an absent key passes. */
export type ParsedOperator = {
  readonly quantifier: 'all' | 'any' | null
  /** `null`: the operator `Null`, which tests only whether the key is present. */
  readonly operator: Operator | 'null'
  readonly ifExists: boolean
}

const positive = (compile: CompileValue): Operator => ({ compile, negated: false })
const negated = (compile: CompileValue): Operator => ({ compile, negated: true })

/** The operators by their name in lower case. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['stringequals', positive(stringEquals)],
  ['stringnotequals', negated(stringEquals)],
  ['stringequalsignorecase', positive(stringEqualsIgnoreCase)],
  ['stringnotequalsignorecase', negated(stringEqualsIgnoreCase)],
  ['stringlike', positive(stringLike)],
  ['stringnotlike', negated(stringLike)],
  ['arnequals', positive(arnLike)],
  ['arnnotequals', negated(arnLike)],
  ['arnlike', positive(arnLike)],
  ['arnnotlike', negated(arnLike)],
  ['bool', positive(bool)],
  ['binaryequals', positive(binaryEquals)],
  ['ipaddress', positive(ipAddress)],
  ['notipaddress', negated(ipAddress)],
  ...Object.entries(ORDERS).flatMap(([name, order]): [string, Operator][] => [
    [`numeric${name}`, positive(numeric(order))],
    [`date${name}`, positive(date(order))],
  ]),
  ...Object.entries(ORDERS)
    .filter(([name]) => name === 'equals')
    .flatMap(([, order]): [string, Operator][] => [
      ['numericnotequals', negated(numeric(order))],
      ['datenotequals', negated(date(order))],
    ]),
])

const NAME = /^(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?$/

/** The operator of this name. Null: AWS has none. */
export function parseOperator(name: string): ParsedOperator | null {
  const match = NAME.exec(name.toLowerCase())
  if (match === null) return null
  const [, prefix, base = '', suffix] = match
  const quantifier = prefix === undefined ? null : prefix === 'forallvalues' ? 'all' : 'any'
  const ifExists = suffix !== undefined
  if (base === 'null') return quantifier === null && !ifExists ? { quantifier, operator: 'null', ifExists } : null
  const operator = OPERATORS.get(base)
  return operator === undefined ? null : { quantifier, operator, ifExists }
}
