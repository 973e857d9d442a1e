/** Why a token was not taken. The code goes to the caller; nothing of the token does. */
export class TokenRefused extends Error {
  constructor(readonly code: 'token-missing' | 'token-invalid' | 'token-expired' | 'token-revoked' | 'issuer-unreachable') {
    super(code);
  }
}
