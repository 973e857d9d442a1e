import { SetMetadata } from '@nestjs/common';
import type { Role } from './actor.js';

export interface Permission {
  /** `<resource>.<verb>`, stable: policies and the audit name it. */
  readonly action: string;
  /** Empty: everybody, also without a token. */
  readonly roles: readonly (Role | 'staff')[];
}

export const PERMISSION = 'opora:permission';

/** Names what a route does and who may do it. A route without it does not boot. */
export const Allow = (action: string, ...roles: [Role | 'staff', ...(Role | 'staff')[]]) => SetMetadata(PERMISSION, { action, roles } satisfies Permission);

/** For the few routes that hold nothing about anybody: health, API description. */
export const AllowAnyone = (action: string) => SetMetadata(PERMISSION, { action, roles: [] } satisfies Permission);
