import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../core/actions/actions.ts'
import { found, known, unreadable } from '../../core/base/fact.ts'
import {
  ABSENT_KEY,
  type ContextFact,
  type ContextFacts,
  present,
  unknownKey,
} from '../../core/iam/conditions/context.ts'
import type { AccessSnapshot, Identity } from '../../core/iam/evaluation/access-snapshot.ts'
import type { Answer } from '../../core/iam/evaluation/evaluation.ts'
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import type { SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import { naiveAnswers } from '../naive/naive-evaluator.ts'
import { RUNS as GIVEN_RUNS, KEY_VALUES, TARGETS, type World, world } from './policies.ts'

/** Fewer runs would not meet enough of each answer. */
const RUNS = Math.max(GIVEN_RUNS, 150)
const check = { numRuns: RUNS }
const answerIn = ({ request, snapshot }: World): Answer => evaluate(request, snapshot).answer

function withIdentity(snapshot: AccessSnapshot, more: Partial<Identity>): AccessSnapshot {
  if (snapshot.caller.kind !== 'found') return snapshot
  return { ...snapshot, caller: { kind: 'found', value: { ...snapshot.caller.value, ...more } } }
}

function withCaller(
  snapshot: AccessSnapshot,
  policies: (all: readonly SourcedPolicy[]) => readonly SourcedPolicy[],
): AccessSnapshot {
  if (snapshot.caller.kind !== 'found') return snapshot
  return withIdentity(snapshot, { policies: policies(snapshot.caller.value.policies) })
}

function withTrust(snapshot: AccessSnapshot, change: (trust: PolicyDocument) => PolicyDocument): AccessSnapshot {
  const targets = snapshot.targets.map(target => {
    if (target.role.kind !== 'found' || !target.role.value.trust.known) return target
    const role = { ...target.role.value, trust: known(change(target.role.value.trust.value)) }
    return { ...target, role: { kind: 'found' as const, value: role } }
  })
  return { ...snapshot, targets }
}

/** The same entities with the documents of another snapshot, as the same objects. */
function withDocuments(snapshot: AccessSnapshot, { caller, targets, ...others }: AccessSnapshot): AccessSnapshot {
  const [target] = targets
  if (caller.kind !== 'found' || target?.role.kind !== 'found' || !target.role.value.trust.known)
    throw new Error('a world is known as a whole')
  const { policies, boundary } = caller.value
  const trust = target.role.value.trust.value
  return { ...withTrust(withIdentity(snapshot, { policies, boundary }), () => trust), ...others }
}

const statementsOf = (
  policies: readonly SourcedPolicy[],
  change: (all: readonly Statement[]) => readonly Statement[],
) =>
  policies.map(policy => ({
    ...policy,
    document: { ...policy.document, Statement: change(policy.document.Statement) },
  }))

/** Every context that the unknown keys allow: absent, each value of the vocabulary, and one outside of it. */
function completions(context: ContextFacts, hidden: readonly string[]): readonly ContextFacts[] {
  return hidden.reduce<readonly ContextFacts[]>(
    (worlds, key) => {
      const facts: ContextFact[] = [ABSENT_KEY, ...(KEY_VALUES[key] ?? []).map(value => present(value))]
      return worlds.flatMap(one => facts.map(fact => ({ ...one, [key]: fact })))
    },
    [context],
  )
}

const hidden = fc.uniqueArray(fc.constantFrom(...Object.keys(KEY_VALUES)), { minLength: 1, maxLength: 3 })
const hide = (context: ContextFacts, keys: readonly string[]): ContextFacts => ({
  ...context,
  ...Object.fromEntries(keys.map(key => [key, unknownKey('hidden')])),
})

describe('the laws of evaluation', () => {
  it('agrees with the naive evaluator where everything is known', () => {
    const seen = { allowed: 0, denied: 0, unknown: 0 }
    fc.assert(
      fc.property(world, one => {
        const answer = answerIn(one)
        seen[answer]++
        // What AWS does not document stays open: a negated comparison with a variable without a value or with a text that is
        // not an ARN, an invalid range, and an incomplete ARN outside of an identity policy.
        if (answer !== 'unknown') expect(naiveAnswers(one.request, one.snapshot)).toEqual([answer, answer])
      }),
      check,
    )
    expect(seen.unknown).toBeLessThan(RUNS / 10)
    expect(Math.min(seen.allowed, seen.denied)).toBeGreaterThan(RUNS / 40)
  })

  it('answers each request by its own facts, no matter who asked about the same documents before', () => {
    fc.assert(
      fc.property(world, world, (before, after) => {
        answerIn(before)
        const one = { request: after.request, snapshot: withDocuments(after.snapshot, before.snapshot) }
        const answer = answerIn(one)
        if (answer !== 'unknown') expect(naiveAnswers(one.request, one.snapshot)).toEqual([answer, answer])
      }),
      check,
    )
  })

  it('answers only what holds in every world that the unknown keys allow', () => {
    fc.assert(
      fc.property(world, hidden, ({ request, snapshot }, keys) => {
        const answer = answerIn({ request: { ...request, context: hide(request.context, keys) }, snapshot })
        if (answer === 'unknown') return
        for (const context of completions(request.context, keys))
          expect(naiveAnswers({ ...request, context }, snapshot)).toEqual([answer, answer])
      }),
      check,
    )
  })

  it('never turns unknown or denied into allowed, nor allowed into denied, when less is seen of the context', () => {
    fc.assert(
      fc.property(world, hidden, hidden, ({ request, snapshot }, some, more) => {
        const less = { ...request, context: hide(request.context, some) }
        const least = { ...request, context: hide(request.context, [...some, ...more]) }
        const before = answerIn({ request: less, snapshot })
        const after = answerIn({ request: least, snapshot })
        expect(after === 'unknown' || after === before).toBe(true)
      }),
      check,
    )
  })

  it('never turns unknown or denied into allowed when less is seen of the policies', () => {
    type Loss = (snapshot: AccessSnapshot) => AccessSnapshot
    const ofCaller = fc.constantFrom<Loss>(
      snapshot => ({ ...snapshot, caller: unreadable('AccessDenied') }),
      snapshot => withIdentity(snapshot, { unseen: [{ fact: 'policy x', why: 'AccessDenied' }] }),
      snapshot => withIdentity(snapshot, { boundary: unreadable('AccessDenied') }),
    )
    const ofRole = fc.constantFrom<Loss>(
      snapshot => ({
        ...snapshot,
        targets: snapshot.targets.map(target => ({ ...target, role: unreadable('AccessDenied') })),
      }),
      snapshot => ({ ...snapshot, targets: [] }),
    )
    const seesLess = (losses: fc.Arbitrary<Loss>, matters: (action: string) => boolean) =>
      fc.assert(
        fc.property(world, losses, ({ request, snapshot }, lose) => {
          const after = answerIn({ request, snapshot: lose(snapshot) })
          expect(after === 'unknown' || after === answerIn({ request, snapshot })).toBe(true)
          if (matters(request.action)) expect(after).not.toBe('allowed')
        }),
        check,
      )
    seesLess(ofCaller, () => true)
    seesLess(ofRole, action => action !== 'iam:PassRole')
  })

  it('never overrules an explicit deny in any policy', () => {
    const denyAll: Statement = { Effect: 'Deny', Action: '*', Resource: '*' }
    const policy = (type: SourcedPolicy['type'], statement: Statement): SourcedPolicy => ({
      type,
      name: 'deny',
      arn: null,
      attachedTo: 'x',
      document: { Version: '2012-10-17', Statement: [statement] },
    })
    const places = fc.constantFrom<(snapshot: AccessSnapshot) => AccessSnapshot>(
      snapshot => withCaller(snapshot, all => [...all, policy('identity', denyAll)]),
      snapshot => ({ ...snapshot, scps: known([{ id: 'r-root', policies: [policy('scp', denyAll)] }]) }),
      snapshot => ({ ...snapshot, vpce: known([policy('vpce', { ...denyAll, Principal: '*' })]) }),
      snapshot => withIdentity(snapshot, { boundary: found(policy('boundary', denyAll)) }),
    )
    const onRole = fc.constantFrom<(snapshot: AccessSnapshot) => AccessSnapshot>(
      snapshot =>
        withTrust(snapshot, trust => ({
          ...trust,
          Statement: [...trust.Statement, { Effect: 'Deny', Action: '*', Principal: '*' }],
        })),
      snapshot => ({
        ...snapshot,
        rcps: known([{ id: 'r-root', policies: [policy('rcp', { ...denyAll, Principal: '*' })] }]),
      }),
    )
    fc.assert(
      fc.property(world, places, ({ request, snapshot }, deny) => {
        expect(answerIn({ request, snapshot: deny(snapshot) })).toBe('denied')
      }),
      check,
    )
    fc.assert(
      fc.property(world, onRole, ({ request, snapshot }, deny) => {
        const action = request.action === 'iam:PassRole' ? 'sts:AssumeRole' : request.action
        expect(answerIn({ request: { ...request, action }, snapshot: deny(snapshot) })).toBe('denied')
      }),
      check,
    )
  })

  it('never allows more when an allow is taken away, nor less when a deny is', () => {
    fc.assert(
      fc.property(
        world,
        hidden,
        fc.constantFrom('Allow' as const, 'Deny' as const),
        fc.nat(8),
        ({ request, snapshot }, keys, effect, nth) => {
          const seen = { ...request, context: hide(request.context, keys) }
          const without = (all: readonly Statement[]) => {
            const candidates = all.filter(statement => statement.Effect === effect)
            const removed = candidates[nth % Math.max(1, candidates.length)]
            return all.filter(statement => statement !== removed)
          }
          const fewer = withTrust(
            withCaller(snapshot, all => statementsOf(all, without)),
            trust => ({ ...trust, Statement: without(trust.Statement) }),
          )
          const order: readonly Answer[] = ['denied', 'unknown', 'allowed']
          const [before, after] = [answerIn({ request: seen, snapshot }), answerIn({ request: seen, snapshot: fewer })]
          if (effect === 'Allow') expect(order.indexOf(after)).toBeLessThanOrEqual(order.indexOf(before))
          else expect(order.indexOf(after)).toBeGreaterThanOrEqual(order.indexOf(before))
        },
      ),
      check,
    )
  })

  it('changes nothing but indices when statements change places', () => {
    fc.assert(
      fc.property(world, ({ request, snapshot }) => {
        const turned = withTrust(
          withCaller(snapshot, all => statementsOf(all, statements => [...statements].reverse())),
          trust => ({ ...trust, Statement: [...trust.Statement].reverse() }),
        )
        const outcomeIn = (seen: AccessSnapshot) => {
          const { answer, layers } = evaluate(request, seen)
          const of = (outcomes: (typeof layers)[number]['statements']) =>
            outcomes
              .map(({ matches, effect, mismatches, unknowns }) =>
                JSON.stringify({ matches, effect, mismatches, unknowns }),
              )
              .sort()
          return {
            answer,
            layers: layers.map(layer => ({
              ...layer,
              about: of(layer.about),
              statements: of(layer.statements),
              deciding: of(layer.deciding),
            })),
          }
        }
        expect(outcomeIn(turned)).toEqual(outcomeIn(snapshot))
      }),
      check,
    )
  })

  it('gives every statement exactly one index, and reasons only to statements that need one', () => {
    fc.assert(
      fc.property(world, hidden, ({ request, snapshot }, keys) => {
        const { layers } = evaluate({ ...request, context: hide(request.context, keys) }, snapshot)
        for (const outcome of layers.flatMap(layer => layer.statements)) {
          expect(outcome.policy.document.Statement[outcome.index]?.Effect).toBe(outcome.effect)
          expect(outcome.mismatches.length > 0).toBe(outcome.matches === 'no')
          expect(outcome.unknowns.length > 0).toBe(outcome.matches === 'unknown')
        }
      }),
      check,
    )
  })

  it('asks about each role in the vocabulary', () => {
    const asked = new Set<string>()
    fc.assert(
      fc.property(world, ({ request }) => void asked.add(request.resource)),
      check,
    )
    expect(asked.size).toBe(TARGETS.length)
  })

  it('explains each layer as it was decided', () => {
    fc.assert(
      fc.property(world, ({ request, snapshot }) => {
        for (const { answer, statements, deciding } of evaluate(request, snapshot).layers) {
          const matching = (effect: 'Allow' | 'Deny', matches: 'yes' | 'unknown') =>
            statements.filter(one => one.effect === effect && one.matches === matches)
          if (answer === 'explicit-deny') expect(deciding).toEqual(matching('Deny', 'yes'))
          if (answer === 'implicit-deny') expect(deciding).toEqual([])
          if (answer === 'unknown') expect(deciding.every(one => one.matches === 'unknown')).toBe(true)
          for (const { matches, mismatches, unknowns } of statements) {
            expect(mismatches.length > 0).toBe(matches === 'no')
            expect(unknowns.length > 0).toBe(matches === 'unknown')
          }
        }
      }),
      check,
    )
  })
})
