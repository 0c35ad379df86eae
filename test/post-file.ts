/** Real posts of people who have only the error text: the form of `test/cases/posts`, and the result of reading one. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Denial } from '../core/denial/denial.ts'
import { denialsInLog } from '../core/denial/logs/denials-in-log.ts'
import type { Analysis } from '../functions/workflows/denial/analyze-denial.ts'

const expectedDenial = z.strictObject({
  action: z.string(),
  /** As in the text: an ARN, a service principal, or what the poster left of a name. */
  principal: z.string().nullable(),
  /** The role as in the text. Null: it cannot be determined, and `unread` says why. */
  resource: z.string().nullable(),
  unread: z.enum(['not-named', 'masked', 'placeholder', 'cut', 'malformed']).optional(),
  reason: z.string(),
  /** `<prefix>:<operation>` of the denied call. Null: the text does not show it. */
  call: z.string().nullable(),
  verdict: z.string(),
  cause: z.string(),
  /** Texts that the answer to a person contains: what to run, what to compare, whom to ask. */
  next: z.array(z.string()),
  /** Texts that the answer does not contain. */
  silent: z.array(z.string()).default([]),
})

const post = z.strictObject({
  name: z.string(),
  /** The thread of the post. */
  source: z.url(),
  text: z.array(z.string()).min(1),
  /** In the order of the text. Empty for a text that is not a denial. */
  denials: z.array(expectedDenial),
  /** Why the text is not a denial. */
  why: z.string().optional(),
})

const postFile = z.strictObject({ about: z.string(), posts: z.array(post).min(1) })

export type Post = z.infer<typeof post>
export type ExpectedDenial = z.infer<typeof expectedDenial>

const folder = join(import.meta.dirname, 'cases', 'posts')

export const POST_FILES: readonly string[] = readdirSync(folder).sort()

export const postsIn = (name: string): readonly Post[] =>
  postFile.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))).posts

export const textOf = ({ text }: Post): string => text.join('\n')

export const denialsOf = (one: Post): readonly Denial[] => denialsInLog(textOf(one)).denials.map(({ denial }) => denial)

/** The result in the words of the files. */
export function readingOf({ action, principal, resource, unread, reason, call }: Denial): object {
  const source = call.eventSource?.replace(/\.amazonaws\.com(?:\.cn)?$/, '')
  return {
    action,
    principal: principal.arn ?? principal.name,
    resource,
    ...(unread === undefined ? {} : { unread: unread.kind }),
    reason,
    call: call.eventName === null ? null : `${source}:${call.eventName.replace(/\d{8}(?:v\d)?$/, '')}`,
  }
}

export function wordsOf({ diagnosis }: Analysis): string {
  const steps = diagnosis.nextSteps.flatMap(step => [step.text, step.command ?? '', step.owner ?? ''])
  return [diagnosis.summary, ...diagnosis.evidence.map(one => one.finding), ...steps].join('\n')
}
