export {
  type SnapshotReader,
  snapshotReader,
  snapshotVersions,
  streamedReader,
} from './account-snapshot.ts'
