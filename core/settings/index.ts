/** What the engine reads of a configuration. */

export { type ApprovedRoleSet, DEFAULT_SETTINGS, type Settings } from './settings.ts'
