/** The kinds of code that rolemedic reads and edits. A checkout has one kind, as has a repository of the configuration. */
export const CODE_KINDS = ['terraform', 'cloudformation', 'sam', 'cdk-typescript', 'cdk-python'] as const
export type CodeKind = (typeof CODE_KINDS)[number]
