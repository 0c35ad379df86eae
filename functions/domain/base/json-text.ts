import type * as z from 'zod'
import { UsageError } from './errors.ts'

const BYTE_ORDER_MARK = /^\uFEFF/

/** The JSON of a file that a person named, or a UsageError that names it. */
export function parseJsonText(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(BYTE_ORDER_MARK, ''))
  } catch (cause) {
    const why = text.trim() === '' ? 'is empty' : 'is not JSON'
    throw new UsageError(`${file}: ${why}`, { cause })
  }
}

/** `RoleDetailList[3].Arn: Invalid input: expected string, received number` */
export function firstIssue(error: z.core.$ZodError): string {
  const [issue] = error.issues
  if (issue === undefined) return 'unexpected shape'
  const path = issue.path.map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  const place = path.replace(/^\./, '')
  return place === '' ? issue.message : `${place}: ${issue.message}`
}
