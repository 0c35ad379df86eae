/** "Its cause is fixed" is a promise about the next attempt, so it is made only if every need of that deploy is known to be allowed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import type { Denial } from '../../core/denial/denial.ts'
import { narrowed } from '../../functions/domain/proposal/transitions.ts'
import type { DeployReader } from '../../functions/ports/deploy-reader.ts'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import type { AnalyzeAgain } from '../../functions/workflows/deploy/analyze-bundle.ts'
import { inStatus } from '../fakes/sample-proposal.ts'
import { alreadyAllowed, notOurs, sampleAnalysis } from '../propose/propose-fixture.ts'
import { alertBench, event, type Json, MINUTE, UNREADABLE } from './alert-fixture.ts'

const ACCOUNT = '111122223333'
const EXEC = `arn:aws:iam::${ACCOUNT}:role/deploy/stack-exec`
const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/app/${name}`
const nameOf = (role: string | null) => role?.split('/').at(-1) ?? ''
const stackId = (name: string) => `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/${name}/1`

type Need = readonly [role: string, service: 'lambda' | 'ecs-tasks']
type Stack = {
  readonly needs: readonly Need[]
  /** `unnamed`: it also passes a role whose name only the deploy knows. */
  readonly template: 'readable' | 'unreadable' | 'unnamed'
}

const keyOf = ([role, service]: Need) => `${role} for ${service}`
const keyOfDenial = ({ resource, passes }: Denial) =>
  keyOf([
    nameOf(resource),
    passes[0]?.service.values[0]?.service === 'ecs-tasks.amazonaws.com' ? 'ecs-tasks' : 'lambda',
  ])

