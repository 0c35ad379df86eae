import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BUNDLE_FILE, bundleEntry, loadedAtStart } from '../../infra/bundle.ts'
import { root } from '../layout.ts'

/** What reads denials, judges changes and draws cards. Slack waits three seconds for a press, a cold start included. */
const OF_NO_PRESS =
  /^core\/(?:service-actions|diagnosis\/rules|patch\/risk|denial\/(?:message|logs|passed-service|resource-types))\/|^core\/iam\/evaluation\/evaluate\.ts|^functions\/domain\/(?:card|deploy\/tools)\/|^node_modules\/yaml\//

it('loads before the first press no reader of denials, no table of facts, no evaluator, no card and no YAML', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'decide-')), BUNDLE_FILE)
  const { outputs } = (await bundleEntry(join(root, 'functions/decide/handler.ts'), out)).metafile
  const loaded = loadedAtStart(outputs, BUNDLE_FILE).flatMap(path =>
    Object.entries(outputs[path]?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [file] : [],
    ),
  )
  expect(loaded).toContain('functions/domain/proposal/approval-policy.ts')
  expect(loaded.filter(file => OF_NO_PRESS.test(file))).toEqual([])
})
