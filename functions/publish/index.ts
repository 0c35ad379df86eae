/** Which pull request has the code of this change? */

export { makePublish, type PublishDeps } from './publish.ts'
