import type { Observer } from './observer.ts'

/** For a reader whose caller reports failures. */
export const SILENT_OBSERVER: Observer = { log() {}, count() {} }
