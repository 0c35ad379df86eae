import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../core/denial/denial.ts'
import { needKeyOf } from '../../../core/denial/fingerprint.ts'
import type { Run } from '../../../core/runs/index.ts'
import type { CauseWithProposal } from '../../../functions/domain/deploy/causes.ts'
import type { DeployState } from '../../../functions/domain/deploy/deploy.ts'
import { alertOf, alertText, deployNotice } from '../../../functions/domain/deploy/deploy-alert.ts'
import { standingOf } from '../../../functions/domain/deploy/deploy-outlook.ts'
import type { MissingPermission } from '../../../functions/domain/deploy/missing-permission.ts'
import { needsAsked } from '../../../functions/domain/deploy/open-needs.ts'
import type { TrustFault } from '../../../functions/domain/deploy/trust-fault.ts'
import type { Proposal, TemplateFindings } from '../../../functions/domain/proposal/proposal.ts'
import type { TemplateNeed } from '../../../iac/needs/template-need.ts'
import { DENIAL, DIGEST, MINUTE, NOON, OUTCOME, sampleProposal } from '../../fakes/sample-proposal.ts'

const STATE: DeployState = {
  key: '0123456789abcdef',
  round: 2,
  deploy: {
    kind: 'codepipeline',
    accountId: '111122223333',
    region: 'eu-west-1',
    target: 'orders',
    name: 'orders',
    attempt: 'e-1',
    status: 'FAILED',
    failedAtMs: NOON,
    reasons: [],
    log: null,
  },
  correlation: {
    requests: [],
    roles: [],
    sessions: [],
    via: null,
    ownRoles: [],
    fromMs: 0,
    untilMs: 0,
    explained: false,
  },
  attempts: [{ id: 'e-1', atMs: NOON }],
  causes: [],
  noticedAtMs: null,
  noticingUntilMs: 0,
  alert: null,
  postingUntilMs: 0,
}
const LINK = 'https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/orders/view?region=eu-west-1'
const COMMAND = 'aws codepipeline start-pipeline-execution --name orders --region eu-west-1'
const DENIED = 'deployer was denied iam:PassRole on app-task'
const cause = (proposal: Proposal | null, confidence: 'caused by' | 'probably' = 'caused by'): CauseWithProposal => ({
  fingerprint: '0123456789abcdef',
  confidence,
  proposal,
  joined: null,
})
const lineFor = (proposal: Proposal) => alertOf(STATE, [cause(proposal)]).lines[0]
const NOT_FOUND: TemplateFindings = {
  place: null,
  isMade: false,
  needs: [],
  alone: null,
  unnamed: 0,
  refused: [],
  unread: null,
}
const FIXED = sampleProposal({ status: 'confirmed' })

