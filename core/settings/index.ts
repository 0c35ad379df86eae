/** What the engine reads of a configuration. */

export { DEFAULT_SETTINGS, type Settings } from './settings.ts'
