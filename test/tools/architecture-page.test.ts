import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Permission } from '../../infra/constructs/roles/permission.ts'
import { functionsTable } from '../../tools/architecture/access.ts'
import { withTables } from '../../tools/architecture/document.ts'
import { PROJECT, ROOM_ORDER, roomTable } from '../../tools/architecture/rooms.ts'

const page = readFileSync(join(PROJECT, 'ARCHITECTURE.md'), 'utf8')
const written = (tables: { readonly rooms?: ReturnType<typeof roomTable>; readonly functions?: typeof access }) =>
  withTables(page, { functions: access, rooms: roomTable(), ...tables })
const access = functionsTable()

const may = (permissions: readonly Permission[]) =>
  functionsTable(
    ['publish'],
    () => permissions,
    () => 'Which pull request?',
  )

describe('ARCHITECTURE.md', () => {
  it('has the tables that the code gives (npm run architecture writes them)', () => {
    expect(written({})).toBe(page)
  })

  it('differs where a room is new or holds something else', () => {
    const rooms = { ...ROOM_ORDER, iac: [...ROOM_ORDER.iac, 'planted'] }
    const lineOf = (folder: string) => (folder === 'iac/planted' ? 'A new room' : 'Something else')
    expect(written({ rooms: roomTable(rooms, lineOf) })).not.toBe(page)
    expect(written({ rooms: roomTable(rooms, lineOf) })).toMatch(/\| `iac\/planted` +\| A new room +\|/)
  })

  it('differs where a permission does', () => {
    const functions = access.map(row => (row[0] === '`publish`' ? [...row.slice(0, 2), 'reads the table'] : row))
    expect(written({ functions })).not.toBe(page)
  })

  it('fails where a marker was lost', () => {
    expect(() => withTables('# Architecture', { rooms: roomTable() })).toThrow('the page has no <!-- rooms')
  })
})

describe('the table of what a function may access', () => {
  // By hand, from the permissions of publish in docs/deploy-settings.md: its queue, its items, the secret of Git hosts.
  it('says for publish what its role has', () => {
    expect(access.find(([name]) => name === '`publish`')?.[2]).toBe(
      'takes from the queue of `publish`; reads and writes the table; reads the tokens of Git hosts',
    )
  })

  it('names the role that is assumed, and each thing once', () => {
    const role = 'arn:aws:iam::*:role/team/rolemedic-writer'
    const permissions = [
      { sid: 'A', actions: ['sts:AssumeRole', 'sts:TagSession'], resources: [role] },
      { sid: 'B', actions: ['dynamodb:GetItem'], resources: ['the table'] },
      { sid: 'C', actions: ['dynamodb:Query'], resources: ['the table/index/due'] },
    ]
    expect(may(permissions)[1]?.[2]).toBe('assumes `rolemedic-writer` of each account; reads and queries the table')
  })

  it('fails for an action without words', () => {
    expect(() => may([{ sid: 'A', actions: ['iam:PutRolePolicy'], resources: ['*'] }])).toThrow(
      'has no words for iam:PutRolePolicy',
    )
  })
})
