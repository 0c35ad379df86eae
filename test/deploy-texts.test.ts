/** Public texts of deploys that failed: which permission each names, and which name none. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureInLog } from '../cli/use-cases/explain-deploy/log-failure.ts'
import { denialsInText, isNamed, otherDenialsIn } from '../core/denial/index.ts'

const text = z.object({ source: z.url(), tool: z.string(), text: z.string() })
const denial = z.strictObject({
  action: z.string().nullable(),
  principal: z.string().nullable(),
  resource: z.string().nullable(),
  layer: z.string(),
  line: z.number(),
})
const PERMISSIONS = read(
  'permissions.json',
  z.strictObject({
    ...text.shape,
    expected: z.array(denial),
    /** The denied action is ours, and the engine reads it. */
    ours: z.literal(true).optional(),
    /** Why nothing is named, although a permission was missing. */
    missed: z.string().optional(),
  }),
)
const OTHERS = read('other-reasons.json', z.strictObject({ ...text.shape, reason: z.string(), words: z.string() }))

function read<T extends z.ZodType>(name: string, form: T): readonly z.infer<T>[] {
  const file = JSON.parse(readFileSync(join(import.meta.dirname, 'cases/deploy-texts', name), 'utf8'))
  return z.strictObject({ texts: z.array(form) }).parse(file).texts
}

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

const named = <T extends { readonly source: string; readonly tool: string }>(all: readonly T[]) =>
  all.map((one, index) => [`${index + 1}. ${one.tool}, ${one.source}`, one] as const)

describe('a text of a failed deploy that names a permission', () => {
  it.each(named(PERMISSIONS.filter(one => one.missed === undefined && one.ours === undefined)))('%s', (_, one) => {
    const found = otherDenialsIn(one.text)
    expect(
      found.map(({ action, principal, resource, layer, line }) => ({ action, principal, resource, layer, line })),
    ).toEqual(one.expected)
  })

  it.each(named(PERMISSIONS.filter(one => one.ours)))(
    'is read by the engine where the action is ours: %s',
    (_, one) => {
      expect(otherDenialsIn(one.text)).toEqual([])
      expect(denialsInText(one.text).found.some(({ kind }) => kind === 'denial')).toBe(true)
    },
  )

  it('is rarely one that is not read', () => {
    const missed = PERMISSIONS.filter(one => one.missed !== undefined)
    for (const one of missed) expect(otherDenialsIn(one.text)).toEqual([])
    expect(PERMISSIONS.length).toBeGreaterThanOrEqual(150)
    expect(missed.length / PERMISSIONS.length).toBeLessThan(0.05)
  })
})

describe('a text of a deploy that failed for another reason', () => {
  it.each(named(OTHERS))('%s', (_, one) => {
    expect(otherDenialsIn(one.text)).toEqual([])
  })

  it.each(named(OTHERS))('is quoted: %s', (_, one) => {
    const failure = failureInLog(one.text)
    assert(failure.kind === 'failed')
    expect(inOneLine(failure.words ?? '')).toContain(inOneLine(one.words))
  })

  it.each(named(PERMISSIONS))('is not called a success: %s', (_, one) => {
    expect(failureInLog(one.text).kind).toBe('failed')
  })

  it('is one of many', () => {
    expect(OTHERS.length).toBeGreaterThanOrEqual(70)
  })
})

describe('docs/failed-deploys.md', () => {
  it('counts these texts', () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/failed-deploys.md'), 'utf8')
    const missed = PERMISSIONS.filter(one => one.missed !== undefined).length
    expect(missed).toBe(3)
    expect(page).toContain(
      `${PERMISSIONS.length} public texts of failed deploys and ${OTHERS.length} that failed for another reason are in \`test/cases/deploy-texts\`, each with its address; of the first, three are not read.`,
    )
  })
})

describe('reading other denials', () => {
  it('takes a denial that is printed again for one', () => {
    const [one] = PERMISSIONS.filter(
      ({ expected }) => expected[0]?.action === 's3:CreateBucket' && expected.length === 1,
    )
    assert(one !== undefined)
    expect(otherDenialsIn(`${one.text}\n\n${one.text}`)).toHaveLength(1)
  })

  it('lets what names a permission silence what names none', () => {
    const bare = 'Error: AccessDenied: Access Denied\n\tstatus code: 403, request id: X'
    const whole =
      'Error: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k"'
    expect(otherDenialsIn(bare).map(isNamed)).toEqual([false])
    expect(otherDenialsIn(`${bare}\n\n\n${whole}`).map(({ action }) => action)).toEqual(['s3:PutObject'])
  })

  it('reads no expectation of a test', () => {
    expect(otherDenialsIn("expect(error).toContain('not authorized to perform: s3:PutObject')")).toEqual([])
  })
})
