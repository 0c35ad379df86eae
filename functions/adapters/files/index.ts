export { snapshotReader, streamedReader } from './account-snapshot.ts'
export { NO_ORG_FILE, type OrgFile, readOrgFile } from './org-file.ts'
