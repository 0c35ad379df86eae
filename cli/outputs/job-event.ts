import { jobEventDetail } from '../../functions/domain/deploy/index.ts'

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
export const jobEvent = jobEventDetail