describe('the alert of a failed deploy', () => {
  it('says what failed, how often, why, and what is awaited', () => {
    expect(alertOf(STATE, [cause(sampleProposal())])).toEqual({
      headline: '🚨 The run of pipeline orders failed.',
      run: null,
      lines: [`Caused by: ${DENIED}. The fix waits for approval until 2026-11-24 20:00 UTC.`],
      command: null,
      link: LINK,
    })
    const twice = {
      ...STATE,
      attempts: [
        { id: 'e-1', atMs: 0 },
        { id: 'e-2', atMs: 0 },
      ],
    }
    expect(alertOf(twice, [cause(null, 'probably')])).toMatchObject({
      headline: '🚨 The run of pipeline orders failed (2 attempts).',
      lines: ['Probably because: a denial that is being analyzed.'],
    })
  })

  it('names the run of a denial of this attempt, and of no other', () => {
    const run: Run = {
      ...{ tool: 'github-actions', client: null, id: '1234', repository: 'acme/orders', ref: 'refs/heads/main' },
      ...{ url: 'https://github.com/acme/orders/actions/runs/1234', workflow: null, actor: 'kim <@U0EVE>' },
      ...{ person: null, chain: ['e-1'], claimed: ['id', 'actor', 'url'] },
    }
    const denied = sampleProposal({ run })
    const atMs = denied.denial.timeMs ?? 0
    const during = (fromMs: number, untilMs: number, confidence: 'caused by' | 'probably' = 'caused by') =>
      alertOf({ ...STATE, correlation: { ...STATE.correlation, fromMs, untilMs } }, [cause(denied, confidence)]).run
    expect(during(atMs - 1, atMs)).toEqual({
      line: 'Run: GitHub Actions, of acme/orders, main (proved); run 1234, started by kim <@U0EVE> (claimed). To run it again: Re-run failed jobs in GitHub Actions.',
      link: 'https://github.com/acme/orders/actions/runs/1234',
    })
    expect(during(atMs + 1, atMs + 2)).toBe(null)
    expect(during(atMs - 2, atMs - 1)).toBe(null)
    expect(during(atMs, atMs, 'probably')).toBe(null)
    const begun = { attempt: 'e-1', asked: 1, run: { ...run, repository: 'acme/infra' } }
    const named = (attempt: string, shown = begun.run) =>
      alertOf({ ...STATE, begun: { ...begun, attempt, run: shown } }, [cause(sampleProposal())]).run
    expect(named('e-1')?.line).toContain('acme/infra')
    expect(named('e-0')).toBe(null)
    const alone = { id: null, url: null, repository: null, ref: null, actor: null }
    expect(named('e-1', { ...begun.run, tool: 'codepipeline', ...alone } as never)).toBe(null)
    expect(named('e-1', { ...begun.run, url: 'https://evil.example/1' })?.link).toBe(null)
  })

  it('says to retry once every cause is fixed, and not before', () => {
    expect(alertOf(STATE, [cause(FIXED)])).toEqual({
      headline: '✅ Retry the run of pipeline orders: its cause is fixed.',
      run: null,
      lines: [
        `Caused by: ${DENIED}. Allowed since 2026-11-24 12:00 UTC; IAM can take a minute to show it everywhere.`,
        'Release the change again:',
      ],
      command: COMMAND,
      link: LINK,
    })
    const rolledOut = sampleProposal({ status: 'applied', applied: { ...OUTCOME, answeredAtMs: NOON + 9 * MINUTE } })
    expect(alertOf(STATE, [cause(rolledOut)]).lines[0]).toContain('Allowed since 2026-11-24 12:09 UTC')
    expect(alertOf(STATE, [cause(FIXED), cause(sampleProposal())])).toMatchObject({ command: null })
    expect(alertOf(STATE, [cause(FIXED), cause(null)])).toMatchObject({ command: null })
    expect(alertOf(STATE, [])).toMatchObject({ command: null, lines: [] })
  })

  it('says to retry past a permission that is only probable, and not that it is fixed', () => {
    const permission: Omit<MissingPermission, 'certainty'> = {
      ...{ action: null, call: { service: 's3', operation: null }, principal: null, resource: null, policyArn: null },
      ...{ isExplicit: false, line: 1, place: null, atMs: NOON },
      layer: 'unknown',
    }
    const withOne = (certainty: 'certain' | 'probable') =>
      alertOf({ ...STATE, causes: [cause(FIXED)], permissions: [{ ...permission, certainty }] }, [cause(FIXED)])
    expect(withOne('probable').headline).toBe(
      '⚠️ Retry the run of pipeline orders: what was denied is granted, but more may be missing.',
    )
    expect(withOne('probable').lines.join()).not.toContain('s3')
    expect(withOne('certain')).toMatchObject({ headline: '🚨 The run of pipeline orders failed.', command: null })
  })

  it('is not called fixed where the last attempt failed for another reason', () => {
    const other = { ...STATE, otherReason: 'orders-assets already exists' }
    expect(alertOf(other, [cause(FIXED)])).toMatchObject({
      headline: '⚠️ Retry the run of pipeline orders: what was denied is granted, but more may be missing.',
      lines: expect.arrayContaining([
        'The last attempt failed for another reason than a permission: orders-assets already exists',
      ]),
    })
    expect(alertOf(other, [cause(sampleProposal())]).headline).toBe('🚨 The run of pipeline orders failed.')
  })

  it('shows ten causes, and counts the rest and the denials without a card', () => {
    const many = Array.from({ length: 12 }, () => cause(null))
    expect(alertOf(STATE, many).lines.slice(9)).toEqual([
      'Caused by: a denial that is being analyzed.',
      '2 more denials',
    ])
    expect(alertOf(STATE, many.slice(0, 10)).lines).toHaveLength(10)
    const lines = (leftOut: number) => alertOf({ ...STATE, leftOut }, []).lines
    expect(lines(0)).toEqual([])
    expect(lines(1)).toEqual(['Its texts name 1 more denial, for which no card was made.'])
    expect(lines(3)).toEqual(['Its texts name 3 more denials, for which no card was made.'])
  })

  it.each<[string, Proposal, string]>([
    ['approved', sampleProposal({ status: 'approved' }), 'The fix is approved and is being written.'],
    ['without a change', sampleProposal({ patch: null }), 'No change to approve: An SCP denies it.'],
    [
      'rejected',
      sampleProposal({ status: 'rejected' }),
      'The proposal is rejected; the next attempt will be denied again.',
    ],
    [
      'written, answer unknown',
      sampleProposal({ status: 'applied', applied: { ...OUTCOME, answer: 'unknown' } }),
      'A change was written 2026-11-24 12:00 UTC; only an attempt shows whether it is allowed now.',
    ],
    [
      'closed as allowed',
      sampleProposal({ status: 'closed', diagnosis: { ...FIXED.diagnosis, cause: 'already-allowed' } }),
      'The policies allow it now.',
    ],
  ])('has a line for a cause that is %s', (_, proposal, words) => {
    expect(lineFor(proposal)).toBe(`Caused by: ${DENIED}. ${words}`)
  })

  describe('with a template of its own', () => {
    const EXEC = 'arn:aws:iam::111122223333:role/deployer'
    const place = (logicalId: string) => ({
      logicalId,
      property: 'TaskRoleArn',
      line: 7,
      constructPath: `Orders/${logicalId}`,
    })
    const templateNeed = (name: string): TemplateNeed => ({
      action: 'iam:PassRole',
      operation: 'ecs:RegisterTaskDefinition',
      service: 'ecs-tasks.amazonaws.com',
      via: 'cloudformation.amazonaws.com',
      role: `arn:aws:iam::111122223333:role/${name}`,
      by: EXEC,
      isMade: false,
      place: place(name),
    })
    const withTemplate = (...names: readonly string[]): DeployState => ({
      ...STATE,
      template: { kind: 'read', needs: names.map(templateNeed), unnamed: 0, reported: [] },
    })
    /** The denial of another role of the same principal, as a template names it. */
    const denialOn = (name: string) => {
      const state = withTemplate(name)
      const [asked] = state.template?.kind === 'read' ? needsAsked(state.template, DENIAL, NOON) : []
      if (asked === undefined) throw new Error('the template passes no role')
      return asked.question.denial
    }
    const need = (name: string) => ({
      ...{
        denial: denialOn(name),
        isMade: false,
        operation: 'ecs:RegisterTaskDefinition',
        place: place(name),
        summary: '',
      },
    })
    const template = (...names: readonly string[]) => ({ template: { ...NOT_FOUND, needs: names.map(need) } })
    const OPEN = 'The fix waits for approval until 2026-11-24 20:00 UTC.'
    const line = (state: DeployState, proposal: Proposal) => alertOf(state, [cause(proposal)]).lines[0]

    it('names the place in it, and which roles of it the card holds', () => {
      expect(line(withTemplate('app-task'), sampleProposal(template()))).toBe(
        `Caused by: ${DENIED} (app-task.TaskRoleArn, line 7, Orders/app-task). ${OPEN}`,
      )
      expect(line(withTemplate('app-task', 'app-a'), sampleProposal(template('app-a')))).toBe(
        `Caused by: ${DENIED} (app-task.TaskRoleArn, line 7, Orders/app-task). Its card holds 1 more role that the deploy will be denied. ${OPEN}`,
      )
      const confirmed = sampleProposal({ status: 'confirmed', ...template('app-a', 'app-b') })
      expect(line(withTemplate('app-task', 'app-a', 'app-b'), confirmed)).toBe(
        `Caused by: ${DENIED} (app-task.TaskRoleArn, line 7, Orders/app-task). With it 2 more roles that the deploy would have been denied. Allowed since 2026-11-24 12:00 UTC; IAM can take a minute to show it everywhere.`,
      )
    })

    it('says nothing of what another deploy on the same card needs', () => {
      const shared = sampleProposal({ ...template('app-a', 'app-b'), status: 'open' })
      const foreign = { ...shared, template: { ...NOT_FOUND, ...shared.template, place: place('elsewhere') } }
      expect(line(withTemplate('app-task'), foreign)).toBe(
        `Caused by: ${DENIED} (app-task.TaskRoleArn, line 7, Orders/app-task). ${OPEN}`,
      )
      expect(line(STATE, foreign)).toBe(`Caused by: ${DENIED}. ${OPEN}`)
    })

    it('names the denial that joined the card, not the one that the card is about', () => {
      const joined = { ...cause(sampleProposal(template('app-a'))), joined: denialOn('app-a') }
      const state = withTemplate('app-a')
      expect(alertOf(state, [joined]).lines[0]).toBe(
        `Caused by: deployer was denied iam:PassRole on app-a (app-a.TaskRoleArn, line 7, Orders/app-a). ${OPEN}`,
      )
      const applied = sampleProposal({ status: 'confirmed', ...template('app-a') })
      expect(alertOf(state, [{ ...joined, proposal: applied }]).headline).toBe(
        '✅ Retry the run of pipeline orders: its cause is fixed.',
      )
      // Somebody took the denial of the card alone.
      const alone = sampleProposal({ status: 'confirmed', template: { ...NOT_FOUND } })
      const left = alertOf(state, [{ ...joined, proposal: alone }])
      expect(left.headline).toBe('🚨 The run of pipeline orders failed.')
      expect(left.lines[0]).toContain('The change on its card does not lift it; the next attempt will be denied again.')
      const allowed = { ...NOT_FOUND, allowed: [needKeyOf(denialOn('app-a'))] }
      const before = sampleProposal({ status: 'confirmed', template: allowed })
      expect(alertOf(state, [{ ...joined, proposal: before }]).headline).toMatch(/^✅/)
    })

    it('tells what each deploy of a card still lacks', () => {
      const open = sampleProposal(template('app-a', 'app-b'))
      const standing = (state: DeployState, proposal: Proposal) => standingOf(state, [cause(proposal)])
      expect(standing(withTemplate('app-task'), open)).toEqual({
        ...{ name: 'the run of pipeline orders', link: LINK, outlook: 'lacks', others: 0 },
        roles: ['arn:aws:iam::111122223333:role/app-task'],
      })
      expect(standing(withTemplate('app-task', 'app-a', 'app-b'), open).roles).toEqual(
        ['app-task', 'app-a', 'app-b'].map(name => `arn:aws:iam::111122223333:role/${name}`),
      )
      const applied = sampleProposal({ status: 'confirmed', ...template('app-a') })
      expect(standing(withTemplate('app-task', 'app-a'), applied)).toMatchObject({ outlook: 'fixed', roles: [] })
      expect(standing(withTemplate('app-task', 'app-c'), applied)).toMatchObject({ outlook: 'granted', roles: [] })
      const refused = { ...applied, template: { ...NOT_FOUND, refused: [{ role: `${EXEC}-x`, code: 'scp-gap' }] } }
      expect(standing(withTemplate('app-task', 'deployer-x'), refused)).toMatchObject({
        outlook: 'lacks',
        roles: [`${EXEC}-x`],
      })
    })

    it('tells once of a role that has a card', () => {
      const principal = { ...DENIAL.principal, kind: 'service' as const, name: 'lambda.amazonaws.com', arn: null }
      const denial: Denial = { ...DENIAL, action: 'sts:AssumeRole', principal }
      const fault: TrustFault = {
        ...{ kind: 'role-not-assumable', answer: 'retry', certainty: 'certain', place: null, summary: 's', next: [] },
        ...{ service: 'lambda.amazonaws.com', role: DENIAL.resource },
      }
      const proposal = sampleProposal({ status: 'confirmed', denial })
      const lines = (role: string | null) =>
        alertOf({ ...STATE, faults: [{ ...fault, role }] }, [cause(proposal)]).lines.filter(one =>
          /Caused by/.test(one),
        )
      expect(lines(DENIAL.resource)).toHaveLength(1)
      expect(lines(`${DENIAL.resource}-other`)).toHaveLength(2)
    })
  })

  it('is plain lines where there are no blocks', () => {
    expect(alertText({ headline: 'h', run: null, lines: ['a', 'b'], command: 'c', link: 'l' })).toBe(
      'h\na\nb\nc\nWhere: l',
    )
    expect(alertText({ headline: 'h', run: null, lines: [], command: null, link: 'l' })).toBe('h\nWhere: l')
    const run = { line: 'r', link: 'https://github.com/acme/orders/actions/runs/1' }
    expect(alertText({ headline: 'h', run, lines: ['a'], command: null, link: 'l' })).toBe(
      `h\nr\n${run.link}\na\nWhere: l`,
    )
  })
})

