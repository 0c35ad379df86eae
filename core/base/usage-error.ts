import { RolemedicError } from './result.ts'

/** Unusable input from a person. The message says what to do. Commands print it as one line and exit with 2. */
export class UsageError extends RolemedicError {
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options)
    this.name = 'UsageError'
  }
}
