import { describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { inlineCode, sentence } from '../../functions/domain/pull-request/markdown.ts'
import { memoryIo } from './memory-io.ts'

const ROLE = 'arn:aws:iam::111122223333:role/partner'
const trust = (externalId: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::444455556666:role/caller' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': externalId } },
    },
  ],
})
const diagnosisJson = (changes: { [member: string]: unknown } = {}) => ({
  schema: 'rolemedic.diagnosis/1',
  denial: {
    accountId: '111122223333',
    region: null,
    action: 'sts:AssumeRole',
    principal: {
      kind: 'role',
      arn: 'arn:aws:sts::444455556666:assumed-role/caller/jane@example.com',
      roleArn: null,
      accountId: '444455556666',
    },
    resource: ROLE,
    call: { eventSource: null, eventName: null },
  },
  diagnosis: {
    verdict: 'proved',
    cause: 'trust-gap',
    summary: 'The trust policy of partner lets nobody in.',
    evidence: [] as { policy: string | null; attachedTo: string | null }[],
    unknowns: [],
  },
  patches: [
    {
      target: { kind: 'role-trust-policy', accountId: '111122223333', name: 'partner', policyName: null },
      before: null,
      after: trust('s3cret'),
      required: true,
    },
  ],
  verification: { risk: 'elevated', approvers: 2 },
  next: [],
  refusal: null,
  ...changes,
})

async function comment(objects: readonly unknown[] | string) {
  const stdin = typeof objects === 'string' ? objects : objects.map(one => `${JSON.stringify(one)}\n`).join('')
  const io = memoryIo({ stdin })
  return { code: await dispatch(['comment'], io), ...io.captured }
}

