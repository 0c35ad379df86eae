/** Milliseconds per request. These are assumptions, listed in `docs/capacity.md`. */
export const LATENCY = {
  put: 30,
  list: 40,
  get: 20,
  table: 5,
  iam: 100,
  slack: 150,
  kms: 20,
  /** With the decryption by KMS. */
  secret: 40,
  sns: 30,
  sqs: 10,
  event: 500,
}
