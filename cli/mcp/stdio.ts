import type { McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'

/**
 * Serves a client on standard input and output until its input ends and every request is answered. A script writes its requests and
 * closes its end, where the transport alone would drop the answers that are not ready.
 */
export function serveUntilAnswered(server: () => McpServer): void {
  const wire = new StdioServerTransport()
  // With no input left, the process ends by itself once nothing is in work.
  wire._onstdinclose = () => {}
  serveStdio(server, { transport: wire })
}
