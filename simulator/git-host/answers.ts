/** A request to an API, and its answer. */
export type ApiRequest = {
  readonly method: string
  /** Without the prefix of the API, each part decoded. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly headers: { readonly [name: string]: string | undefined }
  /** The parsed body. Empty without a body. */
  readonly body: { readonly [name: string]: unknown }
}
export type ApiAnswer = {
  readonly status: number
  readonly body?: unknown
  /** An HTML page instead of a JSON body. */
  readonly html?: string
  readonly headers?: { readonly [name: string]: string }
}

export const answer = (body: unknown, status = 200, headers: ApiAnswer['headers'] = {}): ApiAnswer => ({
  status,
  body,
  headers,
})
export const refused = (status: number, message: string): ApiAnswer => ({ status, body: { message } })
export const textIn = (body: ApiRequest['body'], name: string): string =>
  typeof body[name] === 'string' ? body[name] : ''
export const listIn = (body: ApiRequest['body'], name: string): readonly unknown[] => {
  const value = body[name]
  return Array.isArray(value) ? value : []
}
