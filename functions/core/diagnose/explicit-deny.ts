/** An explicit deny anywhere wins, and it is somebody's deliberate guard. */

import type { Diagnosis, NextStep } from '../diagnosis.ts'
import type { LayerOutcome, StatementOutcome } from '../evaluate.ts'
import type { Unknown } from '../fact.ts'
import { list } from '../policy.ts'
import { advice, guarded } from './conclude.ts'
import { evidenceOf } from './evidence.ts'
import { isMfaKey, MFA_STEP } from './mfa.ts'
import { a, layerName, layerOwner, sentence, who } from './say.ts'
import { type Rule, type Scene, wasRead } from './scene.ts'
import { decisiveUnknowns, unique } from './weigh.ts'

export const explicitDenyRead: Rule = scene => {
  const layers = (scene.evaluation?.layers ?? []).filter(layer => layer.answer === 'explicit-deny')
  const [layer] = layers
  if (layer === undefined) return null
  const statements = layers.flatMap(one => one.deciding.filter(outcome => outcome.effect === 'Deny'))
  return denied(scene, layer, statements)
}

/** AWS says that a deny decides: either a statement whose condition could not be seen, or a policy that was not read. */
export const explicitDenyByWords: Rule = scene => {
  const { words } = scene
  if (words === null || words.effect !== 'deny') return null
  const layers = scene.evaluation?.layers ?? []
  const named = words.layer === null ? layers : layers.filter(layer => layer.type === words.layer)
  for (const layer of named) {
    const possible = layer.statements.filter(one => one.effect === 'Deny' && one.matches === 'unknown')
    if (possible.length > 0) return denied(scene, layer, possible)
  }
  const unread = named.length === 0 || named.some(layer => !wasRead(scene, layer))
  if (!unread) return null
  const type = words.layer
  const where = type === null ? 'a policy that was not read' : a(layerName(type))
  const policy = words.policyArn === null ? '' : ` (${words.policyArn})`
  return guarded(scene, {
    cause: 'explicit-deny',
    summary: `AWS says that an explicit deny in ${where}${policy} stops ${who(scene.denial)} from ${scene.denial.action}; no allow can overrule it.`,
    nextSteps: [
      type === null
        ? advice('Find the deny: decode the message, or look at the service control policies of the account.')
        : ask(layerOwner(type, words.policyArn)),
    ],
  })
}

/** Everything that allows was seen, and a deny depends on a key that was not: it is the one that may decide. */
export const undecidedDeny: Rule = scene => {
  if (scene.evaluation?.answer !== 'unknown') return null
  for (const layer of scene.evaluation.layers) {
    const possible = layer.statements.filter(one => one.effect === 'Deny' && one.matches === 'unknown')
    const uncertain = possible.flatMap(one => one.unknowns)
    if (possible.length > 0 && decisiveUnknowns(scene).every(({ fact }) => uncertain.some(one => one.fact === fact))) {
      return denied(scene, layer, possible, uncertain)
    }
  }
  return null
}

const ask = (owner: string): NextStep => advice(`Ask ${owner}.`, null, owner)

function denied(
  scene: Scene,
  layer: LayerOutcome,
  statements: readonly StatementOutcome[],
  uncertain: readonly Unknown[] = [],
): Diagnosis {
  const [first] = statements
  const arn = first?.policy.arn ?? null
  const policy = first === undefined ? '' : ` ${arn ?? first.policy.name}`
  const index = first === undefined ? '' : `, statement ${first.index}${first.sid === null ? '' : ` (${first.sid})`}`
  const mfa = statements.some(wantsMfa)
  const owner = layerOwner(layer.type, arn ?? first?.policy.name ?? null)
  const verb = uncertain.length > 0 ? 'may explicitly deny' : 'explicitly denies'
  return guarded(
    scene,
    {
      cause: 'explicit-deny',
      summary: `${sentence(layerName(layer.type))}${policy}${index} ${verb} ${scene.denial.action} to ${who(scene.denial)}${mfa ? ' without MFA' : ''}; no allow can overrule it.`,
      evidence: statements.map(one => evidenceOf(one, denyFinding(one))),
      nextSteps: mfa ? [MFA_STEP, ask(owner)] : [ask(owner)],
    },
    unique(uncertain),
  )
}

const conditionOf = (outcome: StatementOutcome) => outcome.policy.document.Statement[outcome.index]?.Condition

function wantsMfa(outcome: StatementOutcome): boolean {
  return Object.values(conditionOf(outcome) ?? {}).some(keys => Object.keys(keys).some(isMfaKey))
}

function denyFinding(outcome: StatementOutcome): string {
  const conditions = Object.entries(conditionOf(outcome) ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) =>
      key.toLowerCase() === 'sts:externalid'
        ? `${key} ${operator} (value not shown)`
        : `${key} ${operator} ${list(value).map(String).join(', ')}`,
    ),
  )
  const when = conditions.length === 0 ? '' : ` when ${conditions.join(' and ')}`
  return outcome.matches === 'unknown'
    ? `may deny this request${when}: cannot see ${outcome.unknowns.map(one => one.fact).join(', ')}`
    : `denies this request${when}`
}
