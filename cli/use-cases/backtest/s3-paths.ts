/** Separate from the SDK, which only a bucket needs. */
export type Live = { readonly profile: string | null; readonly region: string | null }

export const isS3 = (path: string): boolean => path.startsWith('s3://')
