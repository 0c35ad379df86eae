export { snapshotReader, streamedReader } from './account-snapshot.ts'
