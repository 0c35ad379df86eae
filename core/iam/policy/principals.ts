import { list, type Statement } from './policy-document.ts'

/** Each principal of a statement with its type (`AWS`, `Service`, `Federated`). For everybody, type and name are `*`. */
export function principalsOf({ Principal }: Statement): readonly { readonly type: string; readonly name: string }[] {
  if (Principal === undefined) return []
  return Object.entries(Principal === '*' ? { '*': '*' } : Principal).flatMap(([type, names]) =>
    list(names).map(name => ({ type, name })),
  )
}

export function principalsOfType({ Principal }: Statement, type: string): readonly string[] {
  if (Principal === undefined) return []
  if (Principal === '*') return type === '*' ? ['*'] : []
  return Object.hasOwn(Principal, type) ? list(Principal[type]) : []
}
