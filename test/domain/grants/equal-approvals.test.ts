import { describe, expect, it } from 'vitest'
import type { Diagnosis } from '../../../core/diagnosis/diagnosis.ts'
import { type Config, configSchema } from '../../../functions/domain/config/config.ts'
import {
  equalApprovals,
  type PassApproval,
  passApproval,
  suggestedSet,
  withPassApproval,
} from '../../../functions/domain/grants/equal-approvals.ts'
import { BY_ANA, type Changed, DENIAL, HOUR, NOON, OUTCOME, sampleProposal } from '../../fakes/sample-proposal.ts'

const DAY = 24 * HOUR
const PLAIN = configSchema.parse({ mode: 'approve', channel: 'C0DEPLOYS' })
const role = (name: string, path = '/') => `arn:aws:iam::111122223333:role${path}${name}`

const approval = (name: string, changed: Partial<PassApproval> = {}): PassApproval => ({
  proposalId: `p-${name}`,
  action: 'iam:PassRole',
  role: role(name),
  services: ['ecs-tasks.amazonaws.com'],
  deploy: null,
  atMs: NOON,
  ...changed,
})

const diagnosedFor = (services: readonly string[]): Diagnosis => ({
  ...sampleProposal().diagnosis,
  passedService: { services, evidence: 'published', mayBeAbsent: false, disputed: [] },
})

/** The suggestion after the last approval, with the others listed. */
function proposed(approvals: readonly PassApproval[], config: Config = PLAIN) {
  const own = approvals.at(-1)
  if (own === undefined) throw new Error('no approval')
  const found = suggestedSet(own, equalApprovals(own, approvals), config)
  return found === null ? null : found.set
}

const [API, WEB, WORKER] = [approval('orders-api'), approval('orders-web'), approval('orders-worker')]

describe('three approvals of one caller', () => {
  it('for roles with one beginning of their name propose its pattern, as the configuration takes it', () => {
    const set = proposed([API, WEB, WORKER])
    expect(set).toEqual({
      name: 'orders',
      pattern: 'arn:aws:iam::111122223333:role/orders-*',
      services: ['ecs-tasks.amazonaws.com'],
    })
    expect(configSchema.parse({ mode: 'approve', approvedRoleSets: [set] }).approvedRoleSets).toEqual([set])
  })

  it.each<[string, PassApproval]>([
    ['of another service', approval('orders-web', { services: ['lambda.amazonaws.com'] })],
    ['of more services', approval('orders-web', { services: ['ec2.amazonaws.com', 'ecs-tasks.amazonaws.com'] })],
    ['of another action', approval('orders-web', { action: 'iam:CreateServiceLinkedRole' })],
    ['in another account', approval('orders-web', { role: 'arn:aws:iam::444455556666:role/orders-web' })],
    ['in another partition', approval('orders-web', { role: 'arn:aws-cn:iam::111122223333:role/orders-web' })],
    ['under another path', approval('orders-web', { role: role('orders-web', '/app/') })],
    ['with another name', approval('billing-web')],
    ['with a name that only begins with the same letters', approval('ordersweb')],
    ['for the same role again', approval('orders-api', { proposalId: 'p-again' })],
    ['from 30 days before', approval('orders-web', { atMs: NOON - 30 * DAY })],
  ])('of which one is %s propose nothing', (_, other) => {
    expect(proposed([API, other, WORKER])).toBeNull()
  })

  it('count if they are within 30 days, in whichever order they were confirmed', () => {
    const first = approval('orders-api', { atMs: NOON - 30 * DAY + 1 })
    expect(proposed([first, WEB, WORKER])?.name).toBe('orders')
    expect(proposed([WORKER, WEB, first])?.name).toBe('orders')
  })

  it.each<[readonly string[], string | null]>([
    [['orders-api', 'orders-web', 'orders-worker'], 'orders-*'],
    [['orders-eu-api', 'orders-eu-web', 'orders-eu-worker'], 'orders-eu-*'],
    [['orders-eu-api', 'orders-us-web', 'orders-eu-worker'], 'orders-*'],
    [['Orders_Api', 'Orders_Web', 'Orders_Job'], 'Orders_*'],
    [['shop.api', 'shop.web', 'shop.job'], 'shop.*'],
    [['app-api', 'app-web', 'app-job'], null],
    [['orders', 'orders-web', 'orders-job'], null],
    [['orders-', 'orders-web', 'orders-job'], null],
  ])('for %j share %j: four characters and a separator at least, the longest such beginning', (names, pattern) => {
    const set = proposed(names.map(name => approval(name)))
    expect(set?.pattern ?? null).toBe(pattern === null ? null : role(pattern))
  })

  it('keep the path in the pattern', () => {
    const names = ['orders-api', 'orders-web', 'orders-worker']
    const set = proposed(names.map(name => approval(name, { role: role(name, '/app/prod/') })))
    expect(set?.pattern).toBe('arn:aws:iam::111122223333:role/app/prod/orders-*')
  })

  it('for the cards of one failed deploy within an hour are one approval', () => {
    const deploy = 'stack-1'
    const [one, two, three] = [API, WEB, WORKER].map((each, at) => ({ ...each, deploy, atMs: NOON + at * 60_000 }))
    if (one === undefined || two === undefined || three === undefined) throw new Error('three are needed')
    expect(proposed([one, two, three])).toBeNull()
    expect(proposed([one, { ...two, atMs: NOON + DAY }, { ...three, atMs: NOON + 2 * DAY }])?.name).toBe('orders')
  })

  it('get a name that no configured set has', () => {
    const taken = { name: 'orders', pattern: role('other-*'), services: ['ecs-tasks.amazonaws.com'] }
    expect(proposed([API, WEB, WORKER], configSchema.parse({ mode: 'approve', approvedRoleSets: [taken] }))?.name).toBe(
      'orders-2',
    )
  })

  it('get the next number where more names are taken', () => {
    const taken = ['orders', 'orders-2', 'orders-3'].map(name => ({
      name,
      pattern: role(`${name}x-*`),
      services: ['ecs-tasks.amazonaws.com'],
    }))
    expect(proposed([API, WEB, WORKER], configSchema.parse({ mode: 'approve', approvedRoleSets: taken }))?.name).toBe(
      'orders-4',
    )
  })

  it('get a name that the configuration takes, however long those of the roles are', () => {
    const long = 'a'.repeat(61)
    const names = ['1', '2', '3'].map(end => `${long}-${end}`)
    const set = proposed(names.map(name => approval(name)))
    expect(set).toMatchObject({ name: 'a'.repeat(60), pattern: role(`${long}-*`) })
    expect(configSchema.parse({ mode: 'approve', approvedRoleSets: [set] }).approvedRoleSets).toEqual([set])
  })

  it('an hour apart are decisions of their own, although one deploy was broken', () => {
    const deploy = 'stack-1'
    const apart = [API, WEB, WORKER].map((each, at) => ({ ...each, deploy, atMs: NOON + at * HOUR }))
    expect(proposed(apart)?.name).toBe('orders')
  })

  it('propose nothing for an approval that is not one of them, or whose role is no ARN', () => {
    const three = [API, WEB, WORKER]
    expect(suggestedSet(approval('orders-mail'), three, PLAIN)).toBeNull()
    expect(suggestedSet({ ...API, role: '*' }, three, PLAIN)).toBeNull()
  })
})

