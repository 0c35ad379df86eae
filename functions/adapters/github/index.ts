export { githubHost } from './github-host.ts'
export { githubCalls, githubRequests } from './github-requests.ts'
