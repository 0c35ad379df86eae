import { canonicalJson } from './canonical-json.ts'
import { perObject } from './memoize.ts'

/** The canonical JSON of an object that never changes, such as a statement. Cached, because such objects are compared often. */
export const canonicalForm: (value: object) => string = perObject(canonicalJson)
