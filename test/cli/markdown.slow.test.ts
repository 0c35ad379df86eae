/** The content of a comment, as the parser of CommonMark and of GitHub's tables and links reads it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { neutralText } from '../../core/base/neutral-text.ts'
import { linkableUrl } from '../../core/base/rich-text.ts'
import { codeBlock, inlineCode, linkTo, sentence, withCommands } from '../../functions/domain/pull-request/markdown.ts'
import { pullBody, pullTitle } from '../../functions/domain/pull-request/pull-text.ts'
import { VERIFICATION } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { memoryIo } from './memory-io.ts'

const RUNS = 300
const parse = (text: string) => fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })

function* nodesOf(node: Nodes): Generator<Nodes> {
  yield node
  if ('children' in node) for (const child of node.children) yield* nodesOf(child)
}
const ofType = (text: string, type: Nodes['type']) => [...nodesOf(parse(text))].filter(node => node.type === type)
const valuesOf = (text: string, type: 'code' | 'inlineCode' | 'text') =>
  ofType(text, type).map(node => ('value' in node ? node.value : ''))
/** All visible text, in order. */
const read = (text: string): string =>
  [...nodesOf(parse(text))].flatMap(node => ('value' in node && node.type !== 'html' ? [node.value] : [])).join('')

const hostile = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'`\\*_[]()<>!#@|~"\'&:/.,; -+=ab1\n\t{}$'), minLength: 1, maxLength: 30 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    ...['(iam:PassRole):', '@everyone', 'https://evil.example/x', '<img src=x onerror=1>', '[a](b)', '`', '``', '```'],
    ...['a|b', 'a\\|b', '<!-- rolemedic -->', '*x*', '~~x~~', 'x@example.com', 'www.example.com', '&lt;', '#12'],
  ),
)
const ACTIVE: readonly Nodes['type'][] = [
  ...(['link', 'image', 'html', 'emphasis', 'strong', 'delete', 'linkReference', 'imageReference'] as const),
  ...(['definition', 'footnoteReference', 'break', 'thematicBreak', 'blockquote'] as const),
]
const activeIn = (text: string) => [...nodesOf(parse(text))].filter(({ type }) => ACTIVE.includes(type))

describe('untrusted text in Markdown', () => {
  it('is read as it is, in a code span', () => {
    fc.assert(
      fc.property(hostile, name => {
        const plain = neutralText(name)
        fc.pre(plain !== '')
        expect(valuesOf(`x ${inlineCode(name)} y`, 'inlineCode')).toEqual([plain])
      }),
      { numRuns: RUNS },
    )
  })

  it('is read as it is in a sentence, and does nothing', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), words => {
        const text = `The role ${words.join(' ')} may not pass it.`
        const shown = sentence(text)
        expect(activeIn(shown)).toEqual([])
        expect(read(shown)).toBe(neutralText(text))
        for (const one of valuesOf(shown, 'text')) expect(one).not.toMatch(/[@<>[\]*_#]/)
      }),
      { numRuns: RUNS },
    )
  })

  it('stays in its block of code', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), lines => {
        const code = lines.map(line => neutralText(line)).join('\n')
        fc.pre(code.trim() !== '')
        expect(valuesOf(codeBlock(code, 'sh'), 'code')).toEqual([code.trimEnd()])
      }),
      { numRuns: RUNS },
    )
  })

  it.each([
    ['not authorized (iam:PassRole): ask', 'not authorized (`iam:PassRole`): ask'],
    ['the call f(x_y), then', 'the call `f(x_y)`, then'],
    ['"a_b", \'c_d\'.', '"`a_b`", \'`c_d`\'.'],
    ['(see f(x_y)).', '(see `f(x_y)`).'],
  ])('keeps the marks around a name outside of its code: %s', (text, expected) => {
    expect(sentence(text)).toBe(expected)
  })

  it('has each command in a block of its own, whole', () => {
    const command = `aws iam put-role-policy --policy-document '${'x'.repeat(3_000)} \`y\`'`
    const text = `- **Next:** ${withCommands(`Nothing was seen. Run: ${command}\nOr ask. Run: aws sts x`, '  ')}\n- **Ask:** b\n`
    expect(valuesOf(text, 'code')).toEqual([command, 'aws sts x'])
    expect(ofType(text, 'listItem')).toHaveLength(2)
    expect(read(text)).not.toContain('Run:')
  })
})

