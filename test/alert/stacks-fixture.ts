/** Stacks that one role deploys, in a world where IAM allows what was granted and nothing else. */
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

export type Need = readonly [role: string, service: 'lambda' | 'ecs-tasks']
export type Stack = {
  readonly needs: readonly Need[]
  /** `unnamed`: it also passes a role whose name only the deploy knows. */
  readonly template: 'readable' | 'unreadable' | 'unnamed'
  /** The stack that it is part of. */
  readonly nestedIn?: string
}

export const keyOf = ([role, service]: Need) => `${role} for ${service}`
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

const APPROVER = { id: 'U0ONCALL1', name: 'jane' }
type FailOptions = { readonly settle?: boolean; readonly attempt?: string; readonly status?: string }

/** What IAM allows the role of the stacks, and what nobody may grant it. */
export function world(stacks: Readonly<Record<string, Stack>>, guarded: readonly string[]) {
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
          : [
              { text: refused(first), resource: `R${index}`, resourceType, atMs: at.nowMs - 1_000 },
              // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
              {
                text: 'Resource creation cancelled',
                resource: 'Bucket',
                resourceType: 'AWS::S3::Bucket',
                atMs: at.nowMs,
              },
            ]
      const rootId = stack?.nestedIn === undefined ? id : stackId(stack.nestedIn)
      return known({ rootId, roleArn: EXEC, startedAtMs: at.nowMs - MINUTE, reasons, roles: [] })
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
    /** `settle`: what is queued is done before anything else happens. `attempt`: the operation that the event is of, by default a new one. */
    async fail(name: string, { settle = true, attempt, status }: FailOptions = {}) {
      at.nowMs += settle ? 2 * MINUTE : 1_000
      attempts += 1
      const detail = {
        ...(stackEvent['detail'] as Json),
        'stack-id': stackId(name),
        'client-request-token': attempt ?? `attempt-${attempts}`,
        ...(status === undefined ? {} : { 'status-details': { status, 'status-reason': '' } }),
      }
      const time = new Date(at.nowMs - 500).toISOString()
      await bot.alert('deploys/stack-rollback', { id: `event-${attempts}`, time, detail })
      if (settle) await bot.settle()
    },
    /** Somebody approves, and another approval is missing. */
    async approveHalf() {
      const [card] = await bot.proposals()
      if (card === undefined) throw new Error('no card')
      const open = inStatus(card, 'open')
      const approval = { by: APPROVER, atMs: at.nowMs, limitHours: null, reason: null, signed: null }
      const stored = await bot.store.replace(open, { ...open, approvals: [approval] })
      if (!stored.ok) throw new Error('somebody else wrote it')
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
