import { Inject, Injectable } from '@nestjs/common';
import { ClientsMatchAnswer, clientsMatchIssuer, hashOf, type ClientsMatchClaims, type ClientsMatchRequest } from '@opora/contracts';
import { DomainError, type Instant } from '@opora/domain';
import { Clock, newId } from '@opora/messaging';
import { Log, readConfiguration, SETTINGS, type ServiceSettings } from '@opora/service';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createRemoteJWKSet, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { Match } from './domain/matter.js';
import { Variables } from './variables.js';

const TIMEOUT_MS = 3000;
const isAnswer = new Ajv2020({ strict: false }).compile<ClientsMatchAnswer>(ClientsMatchAnswer);

const instant = (seconds: number): Instant => new Date(seconds * 1000).toISOString();

/** Asks whoever knows the clients whether other parties may be among them, with the asker's own token. */
@Injectable()
export class ConflictAsking {
  private readonly at: string | undefined;
  private readonly keys: JWTVerifyGetKey | undefined;

  constructor(private readonly clock: Clock, private readonly log: Log, @Inject(SETTINGS) { environment = {} }: ServiceSettings) {
    this.at = readConfiguration(Variables, environment).LEGAL_AID_CLIENTS_MATCH_AT;
    this.keys = this.at === undefined ? undefined : createRemoteJWKSet(new URL(`${this.at}/match-keys`), { timeoutDuration: TIMEOUT_MS, cooldownDuration: 1000 });
  }

  /** Nothing of the question is logged, and nothing of it stands in the answer. */
  async ask(parties: readonly string[], except: string, authorization: string): Promise<Match> {
    const question: ClientsMatchRequest = { purpose: 'conflict-check', names: [...parties], nonce: newId(), except };
    try {
      const proof = await this.answerTo(question, authorization);
      const { payload: { purpose, result, asked, iat, exp } } = await jwtVerify<ClientsMatchClaims>(proof, this.keys!, {
        issuer: clientsMatchIssuer, algorithms: ['ES256'], currentDate: new Date(this.clock.now()), requiredClaims: ['iat', 'exp'],
      });
      if (purpose !== question.purpose || asked !== hashOf(question) || (result !== 'none' && result !== 'possible')) throw Object.assign(new Error('Not the answer'), { code: 'another-question' });
      return { result, parties, at: instant(iat!), until: instant(exp!), proof };
    } catch (error) {
      const { name, code } = error as { name?: string; code?: unknown };
      this.log.say('warn', 'conflict match not answered', { code: typeof code === 'string' ? code : name ?? 'error' });
      throw new DomainError('conflict', 'conflict-match-unavailable', 'Nobody could say just now whether the parties are clients; ask again, or decide without the answer');
    }
  }

  private async answerTo(question: ClientsMatchRequest, authorization: string): Promise<string> {
    if (this.at === undefined) throw Object.assign(new Error('Nobody to ask'), { code: 'not-configured' });
    const response = await fetch(`${this.at}/clients:match`, {
      method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(question),
      // A redirect could lead names and token to an address that nobody allowed.
      redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw Object.assign(new Error('Refused'), { code: `status-${response.status}` });
    const body: unknown = await response.json();
    if (!isAnswer(body)) throw Object.assign(new Error('Not an answer'), { code: 'answer-malformed' });
    return body.answer;
  }
}
