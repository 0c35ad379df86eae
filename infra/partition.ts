import { RegionInfo } from 'aws-cdk-lib/region-info'

/** A Region that is newer than this library is one of the ordinary ones. */
export const partitionOf = (region: string): string => RegionInfo.get(region).partition ?? 'aws'
