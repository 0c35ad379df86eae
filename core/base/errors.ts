/** Errors of callers: input that cannot be used, and a case that nobody handles. */
import { RolemedicError } from './fault.ts'

/** Unusable input from a person. The message says what to do. Commands print it as one line and exit with 2. */
export class UsageError extends RolemedicError {
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options)
    this.name = 'UsageError'
  }
}

/** The default of an exhaustive `switch`. */
export function never(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`)
}
