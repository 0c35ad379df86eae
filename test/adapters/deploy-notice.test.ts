/** Notices of failed deploys stay within the limits of SNS and Slack, for any names and texts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { message } from '../../functions/adapters/aws/messaging/sns-notifier.ts'
import { renderAlert } from '../../functions/adapters/slack/blocks/alert.ts'
import { messageBreaches } from '../../functions/adapters/slack/blocks/limits.ts'
import type { CauseWithProposal } from '../../functions/domain/deploy/causes.ts'
import type { DeployState } from '../../functions/domain/deploy/deploy.ts'
import { alertOf, deployNotice } from '../../functions/domain/deploy/deploy-alert.ts'
import { sampleProposal } from '../fakes/sample-proposal.ts'
import { ANY_CHAR } from '../fixtures/any-char.ts'

const runs = Number(process.env['FC_RUNS'] ?? '100')
const words = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: ANY_CHAR, maxLength: 60 }),
  fc.constantFrom('<!here>', '*bold* <https://evil.example|click>', 'x'.repeat(16_000), '🚨'.repeat(4_000), '\u202e'),
)
const kinds = fc.constantFrom('cloudformation', 'codepipeline', 'codebuild', 'codedeploy', 'ecs' as const)

const state: fc.Arbitrary<DeployState> = fc
  .record({ kind: kinds, target: words, name: words, attempt: fc.option(words), status: words })
  .map(deploy => ({
    key: '0123456789abcdef',
    round: 1,
    deploy: { ...deploy, accountId: '111122223333', region: 'eu-west-1', failedAtMs: 0, reasons: [], log: null },
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
    attempts: [{ id: 'a', atMs: 0 }],
    causes: [],
    noticedAtMs: null,
    noticingUntilMs: 0,
    alert: null,
    postingUntilMs: 0,
  }))
const cause: fc.Arbitrary<CauseWithProposal> = fc
  .record({
    summary: words,
    resource: words,
    arn: words,
    text: words,
    applied: fc.boolean(),
    confidence: fc.constantFrom('caused by' as const, 'probably' as const),
    analyzed: fc.boolean(),
  })
  .map(({ summary, resource, arn, text, applied, confidence, analyzed }) => {
    const proposal = sampleProposal()
    return {
      fingerprint: 'f',
      confidence,
      joined: null,
      proposal: analyzed
        ? {
            ...(applied ? sampleProposal({ status: 'applied' }) : proposal),
            denial: { ...proposal.denial, resource, principal: { ...proposal.denial.principal, arn, name: arn } },
            diagnosis: { ...proposal.diagnosis, summary, nextSteps: [{ text, command: text, owner: null }] },
          }
        : null,
    }
  })
const causes = fc.array(cause, { maxLength: 14 })

describe('a failed deploy', () => {
  it('fits into one message of SNS', () => {
    fc.assert(
      fc.property(state, causes, (deploy, because) => {
        const sent = message(deployNotice(deploy, because))
        expect(Buffer.byteLength(sent.Message)).toBeLessThanOrEqual(262_144)
        expect(sent.Subject).toMatch(/^[\x20-\x7e]{1,99}$/)
        const parts = JSON.parse(sent.Message) as { readonly [protocol: string]: string }
        expect(JSON.parse(parts['lambda'] ?? '')).toMatchObject({ schema: 'rolemedic.deploy/1' })
      }),
      { numRuns: runs },
    )
  })

  it('fits into one message of Slack, and outside words stay words', () => {
    fc.assert(
      fc.property(state, causes, (deploy, because) => {
        const { text, blocks } = renderAlert(alertOf(deploy, because))
        expect(messageBreaches(blocks)).toEqual([])
        expect(text.length).toBeLessThanOrEqual(4_000)
        expect(text).not.toMatch(/<[!@#h]/)
        const types = [...JSON.stringify(blocks).matchAll(/"type":"([a-z_]+)"/g)].map(([, type]) => type)
        expect(types.filter(type => !/^(rich_text(_section|_preformatted)?|text|link|date)$/.test(type ?? ''))).toEqual(
          [],
        )
        expect(types.filter(type => type === 'link').length).toBeLessThanOrEqual(1)
      }),
      { numRuns: runs },
    )
  })
})
