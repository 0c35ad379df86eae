/** A server in a process of its own, with the SDK's client connected to it. */
import { resolve } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

const root = resolve(import.meta.dirname, '../../..')

export async function connected(args: readonly string[], cwd: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [`${root}/cli/main.ts`, 'mcp', ...args], cwd }),
  )
  return client
}

export type ToolAnswer = { readonly text: string; readonly structured: { [member: string]: unknown } | null }

export async function call(client: Client, name: string, input: { [member: string]: unknown }): Promise<ToolAnswer> {
  try {
    const { content, structuredContent } = await client.callTool({ name, arguments: input })
    const text = content.map(one => (one.type === 'text' ? one.text : '')).join('\n')
    return { text, structured: (structuredContent ?? null) as ToolAnswer['structured'] }
  } catch (error) {
    return { text: String(error), structured: null }
  }
}
