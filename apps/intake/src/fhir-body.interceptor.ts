import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';

const FHIR = /^application\/fhir\+json\b/i;

/** Where the response stands in what the caller sent. */
export const responsePointer = (contentType: string | undefined): '' | '/response' => (FHIR.test(contentType ?? '') ? '' : '/response');

/** A route that takes `{ response, … }` also takes the bare QuestionnaireResponse as application/fhir+json. */
export class FhirBody implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (FHIR.test(request.headers['content-type'] ?? '')) request.body = { response: request.body };
    return next.handle();
  }
}
