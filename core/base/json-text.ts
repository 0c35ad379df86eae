import type * as z from 'zod'
import { UsageError } from './errors.ts'

export const withoutByteOrderMark = (text: string): string => text.replace(/^\uFEFF/, '')

/** Parses the JSON of a file that a person named. Throws a UsageError that names the file. */
export function parseJsonText(file: string, text: string): unknown {
  try {
    return JSON.parse(withoutByteOrderMark(text))
  } catch (cause) {
    const why = text.trim() === '' ? 'is empty' : 'is not JSON'
    throw new UsageError(`${file}: ${why}`, { cause })
  }
}

/**
 * The first problem with its path: `RoleDetailList[3].Arn: Invalid input: expected string, received number`. `within`: the path
 * of the checked value itself.
 */
export function firstIssue(error: z.core.$ZodError, within: readonly (string | number)[] = []): string {
  const [issue] = error.issues
  if (issue === undefined) return 'unexpected shape'
  const path = [...within, ...issue.path]
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
  const place = path.replace(/^\./, '')
  return place === '' ? issue.message : `${place}: ${issue.message}`
}
