import { cpSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { auditLogWarning } from '../../cli/use-cases/audit/audit-log-warning.ts'
import { AUDIT_HEAD } from '../../functions/domain/stored/markers.ts'
import { folderHead } from '../../simulator/audit-folder.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { sampleLog } from '../fakes/sample-log.ts'

let state = ''
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'audit-log-'))
  await sampleLog(join(state, 'audit'))
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

/** The store of the bot, with the end of the log before it was damaged. */
async function storeOfNow() {
  const head = await folderHead(join(state, 'audit'))
  const store = memoryStore()
  if (head.ok && head.value !== null) await store.putMarker(AUDIT_HEAD, 0, head.value)
  return store
}

describe('the warning about the audit log at startup', () => {
  it('is absent for an intact log, and for a missing one', async () => {
    expect(await auditLogWarning(state, await storeOfNow())).toBeNull()
    rmSync(join(state, 'audit'), { recursive: true })
    expect(await auditLogWarning(state, memoryStore())).toBeNull()
  })

  it('names the changed record, and the command that shows more', async () => {
    const store = await storeOfNow()
    const path = join(state, 'audit/000000000003.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('Ana', 'Eve'))
    const warning = await auditLogWarning(state, store)
    expect(warning).toContain('WARNING: the audit log is broken: changed 000000000003.json')
    expect(warning).toMatch(new RegExp(`See: npx rolemedic audit verify --from ${state}/audit$`))
  })

  it('names a record that was deleted from the end, and quotes the folder for a shell', async () => {
    const store = await storeOfNow()
    const other = join(state, "it's mine")
    cpSync(join(state, 'audit'), join(other, 'audit'), { recursive: true })
    unlinkSync(join(other, 'audit/000000000013.json'))
    const warning = await auditLogWarning(other, store)
    expect(warning).toContain('truncated 000000000013.json')
    expect(warning).toContain(`--from '${state}/it'\\''s mine/audit'`)
  })
})
