/** Where the code of a role is kept, and who reviews it. */

export { CODE_KINDS, type CodeKind } from './code-kinds.ts'
export { CODE_OWNERS_FILES, codeOwnersOf } from './code-owners.ts'
export { isCodePath, matchesPath } from './code-path.ts'
export { type CodePlace, codePlaceOf } from './code-place.ts'
export { isConfigured, type Repository } from './repository-of.ts'
