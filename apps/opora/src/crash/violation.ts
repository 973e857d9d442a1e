/** Something that must never be. `what` names ids, types and places; never data. */
export interface Violation { readonly kind: string; readonly what: string }
