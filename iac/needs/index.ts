/** What a template, a plan or a CDK app passes and assumes. */

export type { Assumption } from './assumptions.ts'
export { assemblyNeeds } from './cloudformation/cdk-assembly.ts'
export { madeRoles } from './cloudformation/made-roles.ts'
export { NO_OPTIONS, templateNeeds } from './cloudformation/template-needs.ts'
export type { DeployNeeds, MadeProfile, MadeRole, Need } from './need.ts'
export { denialOfAssumption, denialOfNeed, serviceSent } from './need-denial.ts'
export { LINKED_ROLES, linkedRoleName } from './service-linked-roles.ts'
export { stackDeploy } from './stack-needs.ts'
export type { StackTemplate, TemplateNeed, TemplatePlace } from './template-need.ts'
export { type PlanPiece, type PlanReader, planReader } from './terraform/terraform-plan.ts'
