/** One SNS message. `detail`: the JSON body for programs, documented in docs/notices.md. */
export type Notice = { readonly subject: string; readonly text: string; readonly detail: object }
