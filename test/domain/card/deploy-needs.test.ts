import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { deployLines, deployNeeds, placeText } from '../../../functions/domain/card/deploy-needs.ts'
import type { DeployStanding } from '../../../functions/domain/deploy/deploy-outlook.ts'
import type { DeployNeed, Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { DENIAL } from '../../fixtures/denial.ts'
import { sent } from '../../fixtures/passed-service.ts'

type Template = NonNullable<Proposal['template']>
const LINK = 'https://eu-west-1.console.aws.amazon.com/cloudformation/home'
const PLACE = { logicalId: 'Task', property: 'TaskRoleArn', line: 7, constructPath: null }
const needOf = (name: string): DeployNeed =>
  ({
    denial: {
      ...DENIAL,
      resource: `arn:aws:iam::111122223333:role/${name}`,
      passes: [{ arn: name, parameter: null, service: sent('ecs-tasks.amazonaws.com') }],
    },
    ...{ place: PLACE, operation: 'ecs:RegisterTaskDefinition' },
  }) as unknown as DeployNeed
const linesOf = (more: Partial<Template>) => {
  const template = { ...{ needs: [], refused: [], unnamed: 0, unread: null }, ...more } as unknown as Template
  return deployNeeds({ template, deploy: null }).map(asPlainText)
}

describe('what the template of a deploy adds to a card', () => {
  it('is nothing without a template, or without needs', () => {
    expect(deployNeeds({ deploy: null })).toEqual([])
    expect(linesOf({})).toEqual([])
  })

  it('is that it was not read', () => {
    expect(linesOf({ unread: 'AccessDenied' })).toEqual([
      'The template of the deploy was not read (AccessDenied), so this is about the one denial only.',
    ])
  })

  it('is every further role, twelve at most', () => {
    const [title, first] = linesOf({ needs: [needOf('a')] })
    expect(title).toBe(
      'This denial, and 1 more that the same deploy would meet. They are granted together, and reverted together:',
    )
    expect(first).toBe(
      '• iam:PassRole on a for ecs-tasks.amazonaws.com: Task.TaskRoleArn line 7, ecs:RegisterTaskDefinition',
    )
    const many = (count: number) => linesOf({ needs: Array.from({ length: count }, (_, index) => needOf(`r${index}`)) })
    expect(many(12)).toHaveLength(13)
    expect(many(13)).toHaveLength(14)
    expect(many(13).at(-1)).toBe('and 1 more role.')
  })

  it('is also the service that cannot assume the role yet', () => {
    const { denial, ...rest } = needOf('task')
    const principal = { ...denial.principal, kind: 'service', name: 'ecs-tasks.amazonaws.com' } as const
    const trust = { ...rest, denial: { ...denial, action: 'sts:AssumeRole', principal, passes: [] } } as DeployNeed
    expect(linesOf({ needs: [needOf('task'), trust] }).slice(1)).toEqual([
      '• iam:PassRole on task for ecs-tasks.amazonaws.com: Task.TaskRoleArn line 7, ecs:RegisterTaskDefinition',
      '• sts:AssumeRole on task by ecs-tasks.amazonaws.com: Task.TaskRoleArn line 7, ecs:RegisterTaskDefinition',
    ])
  })

  it('is what is refused, and what only the deploy names', () => {
    const refused = [{ role: 'arn:aws:iam::111122223333:role/admin', code: 'administrator' }]
    expect(linesOf({ refused: refused as unknown as Template['refused'] })).toEqual([
      'Lacking too, and not part of this: admin (administrator).',
    ])
    expect(linesOf({ unnamed: 2 })).toEqual([
      '2 roles of the deploy cannot be checked: only the deploy knows the names.',
    ])
  })

  it('is said of all deploys where several failed', () => {
    const run = { name: 'the deploy of stack shop', isSure: true, link: LINK }
    const template = { needs: [needOf('a')], refused: [], unnamed: 0, unread: null } as unknown as Template
    const [title = []] = deployNeeds({ template, deploy: { key: 'k', title: 't', failed: [run, run] } })
    expect(asPlainText(title)).toContain('This denial, and 1 more that these deploys would meet.')
  })

  it('names the place with its line and construct, where they are known', () => {
    expect(asPlainText(placeText({ ...PLACE, line: null }))).toBe('Task.TaskRoleArn')
    expect(asPlainText(placeText({ ...PLACE, constructPath: 'Shop/Task' }))).toBe('Task.TaskRoleArn line 7 (Shop/Task)')
  })
})

describe('the deploys of one card', () => {
  const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`
  const orders: DeployStanding = {
    ...{ name: 'the deploy of stack orders', link: LINK, outlook: 'lacks', roles: [role('worker')], others: 0 },
  }
  const shop: DeployStanding = { ...orders, name: 'the deploy of stack shop' }
  const lines = (...deploys: readonly DeployStanding[]) =>
    deployLines(deploys, ['*.console.aws.amazon.com']).map(asPlainText)
  const second = (changed: Partial<DeployStanding>) => lines(orders, { ...shop, ...changed })[2]

  it('are no line where it is one, as the card is about that', () => {
    expect(lines()).toEqual([])
    expect(lines(orders)).toEqual([])
  })

  it('each say what they still lack themselves', () => {
    expect(lines(orders, { ...shop, roles: ['a', 'b', 'c', 'd', 'e', 'f'].map(role) })).toEqual([
      '2 deploys failed for this:',
      `• the deploy of stack orders (${LINK}) still lacks worker.`,
      `• the deploy of stack shop (${LINK}) still lacks a, b, c, d and 2 more roles.`,
    ])
    expect(second({ others: 1 })).toContain('still lacks worker, and 1 more permission that its alert names.')
    expect(second({ others: 2, roles: [] })).toContain('still lacks 2 more permissions that its alert names.')
    expect(second({ outlook: 'fixed', roles: [] })).toBe(
      `• the deploy of stack shop (${LINK}): its cause is fixed, retry it.`,
    )
    expect(second({ outlook: 'granted', roles: [] })).toContain('what was denied is granted, but more may be missing.')
  })

  it('are five at most, and link to the console alone', () => {
    expect(lines(...Array.from({ length: 7 }, () => shop)).at(-1)).toBe('and 2 more deploys.')
    expect(second({ link: 'https://example.com/x' })).toBe('• the deploy of stack shop still lacks worker.')
  })
})
