/** A moto server (AWS in one process) on a free port of this machine. https://docs.getmoto.org */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type Moto = {
  readonly endpoint: string
  /** What every SDK client needs to talk to it. */
  readonly client: {
    readonly endpoint: string
    readonly region: string
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  }
  /** For a child process that should use it through the SDK's own environment variables. */
  readonly env: { readonly [name: string]: string }
  /** Forgets everything that was created. */
  reset(): Promise<void>
  stop(): Promise<void>
}

/** `accountId` is the account that the credentials belong to. AWS's own managed policies are loaded only on request: that takes a second. */
export async function startMoto(options: { accountId?: string; awsManagedPolicies?: boolean } = {}): Promise<Moto> {
  const { accountId = '111122223333', awsManagedPolicies = false } = options
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    env: {
      ...process.env,
      MOTO_ACCOUNT_ID: accountId,
      MOTO_IAM_LOAD_MANAGED_POLICIES: String(awsManagedPolicies),
    },
    stdio: 'ignore',
  })
  const ended = once(server, 'exit')
  const failed = once(server, 'error').then(([error]) => {
    throw new Error('moto_server cannot be started: install it (Debian: python3-moto)', { cause: error })
  })
  failed.catch(() => {})
  await Promise.race([answers(endpoint), failed])

  const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' }
  return {
    endpoint,
    client: { endpoint, region: 'eu-west-1', credentials },
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    async reset() {
      await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' })
    },
    async stop() {
      server.kill('SIGTERM')
      await Promise.race([ended, sleep(3_000).then(() => server.kill('SIGKILL'))])
    },
  }
}

async function answers(endpoint: string): Promise<void> {
  const giveUpMs = Date.now() + 40_000
  while (Date.now() < giveUpMs) {
    const response = await fetch(`${endpoint}/moto-api/`).catch(() => null)
    if (response?.ok) return
    await sleep(100)
  }
  throw new Error(`moto_server does not answer on ${endpoint}`)
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
