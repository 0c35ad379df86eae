/** An explicit deny anywhere wins, and it is somebody's deliberate guard. */

import type { NextStep } from '../diagnosis.ts'
import type { LayerOutcome, StatementOutcome } from '../evaluate.ts'
import { list } from '../policy.ts'
import { advice, guarded } from './conclude.ts'
import { evidenceOf } from './evidence.ts'
import { isMfaKey, MFA_STEP } from './mfa.ts'
import { layerName, layerOwner, sentence, who } from './say.ts'
import { layerOf, type Rule, type Scene } from './scene.ts'

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
  const unread = named.length === 0 || named.some(layer => layer.answer === 'unseen' || layer.unknowns.length > 0)
  if (!unread) return null
  const type = words.layer
  const where = type === null ? 'a policy that was not read' : `a ${layerName(type)}`
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

const ask = (owner: string): NextStep => advice(`Ask ${owner}.`, null, owner)

function denied(scene: Scene, layer: LayerOutcome, statements: readonly StatementOutcome[]) {
  const [first] = statements
  const arn = first?.policy.arn ?? null
  const policy = first === undefined ? '' : ` ${arn ?? first.policy.name}`
  const index = first === undefined ? '' : `, statement ${first.index}${first.sid === null ? '' : ` (${first.sid})`}`
  const mfa = statements.some(wantsMfa)
  const owner = layerOwner(layer.type, arn ?? first?.policy.name ?? null)
  return guarded(scene, {
    cause: 'explicit-deny',
    summary: `${sentence(layerName(layer.type))}${policy}${index} explicitly denies ${scene.denial.action} to ${who(scene.denial)}${mfa ? ' without MFA' : ''}; no allow can overrule it.`,
    evidence: statements.map(one => evidenceOf(one, denyFinding(one))),
    nextSteps: mfa ? [MFA_STEP, ask(owner)] : [ask(owner)],
  })
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

/** Used by rules that an explicit deny comes before. */
export const readDeny = (scene: Scene): boolean =>
  (scene.evaluation?.layers ?? []).some(layer => layer.answer === 'explicit-deny')

export const layerDenies = (scene: Scene, type: LayerOutcome['type']): boolean =>
  layerOf(scene, type)?.answer === 'explicit-deny'
