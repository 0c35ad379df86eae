/** Starts `rolemedic start` of an installed package, until it prints the URL of its page. */
import { spawn } from 'node:child_process'

export async function startedPage(node: string, bin: string, cwd: string, PATH: string) {
  const child = spawn(node, [bin, 'start', '--port', '0', '--state', 'page-state'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME: cwd },
  })
  let out = ''
  let err = ''
  child.stderr.on('data', data => {
    err += data
  })
  const ended = new Promise<number | null>(done => child.once('close', done))
  const url = new Promise<string>(resolve => {
    child.stdout.on('data', data => {
      out += data
      const found = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(out)?.[0]
      if (found !== undefined) resolve(found)
    })
  })
  const first = await Promise.race([url, ended])
  if (typeof first !== 'string') throw new Error(`rolemedic start ended with ${first}: ${err}`)
  return {
    url: first,
    err: () => err,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
