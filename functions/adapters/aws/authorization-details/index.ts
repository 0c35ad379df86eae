export { awsExplanations } from './aws-explanations.ts'
