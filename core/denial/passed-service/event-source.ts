/** Services whose events use another name than IAM or an SDK. */
const ALSO: { readonly [name: string]: string } = {
  amp: 'aps',
  'application-autoscaling': 'autoscaling',
  cloudcontrol: 'cloudcontrolapi',
  cloudwatch: 'monitoring',
  emr: 'elasticmapreduce',
  mq: 'amazonmq',
  mwaa: 'airflow',
  opensearch: 'es',
  pinpoint: 'mobiletargeting',
  sesv2: 'ses',
  stepfunctions: 'states',
}

/** `rds` for `rds.amazonaws.com`: the name of a file in `passed-service/`. */
export function eventSourceNamed(name: string): string {
  return Object.hasOwn(ALSO, name) ? (ALSO[name] ?? name) : name
}

export function eventSourceOf({ eventSource }: { readonly eventSource: string | null }): string {
  return eventSourceNamed(eventSource?.replace(/\.amazonaws\.com(?:\.cn)?$/, '') ?? '')
}
