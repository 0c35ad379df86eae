/** Public forms in which tools show their runs to AWS, each with the address where it was read. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runBehind } from '../core/denial/index.ts'
import { retryWords, runLine, shownRun } from '../core/runs/index.ts'

const form = z.strictObject({
  kind: z.enum(['session-name', 'subject', 'issuer', 'user-agent', 'session-tags']),
  source: z.string(),
  text: z.string(),
  /** Of the provider whose token has the subject. */
  issuer: z.string().optional(),
  expected: z.record(z.string(), z.string()),
  /** Why the answer is another one. */
  missed: z.string().optional(),
})
const FORMS = z
  .strictObject({ forms: z.array(form) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'cases/runs/forms.json'), 'utf8'))).forms

const NOTHING: Parameters<typeof shownRun>[0] = {
  userAgent: null,
  sessionName: null,
  issuer: null,
  subject: null,
  tags: null,
}

function readOf({ kind, text, issuer }: z.infer<typeof form>) {
  const texts = { ...NOTHING, issuer: issuer ?? null }
  switch (kind) {
    case 'session-name':
      return shownRun({ ...texts, sessionName: text })
    case 'subject':
      return shownRun({ ...texts, subject: text })
    case 'issuer':
      return shownRun({ ...texts, issuer: text })
    case 'user-agent':
      return shownRun({ ...texts, userAgent: text })
    case 'session-tags':
      return shownRun({ ...texts, tags: JSON.parse(text) as { [name: string]: string } })
  }
}

describe('a form of a run', () => {
  it.each(
    FORMS.filter(one => one.missed === undefined).map(
      (one, index) => [`${index + 1}. ${one.text.slice(0, 80)}`, one] as const,
    ),
  )('%s', (_, one) => {
    expect(readOf(one)).toEqual(one.expected)
  })

  it('is one of many, of many tools, and rarely missed', () => {
    const tools = new Set(FORMS.flatMap(({ expected }) => expected['tool'] ?? []))
    expect(FORMS.length).toBeGreaterThanOrEqual(250)
    expect(tools.size).toBeGreaterThanOrEqual(30)
    const missed = FORMS.filter(one => one.missed !== undefined)
    for (const one of missed) expect(readOf(one)).not.toEqual(one.expected)
    expect(missed.length / FORMS.length).toBeLessThan(0.05)
  })
})

describe('how to run it again', () => {
  it.each([
    ['github-actions', 'Re-run failed jobs in GitHub Actions'],
    ['buildkite', 'Retry Failed Jobs in Buildkite'],
    ['azure-devops', 'Rerun failed jobs in Azure DevOps'],
    ['laptop', null],
  ])('is said of %s in its own words', (tool, words) => {
    expect(retryWords({ tool })).toBe(words)
  })
})

describe('a link to a run', () => {
  it('leads only to a host that a descriptor names, whatever the texts hold', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.constantFrom(...FORMS.map(({ text }) => text)),
      fc.constantFrom('acme/orders', '../../evil', 'https://evil.example/x', '1" onclick="', '8012345678'),
    )
    fc.assert(
      fc.property(
        hostile,
        hostile,
        hostile,
        hostile,
        hostile,
        (userAgent, sessionName, issuer, subject, repository) => {
          const tags = { GitHub: 'Actions', Repository: repository, RunId: subject }
          const { url, ...rest } = shownRun({ userAgent, sessionName, issuer, subject, tags })
          if (url !== undefined) expect(url).toMatch(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+$/)
          for (const value of Object.values(rest)) expect(value.length).toBeLessThanOrEqual(256)
        },
      ),
      { numRuns: Number(process.env['FC_RUNS'] ?? 300) },
    )
  })
})

