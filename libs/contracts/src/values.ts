import { Type, type Static } from 'typebox';

/** The patterns leave no room for free text: what crosses a service's border is an id, a code, a date or a published title. */
/** In small letters only: ids are compared as texts. */
export const Id = Type.String({ format: 'uuid', pattern: '^[0-9a-f-]{36}$', description: 'A UUID in small letters; version 7 when Opora minted it' });
export const Code = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}$', description: 'A code of a published list' });
export const ModuleName = Type.String({ pattern: '^[a-z][a-z0-9-]{1,39}$', description: 'The module’s name, as in its manifest' });
export const Agency = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,59}$', description: 'The agency’s short name' });
/** In one form only: instants are compared as texts. */
export const At = Type.String({ format: 'date-time', pattern: '^[1-9]\\d{3}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$', description: 'RFC 3339, UTC, with milliseconds' });
export const StaffId = Type.String({ maxLength: 80, pattern: '^[A-Za-z0-9._:@|-]+$', description: 'The `sub` of a staff member' });
export const Date = Type.String({ format: 'date', description: 'A day, YYYY-MM-DD' });
export const Version = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

/** D0 non-personal, D1 personal, D2 special category (health, psychological, disability), D3 privileged. */
export const DataClass = Type.Enum(['D0', 'D1', 'D2', 'D3']);
export type DataClass = Static<typeof DataClass>;

export const Titles = Type.Object({ en: Type.String({ maxLength: 200 }), ru: Type.String({ maxLength: 200 }) }, { additionalProperties: false });
export type Titles = Static<typeof Titles>;

/** A code of a published list with its titles. Titles come from code lists, manifests and rule packs; nobody types them for one person. */
export const Coded = Type.Object(
  { system: Type.String({ maxLength: 120 }), code: Code, en: Type.String({ maxLength: 200 }), ru: Type.String({ maxLength: 200 }) },
  { additionalProperties: false },
);
export type Coded = Static<typeof Coded>;

/** A plan entry, wherever it lives. */
export const Ref = Type.Object({ module: ModuleName, id: Id }, { additionalProperties: false });
export type Ref = Static<typeof Ref>;

export const closed = { additionalProperties: false } as const;
