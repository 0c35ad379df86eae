import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { cloud } from '../../functions/adapters/composition/cloud.ts'
import { QUIET } from '../fakes/verify-world.ts'

const ENV = {
  TABLE_NAME: 'proposals',
  AUDIT_BUCKET: 'audit',
  BOT_VERSION: 'test',
  SLACK_BOT_TOKEN_SECRET: 'token',
  SLACK_TEAM_ID: 'T0FAKE',
  SLACK_APP_ID: 'A0FAKE',
  CONFIG_FILE: resolve(import.meta.dirname, '../../rolemedic.config.json'),
}

it.each([
  ['no', false],
  ['yes', undefined],
  [undefined, undefined],
])('a deployment that says %s to permission sets decides by it', async (PERMISSION_SETS, written) => {
  const { config, running } = await cloud({ ...ENV, PERMISSION_SETS }, QUIET)
  expect(config.writesPermissionSets).toBe(written)
  // The digest is that of the file alone.
  expect(running.config).not.toHaveProperty('writesPermissionSets')
})
