import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import type { DiagnosisOutput } from '../../cli/outputs/diagnosis.ts'
import type { ExplainDeployOutput } from '../../cli/outputs/explain-deploy.ts'
import type { PreflightOutput } from '../../cli/outputs/preflight.ts'
import { memoryIo } from './memory-io.ts'

const root = resolve(import.meta.dirname, '../..')
const events = join(root, 'events')
const deploys = join(events, 'deploys')

const folder = mkdtempSync(join(tmpdir(), 'gone-role-'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = async (...args: readonly string[]) => {
  const io = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z') })
  const code = await dispatch([...args, '--json'], io)
  return { code, ...io.captured }
}

type Account = { readonly RoleDetailList: readonly { readonly Arn: string }[] }
const account = JSON.parse(readFileSync(join(events, 'accounts/orders-dev.json'), 'utf8')) as Account

/** The account as it is after the rollback. */
function accountWithout(arn: string): string {
  const file = join(folder, `${arn.replace(/\W/g, '-')}.json`)
  writeFileSync(file, JSON.stringify({ ...account, RoleDetailList: account.RoleDetailList.filter(r => r.Arn !== arn) }))
  return file
}

/** Every shipped record of a denied pass whose caller is of the sample account. */
const PASSES = readdirSync(events)
  .filter(name => name.endsWith('.json'))
  .flatMap(name => {
    const text = readFileSync(join(events, name), 'utf8')
    const role = /iam:PassRole on resource: (arn:aws:iam::111122223333:role\/[\w/+=,.@-]+)/.exec(text)?.[1]
    return role === undefined || !account.RoleDetailList.some(({ Arn }) => Arn === role) ? [] : [[name, role] as const]
  })

/** What the samples are about where another layer decides, whatever roles there are. */
const OTHERWISE: { readonly [name: string]: string } = {
  'ecs-explicit-deny-scp.json': 'explicit-deny',
}

describe('a passed role that does not exist any more', () => {
  it('is in several shipped samples', () => {
    expect(PASSES.map(([name]) => name)).toContain('lambda-create-function.json')
    expect(PASSES.length).toBeGreaterThanOrEqual(4)
  })

  it.each(PASSES)('is no cause of the denial of %s', async (name, role) => {
    const { code, out } = await run('diagnose', join(events, name), '--account', accountWithout(role))
    const { diagnosis, patches, refusal, suggestion } = JSON.parse(out) as DiagnosisOutput
    expect(code).toBe(0)
    expect(diagnosis.cause).toBe(OTHERWISE[name] ?? 'identity-gap')
    expect(patches).toEqual([])
    if (name in OTHERWISE) return
    expect(diagnosis.verdict).toBe('proved')
    expect(diagnosis.summary).toContain('AWS judges the caller before it looks the role up')
    expect(refusal).toMatchObject({ code: 'role-gone' })
    expect(suggestion?.statement).toMatchObject({ Effect: 'Allow', Action: 'iam:PassRole', Resource: role })
  })

  it.each([
    ['billing', 'arn:aws:iam::111122223333:role/billing-WorkerRole-1A2B3C4D5E6F'],
    ['reports', 'arn:aws:iam::111122223333:role/app/reports-worker'],
  ])('leaves the gap of the record of stack %s', async (stack, role) => {
    const file = join(deploys, `cloudtrail/${stack}.json`)
    const { out } = await run('diagnose', file, '--account', join(events, 'accounts/orders-dev.json'))
    expect(JSON.parse(out)).toMatchObject({
      diagnosis: { cause: 'identity-gap', verdict: 'proved' },
      patches: [],
      refusal: { code: 'role-gone' },
      suggestion: {
        statement: { Resource: role },
        attachTo: 'arn:aws:iam::111122223333:role/deploy/orders-stack-exec',
      },
    })
  })

  const explained = async (stack: string, ...more: readonly string[]) => {
    const { code, out } = await run(
      ...['explain-deploy', '--stack-events', join(deploys, `stack-events/${stack}.json`), ...more],
      ...['--account', join(events, 'accounts/orders-dev.json')],
    )
    return { code, ...(JSON.parse(out) as ExplainDeployOutput) }
  }

  const textOf = async (template: string) => {
    const io = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z') })
    const stack = ['--stack-events', join(deploys, 'stack-events/reports.json'), '--template', template]
    await dispatch(['explain-deploy', ...stack, '--account', join(events, 'accounts/orders-dev.json')], io)
    return io.captured.out
  }

  it('is said to be deleted by the rollback, and a generated name is the fault of the code', async () => {
    for (const template of [[], ['--template', join(deploys, 'templates/billing.yaml')]]) {
      const { code, causes, patches } = await explained('billing', ...template)
      expect(code).toBe(0)
      expect(causes).toMatchObject([{ cause: 'identity-gap', answer: 'code', certainty: 'certain' }])
      expect(causes[0]?.summary).toContain('the rollback of stack billing deleted it at 2026-11-24 02:53:48 UTC')
      expect(causes[0]?.next[0]?.do).toContain('set RoleName of WorkerRole')
      expect(causes[0]?.next[1]?.do).toContain('approvedRoleSets')
      expect(patches).toEqual([])
    }
  })

  it('is granted by its exact ARN where the template makes it under a fixed name', async () => {
    const { causes, patches } = await explained(
      ...(['reports', '--template', join(deploys, 'templates/reports.yaml')] as const),
    )
    expect(causes).toMatchObject([{ cause: 'identity-gap', answer: 'patch' }])
    expect(patches.map(({ after }) => after['Statement'])).toEqual([
      [
        expect.objectContaining({
          Resource: 'arn:aws:iam::111122223333:role/app/reports-worker',
          Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
        }),
      ],
    ])
    // The template gives the role the right to write one log group.
    expect(await textOf(join(deploys, 'templates/reports.yaml'))).toContain('risk low, one approver')
    const without = await explained('reports')
    expect(without.causes).toMatchObject([{ cause: 'identity-gap', answer: 'missing' }])
    expect(without.patches).toEqual([])
  })

  it('has the risk that the template gives it', async () => {
    const file = join(folder, 'strong.yaml')
    const text = readFileSync(join(deploys, 'templates/reports.yaml'), 'utf8')
    writeFileSync(
      file,
      text.replace('[logs:CreateLogStream, logs:PutLogEvents]', "'*'").replace(/Resource: arn:.*/, "Resource: '*'"),
    )
    expect(await textOf(file)).toContain('risk high, 2 approvers')
  })

  it.each([
    ['orders', 'arn:aws:iam::111122223333:role/app/orders-worker'],
    ['shop', 'arn:aws:iam::111122223333:role/app/orders-worker'],
  ])('is a gap of stack %s before the deploy, too', async (stack, role) => {
    const { out } = await run(
      ...['preflight', join(deploys, `templates/${stack}.yaml`), '--account', accountWithout(role)],
      ...['--as', 'arn:aws:iam::111122223333:role/deploy/orders-stack-exec', '--region', 'eu-west-1'],
    )
    const { needs, patches } = JSON.parse(out) as PreflightOutput
    const pass = needs.find(need => need.action === 'iam:PassRole' && need.role === role)
    expect(pass).toMatchObject({ answer: 'denied', diagnosis: { cause: 'identity-gap' }, fix: 'owner' })
    expect(JSON.stringify(patches)).not.toContain(role)
    expect(needs.map(need => `${need.action} ${need.diagnosis?.cause} ${need.diagnosis?.verdict}`)).not.toContain(
      'iam:PassRole role-not-found proved',
    )
  })
})