describe('rolemedic comment', () => {
  it('shows who was denied what, why, and the change with the number of approvers', async () => {
    const { code, out, err } = await comment([diagnosisJson()])
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(out).toContain('<!-- rolemedic -->\n### Access to a role was denied: 1 denial\n')
    expect(out).toContain(`#### \`sts:AssumeRole\` on \`${ROLE}\``)
    expect(out).toContain('- **Cause:** `trust-gap` (proved). The trust policy of partner lets nobody in.')
    expect(out).toContain('- **Fix:** elevated risk, 2 approvers; nothing was changed')
    expect(out).toContain('Change: role trust policy of `partner`, account `111122223333`')
    expect(out).toContain('+   "Action": "sts:AssumeRole",')
  })

  it('shows neither an ExternalId nor the name of a session', async () => {
    const { out } = await comment([diagnosisJson()])
    expect(out).not.toContain('s3cret')
    expect(out).not.toContain('jane')
    expect(out).toContain('- **Who:** role `caller` of account `444455556666`\n')
  })

  it.each([
    ['its path was not seen', 'arn:aws:iam::444455556666:role/caller', [], 'role `caller` of account `444455556666`'],
    ['it has a path', 'arn:aws:iam::444455556666:role/ci/caller', [], '`arn:aws:iam::444455556666:role/ci/caller`'],
    [
      'a policy that was read hangs on it',
      'arn:aws:iam::444455556666:role/caller',
      [
        { policy: 'deploy', attachedTo: 'arn:aws:iam::444455556666:role/other' },
        { policy: 'deploy', attachedTo: 'arn:aws:iam::444455556666:role/ci/caller' },
      ],
      '`arn:aws:iam::444455556666:role/ci/caller`',
    ],
    [
      'a policy that was read says that it has no path',
      'arn:aws:iam::444455556666:role/caller',
      [{ policy: 'deploy', attachedTo: 'arn:aws:iam::444455556666:role/caller' }],
      '`arn:aws:iam::444455556666:role/caller`',
    ],
  ])('shows the ARN of a role only if it is known: %s', async (_, roleArn, evidence, expected) => {
    const { denial, diagnosis } = diagnosisJson()
    const { out } = await comment([
      diagnosisJson({
        denial: { ...denial, principal: { ...denial.principal, roleArn } },
        diagnosis: { ...diagnosis, evidence },
      }),
    ])
    expect(out).toContain(`- **Who:** ${expected}\n`)
  })

  it('says whom to ask if there is no fix', async () => {
    const refusal = { code: 'explicit-deny', message: 'An SCP denies it.', owner: 'the owner of the organization' }
    const { out } = await comment([diagnosisJson({ patches: [], verification: null, refusal })])
    expect(out).toContain('- **No fix possible here:** An SCP denies it.\n- **Ask:** the owner of the organization\n')
    expect(out).not.toContain('```')
  })

  it('shows a command as one piece that can be copied', async () => {
    const message =
      'Nothing could be seen. Run: aws iam get-account-authorization-details > account.json\nOr ask. Run: aws sts decode-authorization-message --encoded-message `x`'
    const { out } = await comment([
      diagnosisJson({ patches: [], verification: null, refusal: { code: 'unknown', message, owner: null } }),
    ])
    expect(out).toContain(`- **No fix possible here:** Nothing could be seen.

  \`\`\`sh
  aws iam get-account-authorization-details > account.json
  \`\`\`

  Or ask.

  \`\`\`sh
  aws sts decode-authorization-message --encoded-message \`x\`
  \`\`\`
`)
  })

  it('prevents a name from mentioning people, running a quick action or closing its code span', async () => {
    const hostile = 'x`\n/close @everyone <img src=x> https://evil.example [a](b)'
    const diagnosis = {
      verdict: 'proved',
      cause: 'unknown',
      summary: hostile,
      evidence: [],
      unknowns: [{ fact: hostile, why: hostile }],
    }
    const denial = {
      ...diagnosisJson().denial,
      resource: hostile,
      principal: { ...diagnosisJson().denial.principal, roleArn: hostile },
    }
    const { out } = await comment([diagnosisJson({ denial, diagnosis })])
    expect(out).not.toMatch(/^\s*\//m)
    const withoutCode = out.replace('<!-- rolemedic -->', '').replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '')
    expect(withoutCode).not.toMatch(/@|<|https|\]\(/)
  })

  it('counts the denials that do not fit into a comment', async () => {
    const { out } = await comment(Array.from({ length: 200 }, () => diagnosisJson()))
    expect(out.length).toBeLessThan(61_000)
    expect(out).toMatch(/\n\d+ more denials: see the log of the job\.\n$/)
  })

  it('exits with 3 and prints nothing without a denial, and with 2 for other input', async () => {
    expect(await comment('\n')).toMatchObject({ code: 3, out: '', err: ['rolemedic: no denial to comment on'] })
    for (const text of [
      'not json',
      '{}',
      JSON.stringify(diagnosisJson({ patches: [{}] })),
      `${JSON.stringify(diagnosisJson())}\n[]`,
    ]) {
      const { code, out, err } = await comment(text)
      expect({ code, out, lines: err.length }).toEqual({ code: 2, out: '', lines: 1 })
      expect(err[0]).toMatch(/standard input: line [12] is not output of rolemedic diagnose --json/)
    }
  })
})

describe('untrusted text in Markdown', () => {
  it.each([
    ['Role deploy may not pass it.', 'Role deploy may not pass it.'],
    ['see #12, !34 and @team.', 'see `#12`, `!34` and `@team`.'],
    ['https://a.example/x', '`https://a.example/x`'],
    ['a_b_c *d* <e>', '`a_b_c` `*d*` `<e>`'],
    ['`', '`` ` ``'],
    ['www.example.com).', '`www.example.com`).'],
  ])('%s', (text, expected) => {
    expect(sentence(text)).toBe(expected)
  })

  it('is in a code span on one line that no run of backticks closes', () => {
    expect(inlineCode('a``b`c\nd')).toBe('``` a``b`c d ```')
    expect(inlineCode('')).toBe('(empty)')
  })
})
