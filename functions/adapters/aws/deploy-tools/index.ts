export { readStack } from './cloudformation-events.ts'
export { deployReader } from './deploy-reader.ts'
export { askJson, type JsonCall } from './json-call.ts'
export { putEvent } from './put-event.ts'