describe('the run behind a record', () => {
  const base = { eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition' }
  const role = (arn: string, more: object = {}) => ({
    type: 'AssumedRole',
    arn,
    sessionContext: { sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::111122223333:role/deploy' }, ...more },
  })

  it('has claims alone, but for what AWS sets', () => {
    const arn = 'arn:aws:sts::111122223333:assumed-role/deploy/GitHubActions'
    const userAgent = 'APN/1.0 HashiCorp/1.0 Terraform/1.6.5 (+https://www.terraform.io)'
    const claimed = runBehind({ ...base, userAgent, userIdentity: role(arn) }, null)
    expect(claimed).toMatchObject({
      tool: 'github-actions',
      client: 'terraform',
      claimed: ['tool', 'client'],
      person: null,
    })
    const provider = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'
    const webIdFederationData = { federatedProvider: provider }
    const run = runBehind({ ...base, userAgent, userIdentity: role(arn, { webIdFederationData }) }, null)
    expect(run).toMatchObject({ tool: 'github-actions', claimed: ['client'] })
  })

  it('has the host of a GitHub of its own, which AWS names, and no link to github.com', () => {
    const provider = 'arn:aws:iam::111122223333:oidc-provider/github.example.net/_services/token'
    const arn = 'arn:aws:sts::111122223333:assumed-role/deploy/GitHubActions'
    const userAgent = 'configure-aws-credentials-for-github-actions md/run_id#1234'
    const userIdentity = role(arn, { webIdFederationData: { federatedProvider: provider } })
    const run = runBehind({ ...base, userAgent, userIdentity }, null)
    expect(run).toMatchObject({ tool: 'github-actions', host: 'github.example.net', id: '1234', url: null })
    expect(run === null ? null : runLine(run)).toBe(
      'GitHub Actions, on github.example.net (proved); run 1234 (claimed)',
    )
  })

  it.each([
    ['other/path', 'github.example.net/other/_services/token'],
    ['words', 'github.example.net <!channel>/_services/token'],
    ['github.com', 'token.actions.githubusercontent.com/octocat-inc'],
  ])('has no host of another form: %s', (_, provider) => {
    expect(shownRun({ ...NOTHING, issuer: `arn:aws:iam::111122223333:oidc-provider/${provider}` }).host).toBeUndefined()
  })

  it('has a tool that AWS names where a service sent the call for its caller', () => {
    const userIdentity = role('arn:aws:sts::111122223333:assumed-role/deploy/jane')
    const forwarded = { ...base, userAgent: 'cloudformation.amazonaws.com', userIdentity }
    const host = 'cloudformation.amazonaws.com'
    expect(runBehind({ ...forwarded, sourceIPAddress: host }, null)).toMatchObject({
      tool: 'cloudformation',
      claimed: [],
    })
    const invoked = { ...userIdentity, invokedBy: host }
    expect(runBehind({ ...forwarded, userIdentity: invoked }, null)).toMatchObject({
      tool: 'cloudformation',
      claimed: [],
    })
    // A user agent is the caller's own word.
    const claimed = runBehind({ ...forwarded, sourceIPAddress: '203.0.113.7' }, null)
    expect(claimed).toMatchObject({ tool: 'cloudformation', claimed: ['tool'] })
    const session = role('arn:aws:sts::111122223333:assumed-role/deploy/GitHubActions')
    const both = runBehind({ ...forwarded, sourceIPAddress: host, userIdentity: session }, null)
    expect(both).toMatchObject({ tool: 'github-actions', claimed: ['tool'] })
  })

  it('proves a person only where AWS names them', () => {
    const sso =
      'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_0123456789abcdef'
    const arn = 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/jane@example.com'
    const sessionIssuer = { type: 'Role', arn: sso }
    expect(runBehind({ ...base, userIdentity: role(arn, { sessionIssuer }) }, null)?.person).toEqual({
      name: 'jane@example.com',
      kind: 'identity-center',
      proved: true,
    })
    // The name of the role alone can be anybody's, and so can a session name and a source identity.
    expect(runBehind({ ...base, userIdentity: role(arn) }, null)).toBe(null)
    const claimed = runBehind({ ...base, userIdentity: role(arn, { sourceIdentity: 'jane@example.com' }) }, null)
    expect(claimed).toMatchObject({ person: null, actor: 'jane@example.com', claimed: ['actor'] })
    const user = { type: 'IAMUser', userName: 'jane', arn: 'arn:aws:iam::111122223333:user/jane' }
    expect(runBehind({ ...base, userIdentity: user }, null)?.person).toEqual({
      name: 'jane',
      kind: 'user',
      proved: true,
    })
  })

  it('of a text has the session name alone', () => {
    const arn = 'arn:aws:sts::111122223333:assumed-role/deploy/buildkite-job-01951944-87df-428f-ad92-90709ee78a59'
    expect(runBehind(null, arn)).toMatchObject({ tool: 'buildkite', claimed: ['tool', 'id'] })
    expect(runBehind(null, 'arn:aws:iam::111122223333:user/jane')).toBe(null)
  })
})