describe('the notice of a failed deploy', () => {
  it('carries all that the alert says, for people and for programs', () => {
    const steps = [
      { text: 'Ask the owner.', command: null, owner: null },
      { text: 'Look at it.', command: 'aws iam get-role', owner: null },
    ]
    const proposal = sampleProposal({ diagnosis: { ...sampleProposal().diagnosis, nextSteps: steps } })
    expect(deployNotice({ ...STATE, leftOut: 1 }, [cause(proposal), cause(null, 'probably')])).toEqual({
      subject: `The run of pipeline orders failed: ${DENIED} and 1 more denial`,
      text: [
        'The run of pipeline orders failed: FAILED, 2026-11-24 12:00 UTC',
        'Account 111122223333, eu-west-1',
        `Caused by: ${DENIED}. The fix waits for approval until 2026-11-24 20:00 UTC.`,
        'Why (proved): No identity policy of deployer allows iam:PassRole on app-task.',
        'Next: Ask the owner.',
        'Next: Look at it. (aws iam get-role)',
        'Proposal p-1',
        'Probably because: a denial that is being analyzed.',
        'Its texts name 1 more denial, for which no card was made.',
        `When the cause is fixed: Release the change again: ${COMMAND}`,
        `Where: ${LINK}`,
      ].join('\n'),
      detail: {
        schema: 'rolemedic.deploy/1',
        kind: 'deploy-failed',
        key: '0123456789abcdef.2',
        deploy: {
          kind: 'codepipeline',
          name: 'orders',
          target: 'orders',
          attempt: 'e-1',
          status: 'FAILED',
          accountId: '111122223333',
          region: 'eu-west-1',
          failedAt: '2026-11-24T12:00:00.000Z',
          attempts: 1,
          console: LINK,
          retry: COMMAND,
        },
        run: null,
        causes: [
          {
            fingerprint: '0123456789abcdef',
            confidence: 'caused-by',
            state: 'waits-for-approval',
            proposalId: 'p-1',
            action: 'iam:PassRole',
            principal: 'arn:aws:sts::111122223333:assumed-role/deployer/ci-4711',
            resource: 'arn:aws:iam::111122223333:role/app-task',
            verdict: 'proved',
            cause: 'identity-gap',
            summary: 'No identity policy of deployer allows iam:PassRole on app-task.',
            digest: DIGEST,
          },
          {
            ...{ fingerprint: '0123456789abcdef', confidence: 'probably', state: 'being-examined', proposalId: null },
            ...{
              action: null,
              principal: null,
              resource: null,
              verdict: null,
              cause: null,
              summary: null,
              digest: null,
            },
          },
        ],
      },
    })
  })

  it('has a subject for a cause that is not analyzed, and for one alone', () => {
    expect(deployNotice(STATE, [cause(null)]).subject).toBe('The run of pipeline orders failed')
    expect(deployNotice(STATE, [cause(FIXED)]).subject).toBe(`The run of pipeline orders failed: ${DENIED}`)
    const three = [cause(FIXED), cause(null), cause(null)]
    expect(deployNotice(STATE, three).subject).toBe(`The run of pipeline orders failed: ${DENIED} and 2 more denials`)
  })

  it.each<[Proposal, unknown]>([
    [sampleProposal({ status: 'approved' }), 'approved'],
    [FIXED, 'allowed-now'],
    [sampleProposal({ patch: null }), 'nothing-to-approve'],
    [sampleProposal({ status: 'expired' }), expect.stringMatching(/^not-/)],
  ])('publishes the state of a cause', (proposal, state) => {
    expect(deployNotice(STATE, [cause(proposal)]).detail).toMatchObject({ causes: [{ state }] })
  })
})
