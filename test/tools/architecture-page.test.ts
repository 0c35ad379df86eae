import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Permission } from '../../infra/constructs/roles/permission.ts'
import { functionsTable } from '../../tools/architecture/access.ts'
import { withTables } from '../../tools/architecture/document.ts'
import { PROJECT, ROOM_ORDER, roomTable } from '../../tools/architecture/rooms.ts'
import { scriptsOfPackage, TEST_FOLDERS, testFoldersOnDisk, testsTable } from '../../tools/architecture/tests.ts'
import { type Project, projectOf, testFiles } from '../projects.ts'

const page = readFileSync(join(PROJECT, 'ARCHITECTURE.md'), 'utf8')
const written = (tables: { readonly rooms?: ReturnType<typeof roomTable>; readonly functions?: typeof access }) =>
  withTables(page, { functions: access, rooms: roomTable(), tests: testsTable(), ...tables })
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
  // By hand: its queue, its items, the public keys, the secret of Git hosts.
  it('says for publish what its role has', () => {
    expect(access.find(([name]) => name === '`publish`')?.[2]).toBe(
      'takes from the queue of `publish`; reads and writes the table; verifies with the key of decisions, the key of attestations, the key of outcomes, the key of enrollments and the key of earlier versions; reads the tokens of Git hosts',
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

describe('the table of tests', () => {
  /** The script that runs the files of a project. */
  const SCRIPTS: { readonly [project in Project]: string } = {
    pure: 'test',
    wired: 'test',
    slow: 'test:slow',
    package: 'test:package',
    e2e: 'e2e',
  }

  it('names every script that runs the files of a folder', () => {
    const silent = TEST_FOLDERS.flatMap(({ folder, scripts }) =>
      testFiles()
        .filter(file => file.startsWith(`${folder}/`) && !scripts.includes(SCRIPTS[projectOf(file)]))
        .map(file => `${file} is run by ${SCRIPTS[projectOf(file)]}`),
    )
    expect(silent).toEqual([])
  })

  it('fails for a folder that it does not know, and for one or a script that is gone', () => {
    const folders = testFoldersOnDisk()
    expect(() => testsTable([...folders, 'planted'])).toThrow('does not say what test/planted holds')
    expect(() => testsTable(folders.filter(name => name !== 'golden'))).toThrow('there is no test/golden')
    expect(() => testsTable(folders, ['test', 'test:slow'])).toThrow('package.json has no script laws')
  })
})

describe('CONTRIBUTING.md', () => {
  /** The first cell of each row of its tables of commands. */
  const rows = (text: string): readonly string[] =>
    [...text.matchAll(/^\| `npm (?:run )?([\w:-]+)/gm)].map(([, script = '']) => script)
  const contributing = readFileSync(join(PROJECT, 'CONTRIBUTING.md'), 'utf8')

  /** Scripts for users of a checkout, which its text names. */
  const USERS = ['start', 'rolemedic']

  it('has one row for each script of package.json', () => {
    const listed = [...rows(contributing), ...USERS]
    expect(listed.toSorted()).toEqual(scriptsOfPackage().toSorted())
  })
})
