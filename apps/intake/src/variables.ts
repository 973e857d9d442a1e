import { Type } from 'typebox';

/** What intake alone reads from its environment. */
export const Variables = Type.Object({
  INTAKE_CONSENT_IN_WRITING: Type.Optional(Type.String({
    pattern: '^D[0-3](,D[0-3])*$', description: 'Data classes to which consent must be in writing, comma-separated; none unless said. Russian law wants `D1,D2,D3` (442-FZ art. 6, 152-FZ art. 10)',
  })),
});
