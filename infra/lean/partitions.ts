type Partition = {
  readonly regionRegex: string
  readonly regions: { readonly [region: string]: { readonly description?: string } }
}

/** AWS's partitions, of whose Regions only those are listed that the pattern of their partition does not know; and no titles. */
export async function leanPartitions(source: string): Promise<string> {
  const { partitionsInfo } = await import(`data:text/javascript,${encodeURIComponent(source)}`)
  const partitions = partitionsInfo.partitions.map(({ regions, ...partition }: Partition) => ({
    ...partition,
    regions: Object.fromEntries(
      Object.entries(regions)
        .filter(([region]) => !new RegExp(partition.regionRegex).test(region))
        .map(([region, { description: _, ...data }]) => [region, data]),
    ),
  }))
  return `export const partitionsInfo = ${JSON.stringify({ ...partitionsInfo, partitions })}`
}