describe('an approval', () => {
  it('is listed once, the last first, and of many the last 50', () => {
    const list = Array.from({ length: 60 }, (_, at) => approval(`orders-${at}`, { atMs: NOON + at }))
    const kept = list.reduce<readonly PassApproval[]>((all, one) => withPassApproval(all, one) ?? all, [])
    expect([kept.length, kept[0]?.proposalId, kept.at(-1)?.proposalId]).toEqual([50, 'p-orders-59', 'p-orders-10'])
    expect(withPassApproval(kept, approval('orders-59'))).toBeNull()
  })

  it('counts for the role, the services and the time of the change', () => {
    expect(passApproval(sampleProposal({ status: 'confirmed' }), PLAIN)).toEqual({
      proposalId: 'p-1',
      action: 'iam:PassRole',
      role: role('app-task'),
      services: ['ecs-tasks.amazonaws.com'],
      deploy: null,
      atMs: NOON,
    })
  })

  it('counts as soon as it is applied, and later ones come before it', () => {
    const own = passApproval(sampleProposal({ status: 'applied' }), PLAIN)
    expect(own?.proposalId).toBe('p-1')
    const before = approval('orders-api', { atMs: NOON - 1 })
    const after = approval('orders-web', { atMs: NOON + 1 })
    const list = withPassApproval([after, before], own as PassApproval)
    expect(list?.map(({ proposalId }) => proposalId)).toEqual(['p-orders-web', 'p-1', 'p-orders-api'])
  })

  it.each<[string, Changed<'confirmed'>]>([
    ['for a pattern of roles', { denial: { ...DENIAL, resource: role('app-*') } }],
    ['for a role that the denial does not name', { denial: { ...DENIAL, resource: null } }],
    ['to a service that nobody knows', { diagnosis: diagnosedFor([]) }],
    ['to what is no service', { diagnosis: diagnosedFor(['ecs-tasks.amazonaws.com', '*']) }],
  ])('%s does not count', (_, changed) => {
    expect(passApproval(sampleProposal({ ...changed, status: 'confirmed' }), PLAIN)).toBeNull()
  })

  it.each(['open', 'rejected', 'expired', 'failed', 'stale', 'reverting', 'reverted'] as const)(
    'that is %s does not count',
    status => {
      expect(passApproval(sampleProposal({ status }), PLAIN)).toBeNull()
    },
  )

  it('for a limited time counts after its end too, unless a person ended it before', () => {
    const applied = { ...OUTCOME, endsAtMs: NOON + 8 * HOUR }
    const ended = (atMs: number) =>
      passApproval(sampleProposal({ status: 'reverted', applied, reverted: { ...BY_ANA, atMs } }), PLAIN)
    expect(ended(NOON + 8 * HOUR)).not.toBeNull()
    expect(ended(NOON + 8 * HOUR - 1)).toBeNull()
  })

  it('to assume a role, or that a configured set takes in, does not count', () => {
    const assumed = { ...DENIAL, action: 'sts:AssumeRole' as const }
    expect(passApproval(sampleProposal({ status: 'confirmed', denial: assumed }), PLAIN)).toBeNull()
    const set = { name: 'app', pattern: role('app-*'), services: ['ecs-tasks.amazonaws.com'] }
    const configured = configSchema.parse({ mode: 'approve', approvedRoleSets: [set] })
    expect(passApproval(sampleProposal({ status: 'confirmed' }), configured)).toBeNull()
  })
})
