/**
 * Creates one X-Ray subsegment per message or request, below the segment of Lambda. Logged ids become annotations, so that a
 * trace can be found by its proposal. Why not Powertools Tracer: docs/adr/0013-xray-subsegments.md
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'

export type Fields = Readonly<Record<string, string | number | boolean | null>>

export type Tracing = {
  /** Runs `work`. If the trace cannot be written, `work` is not affected. */
  traced<T>(work: () => Promise<T>): Promise<T>
  /** Adds ids to the current subsegment, to search traces by. */
  annotate(fields: Fields): void
}

type Annotations = Record<string, string | number | boolean>
type Trace = { readonly root: string; readonly parent: string }

/** `service`: the name of the subsegments. */
export function xrayTracing(service: string, env: NodeJS.ProcessEnv): Tracing {
  const current = new AsyncLocalStorage<Annotations>()
  let socket: Socket | null = null

  function send(subsegment: object): void {
    const { hostname, port } = new URL(`udp://${env['AWS_XRAY_DAEMON_ADDRESS']}`)
    socket ??= createSocket('udp4')
      .on('error', () => {})
      .unref()
    socket.send(`{"format":"json","version":1}\n${JSON.stringify(subsegment)}`, Number(port), hostname, () => {})
  }

  return {
    async traced(work) {
      const trace = sampledTrace(env)
      if (trace === null) return work()
      const annotations: Annotations = {}
      const startMs = Date.now()
      const end = (failed: Readonly<Record<string, unknown>>): void => {
        try {
          send({
            name: service,
            id: newId(),
            trace_id: trace.root,
            parent_id: trace.parent,
            type: 'subsegment',
            start_time: startMs / 1_000,
            end_time: Date.now() / 1_000,
            annotations,
            ...failed,
          })
        } catch {}
      }
      try {
        const result = await current.run(annotations, work)
        end({})
        return result
      } catch (error) {
        end(fault(error))
        throw error
      }
    },

    annotate(fields) {
      const annotations = current.getStore()
      if (annotations === undefined) return
      for (const [name, value] of Object.entries(fields))
        if (SEARCHED.has(name) && value !== null) annotations[name] = value
    },
  }
}

/** The logged fields that are useful to search by. Texts stay in the log. */
const SEARCHED: ReadonlySet<string> = new Set([
  'proposalId',
  'fingerprint',
  'eventId',
  'deploy',
  'kind',
  'outcome',
  'code',
])

/** Lambda sets the sampling decision with every event: `Root=1-…;Parent=…;Sampled=1`. */
function sampledTrace(env: NodeJS.ProcessEnv): Trace | null {
  const parts = new Map(env['_X_AMZN_TRACE_ID']?.split(';').map(part => part.split('=') as [string, string]))
  const [root, parent] = [parts.get('Root'), parts.get('Parent')]
  const sampled = parts.get('Sampled') === '1' && env['AWS_XRAY_DAEMON_ADDRESS'] !== undefined
  return sampled && root !== undefined && parent !== undefined ? { root, parent } : null
}

/** Contains only the type of the error: its message may contain secrets. */
function fault(error: unknown): Readonly<Record<string, unknown>> {
  const type = error instanceof Error ? error.name : 'Error'
  return { fault: true, cause: { exceptions: [{ id: newId(), type }] } }
}

const newId = (): string => randomBytes(8).toString('hex')
