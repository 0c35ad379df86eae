/** Whether an account and Region forwards events: every rule of the templates with its pattern, state and target. */

import * as z from 'zod'
import { canonicalJson } from '../../../core/base/index.ts'
import { EVENT_PATTERNS } from '../../../core/denial/index.ts'
import { ALL_PATTERNS } from '../../../functions/domain/deploy/index.ts'
import { HEARTBEAT_RULE } from '../../../functions/domain/members/index.ts'
import { PREFIX } from '../../../infra/names.ts'
import { type AskAws, pagesOf } from '../../live/ask-aws.ts'
import { type Check, failedCheck, okCheck, warning } from './check.ts'

export type SeenRule = {
  readonly name: string
  readonly state: string
  /** The pattern as JSON. Null: a schedule. */
  readonly pattern: string | null
  /** ARNs. Empty for rules that are not rolemedic's. */
  readonly targets: readonly string[]
}

/**
 * A fixed limit.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
export const MAX_WILDCARD_RULES = 30
const NEARLY = 27

const SEES_READS = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'

export type ExpectedRules = {
  readonly enabled: boolean
  /** The ARN that must be the target of each rule. */
  readonly targetOf: (rule: string) => string
}

export function ruleChecks(where: string, seen: readonly SeenRule[], expected: ExpectedRules): readonly Check[] {
  const wrong = Object.entries(ALL_PATTERNS).flatMap(([rule, pattern]) => {
    const found = seen.find(({ name }) => name === `${PREFIX}-${rule}`)
    const why = found === undefined ? 'is missing' : faultOf(rule, pattern, found, expected)
    return why === null ? [] : [`${PREFIX}-${rule} ${why}`]
  })
  const rules =
    wrong.length > 0
      ? failedCheck('rules', `${where}: ${wrong.join('; ')}: deploy rolemedic-member there (in the hub: rolemedic-bot)`)
      : expected.enabled
        ? okCheck('rules', `${where}: ${Object.keys(ALL_PATTERNS).length} rules, each enabled and with its target`)
        : warning('rules', `${where}: disabled by "enabled": false of the settings; set it to true once Slack answers`)
  return [rules, wildcardCheck(where, seen)]
}

function faultOf(rule: string, pattern: object, found: SeenRule, { enabled, targetOf }: ExpectedRules): string | null {
  const on = rule in EVENT_PATTERNS ? SEES_READS : 'ENABLED'
  const wanted = enabled || rule === HEARTBEAT_RULE ? on : 'DISABLED'
  if (found.state !== wanted)
    return found.state === 'DISABLED' ? 'is disabled' : `is ${found.state} instead of ${wanted}`
  if (!samePattern(found.pattern, pattern)) return 'has the pattern of another version'
  const target = targetOf(rule)
  if (!found.targets.includes(target)) return `does not lead to ${target}`
  return null
}

function samePattern(found: string | null, pattern: object): boolean {
  try {
    return found !== null && canonicalJson(JSON.parse(found)) === canonicalJson(pattern)
  } catch {
    return false
  }
}

function wildcardCheck(where: string, seen: readonly SeenRule[]): Check {
  const count = seen.filter(({ pattern }) => pattern?.includes('"wildcard"') === true).length
  const detail = `${where}: ${count} of ${MAX_WILDCARD_RULES} rules with wildcards on the bus`
  return count < NEARLY
    ? okCheck('rule quota', detail)
    : warning('rule quota', `${detail}: the quota cannot be raised, and the next upgrade may need one more`)
}

const rulesPage = z.object({
  Rules: z.array(z.object({ Name: z.string(), State: z.string(), EventPattern: z.string().nullish() })),
  NextToken: z.string().nullish(),
})
const targetsOfRule = z.object({ Targets: z.array(z.object({ Arn: z.string() })) })

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html */
export async function readRules({ json }: AskAws, bus: string | null = null): Promise<readonly SeenRule[]> {
  const on = bus === null ? {} : { EventBusName: bus }
  const seen: SeenRule[] = []
  const ask = async (from: object) => rulesPage.parse(await json('events', 'AWSEvents.ListRules', { ...on, ...from }))
  for await (const { Rules } of pagesOf(ask, page => page.NextToken)) {
    for (const { Name: name, State: state, EventPattern: pattern = null } of Rules) {
      const isOurs = name.startsWith(`${PREFIX}-`)
      const asked = { ...on, Rule: name }
      const { Targets } = isOurs
        ? targetsOfRule.parse(await json('events', 'AWSEvents.ListTargetsByRule', asked))
        : { Targets: [] }
      seen.push({ name, state, pattern, targets: Targets.map(({ Arn }) => Arn) })
    }
  }
  return seen
}
