/** A fault with a stable code. `cause` keeps the original. Codes appear in logs, alarms and runbooks. */
export class RolemedicError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RolemedicError'
    this.code = code
  }
}
