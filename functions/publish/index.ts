export { makePublish, type PublishDeps } from './publish.ts'
