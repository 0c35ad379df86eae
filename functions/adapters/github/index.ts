export { githubHost } from './github-host.ts'
export { githubRequests } from './github-requests.ts'
