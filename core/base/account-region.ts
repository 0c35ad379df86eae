export type AccountRegion = { readonly accountId: string; readonly region: string }
