/** One SNS message. `detail` is the documented JSON body for programs. */
export type Notice = { readonly subject: string; readonly text: string; readonly detail: object }
