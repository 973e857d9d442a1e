import { SetMetadata } from '@nestjs/common';

export interface Permission {
  /** `<resource>.<verb>`, stable: policies and the audit name it. */
  readonly action: string;
  /** Open to everybody, also without a token. */
  readonly open: boolean;
}

export const PERMISSION = 'opora:permission';

/** Names what a route does. Who may do it, to whom and what for, the policies say; a route without it does not boot. */
export const Allow = (action: string) => SetMetadata(PERMISSION, { action, open: false } satisfies Permission);

/** For the few routes that hold nothing about anybody: health, API description. */
export const AllowAnyone = (action: string) => SetMetadata(PERMISSION, { action, open: true } satisfies Permission);
