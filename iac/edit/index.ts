/** A change as an edit of the code that makes the role. */

export {
  type CodeChange,
  type CodeEdit,
  type CodeHints,
  type EntityHints,
  hintsFromTags,
  type LeftOut,
  NO_CODE_HINTS,
  type SourceFile,
} from './code-change.ts'
export { editCode, MAX_CHARS, MAX_FILES } from './edit-code.ts'
export { isEditablePath, isSkippedFolder } from './source-paths.ts'
export { suggestCode } from './suggest-code.ts'
export {
  childOfType,
  descendants,
  isBroken,
  type Language,
  type Parsers,
  type SyntaxNode,
  syntaxText,
} from './syntax-node.ts'
