/** The rooms of each part, and their table in `ARCHITECTURE.md`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const PROJECT = join(import.meta.dirname, '../..')

/** The rooms of a part in strict order: a room imports only itself and rooms before it. */
export const ROOM_ORDER = {
  core: [
    ...[
      'base',
      'settings',
      'iam',
      'actions',
      'runs',
      'service-actions',
      'denial',
      'access',
      'diagnosis',
      'patch',
      'snapshots',
    ],
    ...['published-actions', 'timeline'],
  ],
  iac: ['source', 'repository', 'needs', 'edit'],
  'functions/domain': [
    ...['messages', 'config', 'members', 'authority', 'proposal', 'audit', 'grants', 'deploy', 'card', 'home'],
    ...['pull-request', 'stored'],
  ],
} as const satisfies { readonly [part: string]: readonly string[] }

/** The first comment of an index. Throws if there is none. */
export function firstLineOf(folder: string): string {
  const line = /^\/\*\* (.+?)\.? \*\//.exec(readFileSync(join(PROJECT, folder, 'index.ts'), 'utf8'))?.[1]
  if (line === undefined) throw new Error(`${folder}/index.ts does not begin with /** What it holds. */`)
  return line
}

export function roomTable(
  order: { readonly [part: string]: readonly string[] } = ROOM_ORDER,
  lineOf: (folder: string) => string = firstLineOf,
): readonly (readonly string[])[] {
  return [
    ['room', 'holds'],
    ...Object.entries(order).flatMap(([part, rooms]) =>
      rooms.map(room => [`\`${part}/${room}\``, lineOf(`${part}/${room}`)]),
    ),
  ]
}
