import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../core/base/errors.ts'
import { prepareStateFolder, stateFolderError } from '../../simulator/state-folder.ts'

const NOW = Date.parse('2026-11-24T03:00:00Z')
const HALF_WRITTEN = '.0f8fad5b-d9cb-469f-a165-70867728950e.tmp'
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function failure(write: () => void): unknown {
  try {
    write()
  } catch (error) {
    return error
  }
  throw new Error('nothing failed')
}

describe('the state folder', () => {
  it('is created with its parents, and is empty after the write test', () => {
    const state = join(folder, 'a/b')
    prepareStateFolder(state, NOW)
    expect(readdirSync(state)).toEqual([])
  })

  it('reports a file in the place of the folder', () => {
    writeFileSync(join(folder, 'file'), '')
    for (const state of [join(folder, 'file'), join(folder, 'file/state')])
      expect(() => prepareStateFolder(state, NOW)).toThrow(`cannot create the state folder ${state}:`)
  })

  it('removes temporary files of a crash after a minute, and nothing else', () => {
    const audit = join(folder, 'audit')
    mkdirSync(audit)
    const aged = (name: string, seconds: number) => {
      writeFileSync(join(audit, name), 'x')
      utimesSync(join(audit, name), NOW / 1000 - seconds, NOW / 1000 - seconds)
    }
    const young = HALF_WRITTEN.replace('0f8', '1f8')
    aged(HALF_WRITTEN, 61)
    aged(young, 59)
    aged('000000000001.json', 3_600)
    aged('.head.json', 3_600)
    aged('.mine.tmp', 3_600)
    prepareStateFolder(folder, NOW)
    expect(readdirSync(audit).sort()).toEqual(['.head.json', '.mine.tmp', '000000000001.json', young].sort())
  })
})

describe('an error of the state folder', () => {
  it.runIf(existsSync('/dev/full'))('is a full disk, by the error of the system', () => {
    const fault = stateFolderError(
      failure(() => writeFileSync('/dev/full', 'x')),
      folder,
    )
    expect(fault).toBeInstanceOf(UsageError)
    expect(fault?.message).toContain(`no space left on the disk of ${folder}: free some space and start again`)
    expect(fault?.message).toContain('No recorded data is lost')
  })

  it.each([
    ['EROFS', 'is on a read-only file system: choose another folder with --state'],
    ['EACCES', 'permission denied in'],
    ['EDQUOT', 'no space left on the disk of'],
  ])('is %s', (code, words) => {
    expect(stateFolderError(Object.assign(new Error('open'), { code }), folder)?.message).toContain(words)
  })

  it.each([
    ['IO error: /s/store/LOCK: Permission denied', 'belongs to another user; change the owner (chown -R)'],
    ['IO error: /s/store/LOCK: Read-only file system', 'read-only file system'],
    ['IO error: /s/store/000005.log: No space left on device', 'no space left'],
  ])('is found in the message of the store: %s', (text, words) => {
    const cause = Object.assign(new Error(text), { code: 'LEVEL_IO_ERROR' })
    const error = new Error('Database failed to open', { cause })
    expect(stateFolderError(error, folder)?.message).toContain(words)
  })

  it('is neither another error nor an error of a file argument', () => {
    expect(stateFolderError(new Error('something else'), folder)).toBeNull()
    const cause = Object.assign(new Error('open'), { code: 'EACCES' })
    expect(stateFolderError(new UsageError('cannot read the account file a.json', { cause }), folder)).toBeNull()
  })
})
