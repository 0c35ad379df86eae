/** An external id is a shared secret of two companies: it is compared, never shown. */
export const isSecretKey = (key: string): boolean => key.toLowerCase() === 'sts:externalid'
