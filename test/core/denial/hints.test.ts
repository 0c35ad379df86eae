import { describe, expect, it } from 'vitest'
import { findHints, HINT_FORMS, hintsBeside } from '../../../core/denial/hints/find-hints.ts'
import { HINT_SUBJECTS } from '../../../core/denial/hints/hint.ts'
import { denialsInLog } from '../../../core/denial/logs/denials-in-log.ts'
import { cpuMs } from '../../cpu-time.ts'
import { HINT_FILES, hintCasesIn, LOOK_ALIKE_TEXTS } from '../../hint-file.ts'
import { POST_FILES, postsIn, textOf } from '../../post-file.ts'

const wordsOf = ({ meaning, next }: ReturnType<typeof findHints>[number]) =>
  [meaning, ...next.flatMap(step => [step.do, step.command ?? '', step.who ?? ''])].join('\n')

describe.each(HINT_FILES)('hints/%s', file => {
  it.each(hintCasesIn(file).map(one => [one.name, one] as const))('%s', (_, { text, hints }) => {
    const found = findHints(text.join('\n'))
    expect(found.map(({ subject, line, issuer }) => ({ subject, line, issuer }))).toEqual(
      hints.map(({ subject, line, issuer = null }) => ({ subject, line, issuer })),
    )
    for (const [index, { step }] of hints.entries()) expect(found[index] && wordsOf(found[index])).toContain(step)
    // They failed before anything was denied.
    expect(denialsInLog(text.join('\n')).denials).toEqual([])
  })
})

describe('a service that cannot assume its service-linked role', () => {
  const role = (service: string, name: string) =>
    `arn:aws:iam::111122223333:role/aws-service-role/${service}.amazonaws.com/${name}`

  it.each([
    [`RDS is not authorized to assume service-linked role ${role('rds', 'AWSServiceRoleForRDS')} (Service: Rds`, 'rds'],
    [`Failed to assume service-linked role ${role('appsync', 'AWSServiceRoleForAppSync')}, please retry`, 'appsync'],
  ])('has the command that creates it: %s', (text, service) => {
    expect(findHints(text).map(wordsOf)).toEqual([
      expect.stringContaining(`aws iam create-service-linked-role --aws-service-name ${service}.amazonaws.com`),
    ])
  })

  it('is none of another cloud', () => {
    const text = 'failed to assume the service-linked role AliyunServiceRoleForGaAntiDdos'
    expect(findHints(text)).toEqual([])
  })
})

describe('the cases', () => {
  const all = HINT_FILES.flatMap(hintCasesIn)

  it('are many, with names and sources of their own', () => {
    expect(all.length).toBeGreaterThanOrEqual(150)
    expect(LOOK_ALIKE_TEXTS.length).toBeGreaterThanOrEqual(60)
    expect(new Set(all.map(({ source }) => source)).size).toBeGreaterThanOrEqual(150)
  })

  it('hold no account of anybody', () => {
    const documented = /^(\d)\1{11}$|^111122223333$|^444455556666$|^123456789(?:012|000)$/
    const ids = [...all, ...LOOK_ALIKE_TEXTS].flatMap(
      ({ text }) => text.join('\n').match(/(?<![\w-])\d{12}(?![\w-])/g) ?? [],
    )
    expect(ids.filter(id => !documented.test(id))).toEqual([])
  })

  it('have every subject', () => {
    const subjects = new Set(all.flatMap(({ hints }) => hints.map(({ subject }) => subject)))
    expect(HINT_SUBJECTS.filter(subject => !subjects.has(subject))).toEqual([])
  })
})

it.each(LOOK_ALIKE_TEXTS.map(({ name, text }) => [name, text] as const))(
  'finds nothing in a look-alike: %s',
  (_, text) => {
    expect(findHints(text.join('\n'))).toEqual([])
  },
)

