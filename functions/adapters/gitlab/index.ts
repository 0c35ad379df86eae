export { gitlabHost } from './gitlab-host.ts'
