export { deployReader } from './deploy-reader.ts'