describe('each sentence', () => {
  it.each(HINT_FORMS.map(form => [form.example.text.slice(0, 80), form] as const))(
    'is found in its example: %s',
    (_, form) => {
      const { text, source } = form.example
      expect(findHints(text).map(({ subject }) => subject)).toEqual([form.subject])
      expect(source).toMatch(/^https:\/\//)
    },
  )

  it('names a step to take', () => {
    for (const form of HINT_FORMS)
      for (const hint of findHints(form.example.text)) expect(hint.next.length).toBeGreaterThan(0)
  })
})

describe('findHints', () => {
  const NO_PROVIDER = 'No OpenIDConnect provider found in your account for '
  const EXPIRED = 'ExpiredToken: The security token included in the request is expired'

  it('reads a sentence that a terminal wrapped, coloured and framed', () => {
    const text =
      '\u001b[31m│\u001b[0m ExpiredToken: The security\u001b[0m\n│ token included in the\n│   request is expired'
    expect(findHints(text).map(({ subject, line }) => [subject, line])).toEqual([['expired-token', 1]])
  })

  it('counts the lines of a log with stamps and empty lines', () => {
    const text = `2026-11-29T09:00:00.0000000Z start\n\n\n2026-11-29T09:00:01.0000000Z ##[error]${EXPIRED}`
    expect(findHints(text).map(({ line }) => line)).toEqual([4])
  })

  it('names two issuers as two hints, and one sentence once', () => {
    const text = ['https://one.example', 'https://two.example', 'https://one.example'].map(one => NO_PROVIDER + one)
    expect(findHints(text.join('\n')).map(({ issuer }) => issuer)).toEqual([
      'https://one.example',
      'https://two.example',
    ])
  })

  it('puts no outside text into a command that a shell would run', () => {
    const [hint] = findHints(`${NO_PROVIDER}https://x.example/$(id)`)
    expect(hint?.issuer).toBeNull()
    expect(hint?.next[0]?.command).toBe(
      'aws iam create-open-id-connect-provider --url ISSUER --client-id-list AUDIENCE',
    )
  })

  it.each([
    'an IAM role must be associated with service account -o (namespace: --watch)',
    'AWS Control Tower is unable to assume the xxxx role in the account',
    'Access denied when attempting to assume role arn:aws:iam::111122223333:role/aws-service-role/--debug.amazonaws.com/AWSServiceRoleForX',
  ])('puts no option and no hidden name into a command: %s', text => {
    for (const { next } of findHints(text))
      for (const { command } of next) expect(command ?? '').not.toMatch(/ (?:-o|--watch|--debug|xxxx)\b/)
  })

  it('names two services that cannot use their roles, each once', () => {
    const redshift = 'Not authorized to get credentials of role arn:aws:iam::111122223333:role/copy'
    const dms = 'The IAM Role arn:aws:iam::<account>:role/dms-*** is not configured properly.'
    const hints = findHints([redshift, dms, redshift].join('\n'))
    expect(hints.map(({ subject, line }) => [subject, line])).toEqual([
      ['service-cannot-assume', 1],
      ['service-cannot-assume', 2],
    ])
    expect(hints[1]?.next[0]?.command).toContain('--role-name ROLE ')
  })

  it.each(['dial tcp: lookup sts.amazonaws.com: no such host', 'RequestError: send request failed: i/o timeout'])(
    'takes no host that was not reached for a refusal: %s',
    text => {
      const role = 'Error: The role "arn:aws:iam::111122223333:role/orders" cannot be assumed.'
      expect(findHints(role).map(({ subject }) => subject)).toEqual(['other'])
      expect(findHints(`${role}\n\n  ${text}`)).toEqual([])
    },
  )

  it('says the reason alone where an SDK reports missing credentials after it', () => {
    const text = `Error: no valid credential sources for Terraform AWS Provider found.\n\nError: ${EXPIRED}`
    expect(findHints(text).map(({ subject }) => subject)).toEqual(['expired-token'])
  })

  it('finds the last lines of a text that is too long to be read whole', () => {
    const lines = 120_000
    const text = `${`${'x'.repeat(60)}\n`.repeat(lines)}${EXPIRED}`
    expect(findHints(text).map(({ subject, line }) => [subject, line])).toEqual([['expired-token', lines + 1]])
  })

  it('takes no longer than its bounds for a text of nothing but beginnings', () => {
    const text = HINT_FORMS.map(({ word }) => `${word} `.repeat(2_000)).join('\n')
    const started = cpuMs()
    findHints(text)
    expect(cpuMs() - started).toBeLessThan(4_000)
  })
})

describe('beside denials', () => {
  it('a hint of the same kind of caller is shown, and no other', () => {
    const text = 'MultiFactorAuthentication failed with invalid MFA one time pass code\nUnable to locate credentials'
    const hints = findHints(text)
    expect(hintsBeside(hints, []).map(({ subject }) => subject)).toEqual(['mfa'])
    expect(hintsBeside(hints, [{ action: 'sts:AssumeRole' }]).map(({ subject }) => subject)).toEqual(['mfa'])
    expect(hintsBeside(hints, [{ action: 'sts:AssumeRoleWithWebIdentity' }])).toEqual([])
  })

  it('no post with a denial gets a hint that does not explain it', () => {
    const loud = POST_FILES.flatMap(postsIn).flatMap(post => {
      const text = textOf(post)
      const denials = denialsInLog(text).denials.map(({ denial }) => denial)
      if (denials.length === 0) return []
      return hintsBeside(findHints(text), denials).map(({ subject }) => `${post.name}: ${subject}`)
    })
    // A request without a signature has no caller.
    expect(loud).toEqual(['a snapshot repository that is registered without a signature: no-credentials'])
  })
})
