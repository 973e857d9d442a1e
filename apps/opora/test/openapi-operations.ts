import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Schema { $ref?: string; type?: string | string[]; example?: unknown; properties?: Record<string, Schema>; required?: string[]; items?: Schema; allOf?: Schema[]; anyOf?: Schema[]; additionalProperties?: unknown }
interface Document { paths: Record<string, Record<string, { operationId: string; requestBody?: { content: Record<string, { schema?: Schema }> } }>>; components: { schemas: Record<string, Schema> } }

export interface Operation {
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  /** A good body, made of the examples of what is required. */
  readonly body?: unknown;
  /** The names that the body's class knows. */
  readonly fields?: readonly string[];
}

const follow = ({ components }: Document, schema: Schema): Schema => {
  const { $ref, allOf } = schema;
  if ($ref) return follow({ components } as Document, components.schemas[$ref.split('/').at(-1)!]!);
  return allOf?.length === 1 ? follow({ components } as Document, allOf[0]!) : schema;
};

const exampleOf = (document: Document, schema: Schema): unknown => {
  if (schema.example !== undefined) return schema.example;
  const { properties, required = [], items, anyOf, type } = follow(document, schema);
  if (properties) return Object.fromEntries(Object.entries(properties).filter(([name]) => required.includes(name)).map(([name, one]) => [name, exampleOf(document, one)]));
  if (items) return [exampleOf(document, items)];
  return anyOf ? exampleOf(document, anyOf[0]!) : type === 'object' ? {} : undefined;
};

/** What the frozen descriptions say of some services. */
export const operationsOf = (services: readonly string[]): Operation[] => services.flatMap((service) => {
  const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/openapi', `${service}.json`), 'utf8')) as Document;
  return Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item).map(([method, { operationId, requestBody }]) => {
    const schema = requestBody?.content['application/json']?.schema;
    const { properties, additionalProperties } = schema ? follow(document, schema) : {};
    return {
      service, method: method.toUpperCase(), path, operationId,
      ...(schema && { body: exampleOf(document, schema) }), ...(properties && additionalProperties !== true && { fields: Object.keys(properties) }),
    };
  }));
});
