/** A fault with a stable code. `cause` keeps the original. Codes appear in logs, alarms and runbooks. */
export class RolemedicError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RolemedicError'
    this.code = code
  }
}

/** Unusable input from a person. The message says what to do. Commands print it as one line and exit with 2. */
export class UsageError extends RolemedicError {
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options)
    this.name = 'UsageError'
  }
}
