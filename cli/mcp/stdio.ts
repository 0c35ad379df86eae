import { isJSONRPCRequest, type McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'

/**
 * Serves a client on standard input and output until its input ends and every request is answered. A script writes its requests and
 * closes its end, where the transport alone would drop the answers that are not ready.
 */
export function serveUntilAnswered(server: () => McpServer): void {
  const wire = new StdioServerTransport()
  const open = new Set<unknown>()
  let isEnded = false
  const closeIfDone = () => {
    if (isEnded && open.size === 0) void wire.close()
  }
  wire._onstdinclose = () => {
    isEnded = true
    closeIfDone()
  }
  const send = wire.send.bind(wire)
  wire.send = async message => {
    await send(message)
    if (!('method' in message)) answered(message.id)
  }
  const answered = (id: unknown) => {
    open.delete(id)
    closeIfDone()
  }
  serveStdio(server, { transport: wire })
  const { onmessage } = wire
  wire.onmessage = message => {
    // A subscription is answered when the connection ends.
    if (isJSONRPCRequest(message) && message.method !== 'subscriptions/listen') open.add(message.id)
    onmessage?.(message)
    // A request that its client gives up is not answered.
    if ('method' in message && message.method === 'notifications/cancelled') answered(message.params?.['requestId'])
  }
}
