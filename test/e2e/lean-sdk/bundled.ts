/** What the bundles have of the SDK's commands, and what the functions could name of their answers. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { LEFT_OUT } from '../../../infra/lean/left-out.ts'

export const ROOT = join(import.meta.dirname, '../../..')

/** `client-iam/GetRole`, for every command in a bundle that does not refuse to be made. */
export function commandsIn({ outputs }: Metafile): ReadonlySet<string> {
  const inputs = Object.values(outputs).flatMap(output => Object.keys(output.inputs))
  const commands = inputs.flatMap(path => {
    const found =
      /@aws-sdk\/(?:(client-[\w-]+)|nested-clients)\/dist-es\/(?:submodules\/([\w-]+)\/)?commands\/(\w+)Command\.js$/.exec(
        path,
      )
    const isRefused = LEFT_OUT.some(({ file, instead }) => instead === null && file.test(path))
    return found === null || isRefused ? [] : [`${found[1] ?? found[2]}/${found[3]}`]
  })
  return new Set(commands)
}

/** Every word of the functions' own code: what they could read by its name. */
export const named: ReadonlySet<string> = new Set(
  readdirSync(join(ROOT, 'functions'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .flatMap(name => readFileSync(join(ROOT, 'functions', name), 'utf8').match(/\w+/g) ?? []),
)