function bodyOf({ needs, template }: Stack): string {
  const resources = needs.map(([role, service]) =>
    service === 'lambda'
      ? { Type: 'AWS::Lambda::Function', Properties: { Role: roleArn(role) } }
      : { Type: 'AWS::ECS::TaskDefinition', Properties: { TaskRoleArn: roleArn(role) } },
  )
  const unnamed = { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::ImportValue': 'shared-role' } } }
  const all = template === 'unnamed' ? [...resources, unnamed] : resources
  return JSON.stringify({ Resources: Object.fromEntries(all.map((resource, n) => [`R${n}`, resource])) })
}

const refused = ([role, service]: Need) =>
  `User: arn:aws:sts::${ACCOUNT}:assumed-role/stack-exec/AWSCloudFormation is not authorized to perform: iam:PassRole on resource: ${roleArn(role)} because no identity-based policy allows the iam:PassRole action (Service: ${service === 'lambda' ? 'AWSLambda' : 'AmazonECS'})`

/** What IAM allows the role of the stacks, and what nobody may grant it. */
function world(stacks: Readonly<Record<string, Stack>>, guarded: readonly string[]) {
  const granted = new Set<string>()
  const lacking = ({ needs }: Stack) => needs.filter(need => !granted.has(keyOf(need)))
  const reader: DeployReader = {
    ...UNREADABLE,
    async stack(_, id) {
      const stack = stacks[id.split('/')[1] ?? '']
      const [first] = stack === undefined ? [] : lacking(stack)
      const index = first === undefined ? -1 : (stack?.needs.indexOf(first) ?? -1)
      const resourceType = first?.[1] === 'ecs-tasks' ? 'AWS::ECS::TaskDefinition' : 'AWS::Lambda::Function'
      const reasons =
        first === undefined
          ? []
          : [{ text: refused(first), resource: `R${index}`, resourceType, atMs: at.nowMs - 1_000 }]
      return known({ rootId: id, roleArn: EXEC, startedAtMs: at.nowMs - MINUTE, reasons, roles: [] })
    },
    async template(_, id) {
      const stack = stacks[id.split('/')[1] ?? '']
      if (stack === undefined || stack.template === 'unreadable') return unknown('refused')
      return known({ body: bodyOf(stack), parameters: {}, roleArn: EXEC })
    },
  }
  const analyze: AnalyzeAgain = async (denial, _, { needs = [] } = {}) => {
    const own = keyOfDenial(denial)
    if (granted.has(own)) return { ...alreadyAllowed(), denial }
    if (guarded.includes(own)) return { ...notOurs(), denial }
    const { patch, verification } = sampleAnalysis()
    if (patch === null || verification === null) throw new Error('the sample has a patch')
    const asked = needs.map(need => need.denial)
    // Every role of this world can be assumed.
    const trusted = asked.filter(({ principal }) => principal.kind === 'service')
    const others = asked.filter(one => !trusted.includes(one))
    const [lifted, allowed] = [
      others.filter(one => !granted.has(keyOfDenial(one)) && !guarded.includes(keyOfDenial(one))),
      others.filter(one => granted.has(keyOfDenial(one))),
    ]
    const digest = `sha256:${[own, ...lifted.map(keyOfDenial)]
      .map(key => Buffer.from(key).toString('hex'))
      .join('')
      .padEnd(64, '0')}`
    const whole = { ...patch, digest }
    const bundle = {
      lifted: lifted.map(({ id }) => id),
      allowed: [...allowed, ...trusted].map(({ id }) => id),
      refused: new Map(others.filter(one => guarded.includes(keyOfDenial(one))).map(({ id }) => [id, 'scp-gap'])),
    }
    const verified = { patch: whole, verification } as never
    return { ...sampleAnalysis({ denial, patch: whole, verified }), ...(asked.length === 0 ? {} : { bundle }) }
  }
  const bot = alertBench(reader, () => {}, analyze)
  const at = bot.clock
  const stackEvent = event('deploys/stack-rollback')
  let attempts = 0
  return {
    bot,
    granted,
    lacking,
    async fail(name: string) {
      at.nowMs += 2 * MINUTE
      attempts += 1
      const detail = {
        ...(stackEvent['detail'] as Json),
        'stack-id': stackId(name),
        'client-request-token': `attempt-${attempts}`,
      }
      const time = new Date(at.nowMs - 500).toISOString()
      await bot.alert('deploys/stack-rollback', { id: `event-${attempts}`, time, detail })
      await bot.settle()
    },
    /** Approves on the oldest open card: the whole change, or the denial alone. */
    async approve(what: 'all' | 'alone', answer: 'allowed' | 'unknown') {
      at.nowMs += MINUTE
      const card = (await bot.proposals()).find(({ status }) => status === 'open')
      if (card === undefined) return
      let open = inStatus(card, 'open')
      const alone = open.template?.alone ?? null
      if (what === 'alone' && alone !== null) {
        const stored = await bot.store.replace(open, narrowed(open, alone, at.nowMs))
        if (!stored.ok) throw new Error('somebody else wrote it')
        open = inStatus(stored.value, 'open')
      }
      if (answer === 'allowed')
        for (const denial of [open.denial, ...(open.template?.needs ?? []).map(need => need.denial)])
          granted.add(keyOfDenial(denial))
      await bot.fix(open, answer)
      await refreshCard(open.id, bot.deps)
    },
    alertOf: (name: string) =>
      bot
        .alerts()
        .filter(text => text?.includes(`stack ${name}`) === true)
        .at(-1) ?? null,
  }
}

const FIXED = /is fixed/
const L = (role: string): Need => [role, 'lambda']

describe('a deploy whose denial another card holds', () => {
  it('has its own template asked, and the one card holds what both deploys lack', async () => {
    const A = { needs: [L('a')], template: 'readable' } as const
    const B = { needs: [L('a'), L('b'), L('c'), L('d')], template: 'readable' } as const
    const { bot, fail, approve, alertOf } = world({ alpha: A, beta: B }, [])
    await fail('alpha')
    await fail('beta')
    const [card, ...others] = await bot.proposals()
    expect(others).toEqual([])
    expect(card?.template?.needs.map(({ denial }) => nameOf(denial.resource))).toEqual(['b', 'c', 'd'])
    await approve('all', 'allowed')
    expect(alertOf('alpha')).toMatch(FIXED)
    expect(alertOf('beta')).toMatch(FIXED)
  })

  it('is asked also where its denial was foreseen, and joins the card', async () => {
    const A = { needs: [L('a'), L('b')], template: 'readable' } as const
    const B = { needs: [L('b'), L('c')], template: 'readable' } as const
    const { bot, fail, approve, alertOf } = world({ alpha: A, beta: B }, [])
    await fail('alpha')
    await fail('beta')
    const [card, ...others] = await bot.proposals()
    expect(others).toEqual([])
    expect(card?.template?.needs.map(({ denial }) => nameOf(denial.resource)).toSorted()).toEqual(['b', 'c'])
    expect(card?.deploy?.title).toContain('stack alpha')
    expect(card?.deploy?.title).toContain('stack beta')
    await approve('all', 'allowed')
    expect(alertOf('alpha')).toMatch(FIXED)
    expect(alertOf('beta')).toMatch(FIXED)
  })

  it('is not fixed by the denial alone: the alert counts what is left', async () => {
    const { fail, approve, alertOf } = world({ beta: { needs: [L('a'), L('b'), L('c')], template: 'readable' } }, [])
    await fail('beta')
    await approve('alone', 'allowed')
    expect(alertOf('beta')).toMatch(/^🚨/)
    expect(alertOf('beta')).toContain('Its template passes 2 more roles that it will be denied.')
  })

  it('is not called fixed where its template was not read, or names roles that only the deploy knows', async () => {
    for (const [template, words] of [
      ['unreadable', 'Its template was not read: refused.'],
      ['unnamed', 'Its template passes 1 more role for which it is not known whether it may.'],
    ] as const) {
      const { fail, approve, alertOf } = world({ beta: { needs: [L('a')], template } }, [])
      await fail('beta')
      await approve('all', 'allowed')
      expect(alertOf('beta')).toMatch(
        /^⚠️ Retry the deploy of stack beta: what was denied is granted, but more may be missing\./,
      )
      expect(alertOf('beta')).toContain(words)
    }
  })

  it('is not called fixed where only an attempt shows whether the change helped', async () => {
    const { fail, approve, alertOf } = world({ beta: { needs: [L('a')], template: 'readable' } }, [])
    await fail('beta')
    await approve('all', 'unknown')
    expect(alertOf('beta')).toMatch(/^⚠️/)
  })
})

const need = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('lambda', 'ecs-tasks'))
const stack = fc.record({
  needs: fc.uniqueArray(need, { minLength: 1, maxLength: 4, selector: one => keyOf(one) }),
  template: fc.constantFrom('readable', 'readable', 'readable', 'unreadable', 'unnamed'),
})
const step = fc.oneof(
  fc.record({ kind: fc.constant('fail' as const), name: fc.constantFrom('alpha', 'beta', 'gamma') }),
  fc.record({
    kind: fc.constant('approve' as const),
    what: fc.constantFrom('all', 'all', 'alone'),
    answer: fc.constantFrom('allowed', 'allowed', 'allowed', 'unknown'),
  }),
)

describe('in any order of failures, approvals and partial approvals', () => {
  it('no deploy is called fixed while a need of it is denied or unknown, and some are', async () => {
    let promised = 0
    await fc.assert(
      fc.asyncProperty(
        fc.record({ alpha: stack, beta: stack, gamma: stack }),
        fc.subarray(['a for lambda', 'b for ecs-tasks'], { maxLength: 1 }),
        fc.array(step, { minLength: 2, maxLength: 9 }),
        async (stacks, guarded, steps) => {
          const { fail, approve, alertOf, lacking } = world(stacks, guarded)
          for (const each of steps) {
            if (each.kind === 'fail') await fail(each.name)
            else await approve(each.what, each.answer)
            for (const [name, one] of Object.entries(stacks)) {
              if (alertOf(name)?.match(FIXED) == null) continue
              promised += 1
              expect([name, one.template, lacking(one)]).toEqual([name, 'readable', []])
            }
          }
        },
      ),
      { numRuns: 60 },
    )
    expect(promised).toBeGreaterThan(0)
  })
})