describe('the comment on a denial that no policy proves', () => {
  const ROLE = 'arn:aws:iam::111122223333:role/app/orders-task'
  const text = `An error occurred (AccessDeniedException) when calling the RegisterTaskDefinition operation: User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: ${ROLE} because no identity-based policy allows the iam:PassRole action`
  async function run(args: readonly string[], stdin = '') {
    const io = memoryIo({ stdin, nowMs: Date.parse('2026-11-24T03:00:00Z') })
    await dispatch(args, io)
    return io.captured.out
  }
  const commented = async (...args: readonly string[]) =>
    run(['comment', ...args], await run(['diagnose', '--message', text, '--json']))

  it.each([
    ['terraform', 'hcl', 'resource "aws_iam_user_policy"'],
    ['cdk', 'ts', 'new iam.CfnUserPolicy('],
    ['cloudformation', 'yaml', 'AWS::IAM::UserPolicy'],
    ['cli', 'sh', 'aws iam put-user-policy'],
  ])('shows the statement in a block, in the form that --format asks for: %s', async (format, language, start) => {
    const shown = await commented('--format', format)
    const blocks = ofType(shown, 'code').flatMap(node => (node.type === 'code' ? [node] : []))
    const block = blocks.find(({ lang, value }) => lang === language && value.includes(start))
    expect(block?.value).toContain('Not verified against your policies.')
    for (const code of valuesOf(shown, 'inlineCode')) expect(code.length).toBeLessThan(200)
    expect(read(shown).match(/put-user-policy/g) ?? []).toHaveLength(format === 'cli' ? 1 : 0)
  })

  it('is Markdown whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (name, fact) => {
        const json = JSON.parse(await run(['diagnose', '--message', text, '--json'])) as {
          denial: { resource: string }
          diagnosis: { summary: string; unknowns: object[] }
          refusal: { message: string; owner: string }
        }
        json.denial.resource = name
        json.diagnosis.summary = `Role ${name} is not there.`
        json.diagnosis.unknowns = [{ fact, why: name }]
        json.refusal = { ...json.refusal, message: `It is ${name}. Run: x ${fact}`, owner: fact }
        const shown = await run(['comment', '--format', 'terraform'], `${JSON.stringify(json)}\n`)
        const html = ofType(shown, 'html').map(node => ('value' in node ? node.value : ''))
        expect(html).toEqual(['<!-- rolemedic -->'])
        expect(activeIn(shown).filter(({ type }) => type !== 'html' && type !== 'strong')).toEqual([])
        const plain = neutralText(name)
        if (plain !== '') expect(valuesOf(shown, 'inlineCode')).toContain(plain)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a pull request', () => {
  it('is Markdown whatever the names are', () => {
    const some = fc.array(hostile, { maxLength: 3 })
    fc.assert(
      fc.property(hostile, hostile, some, hostile, (name, cause, lines, policyName) => {
        const after = {
          Version: '2012-10-17',
          Statement: [{ Sid: name, Effect: 'Allow' as const, Action: cause, Resource: name }],
        }
        const target = { ...IDENTITY_CHANGE.target, arn: name, policyName }
        const order = { proposalId: name, cardUrl: cause, changes: [{ ...IDENTITY_CHANGE, target, after }] }
        const guardrails = lines.map(detail => ({ id: name, outcome: 'warn' as const, detail }))
        const signed = {
          ...{ approvers: lines, codeOnly: lines, needed: 2, risk: 'low' as const, bridgeEndsAtMs: null },
          request: [name, 'iam:PassRole', name, null, null],
          shown: { summary: cause, verification: { ...VERIFICATION, guardrails } },
        }
        const shown = pullBody(order, signed, { name: 'Slack', hosts: ['*.slack.com'] })
        expect(activeIn(shown).filter(({ type }) => type !== 'strong' && type !== 'thematicBreak')).toEqual([])
        for (const one of valuesOf(shown, 'text')) expect(one).not.toMatch(/[@<>[\]#]/)
        const plain = neutralText(name)
        if (plain !== '') expect(valuesOf(shown, 'inlineCode')).toContain(plain)
        expect(valuesOf(shown, 'code')).toHaveLength(1)
        expect(pullTitle(order, signed)).not.toMatch(/[@#<`\n]/)
      }),
      { numRuns: 100 },
    )
  })
})

describe('the comment on a deploy', () => {
  it('is Markdown whatever the names are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'markdown-'))
    const args = ['--as', 'arn:aws:iam::111122223333:role/nobody', '--account', 'events/accounts/orders-dev.json']
    try {
      await fc.assert(
        fc.asyncProperty(hostile, hostile, async (name, id) => {
          const file = join(folder, 'template.json')
          const Role = `arn:aws:iam::111122223333:role/${name}`
          const resource = { Type: 'AWS::Lambda::Function', Properties: { Role } }
          writeFileSync(file, JSON.stringify({ Resources: { [`Run${id}`]: resource } }))
          const io = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z') })
          await dispatch(['preflight', file, ...args, '--format', 'markdown'], io)
          const shown = io.captured.out
          const html = ofType(shown, 'html').map(node => ('value' in node ? node.value : ''))
          expect(html.filter(one => one !== '<br>' && one !== '<!-- rolemedic preflight -->')).toEqual([])
          expect(activeIn(shown).filter(({ type }) => type !== 'html' && type !== 'strong')).toEqual([])
          for (const row of ofType(shown, 'tableRow')) expect('children' in row && row.children).toHaveLength(5)
        }),
        { numRuns: 40 },
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a link', () => {
  it.each([
    'https://acme.slack.com/archives/C0DEPLOYS/p1795521600000100',
    'https://git.example.com:8443/acme/orders/-/pipelines/7',
    'https://github.com/acme/orders/actions/runs/7?pr=1#step',
  ])('leads to %s', url => {
    const [link] = ofType(linkTo('there', url) ?? '', 'link')
    expect(link).toMatchObject({ url, title: null })
  })

  it.each([
    ...['javascript:alert(1)', 'http://acme.slack.com/x', 'https://a b/', 'https://x@evil.example/', '//evil.example/'],
    ...['https://acme.slack.com/x) [y](https://evil', 'https://127.0.0.1/x', 'https://[::1]/', 'https://localhost/x'],
    ...[
      'https://evil.example',
      'https://-a.example/',
      'https://a..b/',
      'https://a.example/<x>',
      'https://a.example/"x',
      '',
    ],
  ])('is none with %j', url => {
    expect(linkTo('there', url)).toBeNull()
  })

  it('leads nowhere else, whatever the address is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          hostile.map(path => `https://a.example/${path}`),
        ),
        url => {
          const shown = linkTo('there', url)
          const links = shown === null ? [] : ofType(shown, 'link')
          expect(links.map(node => ('url' in node ? node.url : ''))).toEqual(shown === null ? [] : [url])
          expect(shown === null || url.startsWith('https://')).toBe(true)
        },
      ),
      { numRuns: RUNS },
    )
  })
})

describe('an address with hosts', () => {
  const HOSTS = ['git.example.com', '*.slack.com']
  it.each([
    ...[
      ['https://git.example.com/a', true],
      ['https://GIT.example.com/a', true],
      ['https://acme.slack.com/a', true],
    ],
    ...[
      ['https://x.git.example.com/a', false],
      ['https://slack.com/a', false],
      ['https://evilslack.com/a', false],
    ],
    ...[
      ['https://git.example.com.evil.example/a', false],
      ['https://git.example.com:444/a', false],
    ],
  ] as const)('%s: %s', (url, isIn) => {
    expect(linkableUrl(url, HOSTS)).toBe(isIn ? url : null)
  })
})
