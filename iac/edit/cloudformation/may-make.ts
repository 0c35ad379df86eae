/**
 * Which templates are parsed for an entity. Of a large repository, nearly every template shows by its text that it makes another
 * one; where the text does not show that, the template is parsed.
 */
import type { Target } from '../../../core/patch/index.ts'
import { mayBeWritten } from '../document/literal.ts'

/** Property of the name, by the type of the resource. */
const NAMES: { readonly [kind in Target['kind']]: { readonly type: RegExp; readonly name: string } | null } = {
  'role-inline-policy': { type: /AWS::(?:IAM::Role\b|Serverless::)/, name: 'RoleName' },
  'role-trust-policy': { type: /AWS::(?:IAM::Role\b|Serverless::)/, name: 'RoleName' },
  'user-inline-policy': { type: /AWS::IAM::User\b/, name: 'UserName' },
  'managed-policy': { type: /AWS::IAM::ManagedPolicy\b/, name: 'ManagedPolicyName' },
  'permission-set-inline-policy': null,
}

/** `logicalId`: of the resource, where CloudFormation makes the name. Null: not known. */
export function mayMake({ kind, name }: Target, logicalId: string | null): (text: string) => boolean {
  const wanted = NAMES[kind]
  if (wanted === null) return () => false
  const ids = logicalId === null ? [] : [logicalId, logicalId.replace(/Role$/, '')]
  return text =>
    isUncertain(text) ||
    name.includes(',') ||
    hasStacks(text) ||
    (wanted.type.test(text) &&
      (ids.some(id => id !== '' && text.includes(id)) ||
        valuesOf(text, wanted.name).some(value => value === null || mayBeWritten(value, name)))) ||
    (kind !== 'role-trust-policy' && kind !== 'managed-policy' && !arePoliciesOfItsOwn(text))
}

export const hasStacks = (text: string): boolean =>
  /AWS::(?:CloudFormation::Stack|Serverless::Application)\b/.test(text)

/** An escape, a text that another tool fills in, a macro or a loop: names may not be in the text as they are deployed. */
const isUncertain = (text: string): boolean =>
  /\\(?:[uUx]|\r?\n)|\{\{|\{%|<%|^<{7}/m.test(text) || countOf(text, /Transform/g) !== countOf(text, SAM)

const SAM = /Transform["']?\s*:\s*["']?AWS::Serverless-2016-10-31/g

/** The texts that a property is given, with `${…}` for what is filled in. Null: it is given in another way. */
const valuesOf = (text: string, property: string): readonly (string | null)[] =>
  [...text.matchAll(GIVEN)]
    .filter(([, name]) => name === property)
    .map(([, , plain, quoted, json]) => plain ?? quoted?.slice(1, -1) ?? json?.slice(1, -1) ?? null)

/** `RoleName: orders`, `RoleName: !Sub 'orders-${Stage}'`, `"RoleName": { "Fn::Sub": "orders-${Stage}" }`. */
const GIVEN =
  /\b(RoleName|UserName|ManagedPolicyName)\b["']?\s*:[ \t]*(?:(?:!Sub[ \t]+)?(?:((?:[\w+=.@-]|\$\{[\w:.]+\})+)|('(?:[^'\\{}\n$]|\$\{[\w:.]+\})*'|"(?:[^"\\{}\n$]|\$\{[\w:.]+\})*"))[ \t]*(?=,|\}|\r?\n|#|$)|\{\s*"Fn::Sub"\s*:\s*("(?:[^"\\{}\n$]|\$\{[\w:.]+\})*")\s*\})?/g

/** True when each separate policy belongs to one role that the same template makes. */
function arePoliciesOfItsOwn(text: string): boolean {
  const policies = countOf(text, /AWS::IAM::Policy\b/g)
  if (/AWS::IAM::(?:RolePolicy|UserPolicy)\b/.test(text)) return false
  if (policies === 0) return true
  const roles = new Set([...text.matchAll(A_ROLE)].map(([, id]) => id))
  const owners = [...text.matchAll(ONE_ROLE)].map(([, yaml, json]) => yaml ?? json ?? '')
  return (
    owners.length === policies &&
    countOf(text, /\b(?:Roles|Users|Groups)\b["']?\s*:/g) === policies &&
    owners.every(id => roles.has(id))
  )
}

/** `Roles: [!Ref Task]`, as a list in either form of YAML or in JSON. */
const ONE_ROLE =
  /\bRoles["']?\s*:\s*(?:(?:\[\s*|-[ \t]+)!Ref[ \t]+([A-Za-z0-9]+)[ \t]*(?:\]|\r?\n(?![ \t]*-))|\[\s*\{\s*"Ref"\s*:\s*"([A-Za-z0-9]+)"\s*\}\s*\])/g

const A_ROLE = /\b([A-Za-z0-9]+)["']?\s*:(?:\s*\{)?\s*["']?Type["']?\s*:\s*["']?AWS::IAM::Role\b/g

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0
