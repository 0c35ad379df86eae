/** What the engine reads of a configuration. */

export type { Settings } from './settings.ts'
