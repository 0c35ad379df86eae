/** Who counts as one of us in the chat. A name in a list of approvers is an id only: whose account it is now, the chat says. */

/** Where people must belong: a workspace, or an organization whose workspaces share one installation; with both, a workspace of that organization. */
export type Workspace = { readonly teamId: string | null; readonly enterpriseId: string | null }

/** `why` ends the sentence "You cannot decide this: …". */
export type WorkspaceMembership = { readonly kind: 'member' } | { readonly kind: 'not-a-member'; readonly why: string }
