export { loadParsers } from './parsers.ts'
