/** A port for a server that must be told it, or come back to it. */
import { once } from 'node:events'
import { createServer } from 'node:net'

const PORTS_OF_A_WORKER = 1_000

/** Each worker of vitest has ports of its own, below those that the system gives away: none is taken before the server binds it. */
export async function freePort(): Promise<number> {
  const from = 10_000 + PORTS_OF_A_WORKER * (Number(process.env['VITEST_POOL_ID'] ?? 0) % 20)
  for (let at = process.pid; ; at += 1) {
    const port = from + (at % PORTS_OF_A_WORKER)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
