import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { DomainError, type Trouble } from '@opora/domain';

const troubles = (errors: readonly ValidationError[], at = ''): Trouble[] => errors.flatMap((error) => {
  const pointer = `${at}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.entries(error.constraints ?? {}).map(([code, detail]) => ({ pointer, code, detail: code === 'whitelistValidation' ? 'is not a field of this request' : detail.replace(`${error.property} `, '') }));
  return [...own, ...troubles(error.children ?? [], pointer)];
});

/** Every field of a request is named and checked; a field nobody declared is refused, not ignored. */
export const bodyChecks = () => new ValidationPipe({
  whitelist: true, forbidNonWhitelisted: true, transform: true, forbidUnknownValues: true,
  exceptionFactory: (errors) => new DomainError('invalid', 'invalid-request', 'Some fields are not valid', troubles(errors)),
});
