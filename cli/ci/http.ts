/** Requests to the API of a code host, with a limit on time and on size. */
import { neutralText, UsageError } from '../../core/base/index.ts'

const TIMEOUT_MS = 10_000
const MAX_BYTES = 8_000_000

export type Api = (method: 'GET' | 'POST' | 'PATCH' | 'PUT', path: string, body?: object) => Promise<unknown>

export class ApiError extends UsageError {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export function api(base: string, headers: { readonly [name: string]: string }): Api {
  return async (method, path, body) => {
    let response: Response
    try {
      response = await fetch(`${base}${path}`, {
        method,
        headers: {
          ...headers,
          accept: 'application/json',
          'user-agent': 'rolemedic',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirect would take the token along.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
    } catch (cause) {
      throw new ApiError(0, `${method} ${path}: ${neutralText(cause instanceof Error ? cause.message : '', 200)}`)
    }
    if (!response.ok) {
      await response.body?.cancel()
      throw new ApiError(response.status, `${method} ${path}: ${response.status}`)
    }
    const text = await response.text()
    if (text.length > MAX_BYTES) throw new ApiError(0, `${method} ${path}: the answer is too large`)
    try {
      return text === '' ? null : JSON.parse(text)
    } catch {
      throw new ApiError(0, `${method} ${path}: the answer is not JSON`)
    }
  }
}
