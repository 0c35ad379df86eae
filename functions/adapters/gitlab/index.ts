export { gitlabHost } from './gitlab-host.ts'
export { gitlabNotes } from './gitlab-notes.ts'
