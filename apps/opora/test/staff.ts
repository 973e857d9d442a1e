import type { TokenClaims } from '@opora/access';

/** People of the demo's agencies. */
export const staff = {
  intake: { sub: 'irina', agency: 'centre', roles: ['intake-worker'] },
  counsellor: { sub: 'konstantin', agency: 'centre', roles: ['counsellor'] },
  lawyer: { sub: 'lidia', agency: 'bureau', roles: ['legal-aid:practitioner'] },
  supervisor: { sub: 'svetlana', agency: 'centre', roles: ['supervisor'] },
  admin: { sub: 'alla', agency: 'centre', roles: ['admin'] },
} satisfies Record<string, TokenClaims>;
