export { deployReader } from './deploy-reader.ts'
export { putEvent } from './put-event.ts'
