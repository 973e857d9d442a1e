import { CodeField, IdField, Json, OneOf, Text } from '@opora/service';

export class MatchClients {
  @OneOf(['conflict-check']) purpose!: 'conflict-check';
  @Text(200, { list: true, minItems: 1, maxItems: 50, description: 'Whole names, of people or organisations', example: ['Ivan Petrov'] }) names!: string[];
  @CodeField({ pattern: /^[A-Za-z0-9-]{16,80}$/, description: 'Random; the answer names the hash of this request', example: '0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b' }) nonce!: string;
  @IdField({ optional: true, description: 'Whose matter it is: they are no answer' }) except?: string;
}

export class ClientsMatched {
  @Text(2000, { description: 'A compact JWS with purpose, result (none, possible), asked, iat and exp', example: 'e30.e30.e30' }) answer!: string;
}

export class PublishedMatchKeys {
  @Json({ list: true, description: 'JSON Web Keys (RFC 7517)' }) keys!: object[];
}
