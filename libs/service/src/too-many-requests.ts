/** The limit of an address or a subject is reached. `retry-after` is on the answer already. */
export class TooManyRequests extends Error {}
