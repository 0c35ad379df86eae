import { isValueList } from '../../../diagnosis/index.ts'
import { principalsOfType, type Statement } from '../../../iam/index.ts'
import { addedStatements } from '../../document-diff.ts'
import { changesTrust } from '../../patch.ts'
import { type Guardrail, PASS, warn } from '../guardrail.ts'

/**
 * A service that is trusted for every account may use the role for a stranger, unless the service itself prevents that.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export const confusedDeputy: Guardrail = {
  id: 'confused-deputy',
  check: ({ patch }) => {
    const open = addedStatements(patch.changes.filter(changesTrust)).flatMap(({ statement }) =>
      isPinned(statement) ? [] : principalsOfType(statement, 'Service').map(service => ({ service, statement })),
    )
    const [first] = open
    return first === undefined ? PASS : warn(`${first.service} is trusted ${why(first.statement)}: ${UP_TO_IT}`)
  },
}

const PINS = new Set(['aws:sourceaccount', 'aws:sourcearn', 'aws:sourceorgid', 'sts:externalid'])

const UP_TO_IT = 'whose resource it acts for is up to the service.'

function why({ Condition = {} }: Statement): string {
  const [loose] = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.keys(keys).flatMap(key => (PINS.has(key.toLowerCase()) ? [`${operator} on ${key}`] : [])),
  )
  return loose === undefined
    ? 'without aws:SourceAccount, because AWS does not publish that it sends it'
    : `with ${loose}, which others meet too`
}

/** A negation, or an operator that lets the key be absent, admits strangers. */
const isPinned = ({ Condition = {} }: Statement): boolean =>
  Object.entries(Condition).some(
    ([operator, keys]) =>
      isValueList(operator) &&
      !/IfExists$/i.test(operator) &&
      Object.keys(keys).some(key => PINS.has(key.toLowerCase())),
  )
