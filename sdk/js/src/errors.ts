// What a call can fail with. Every class is a CallboardError; a call that the caller aborted
// rejects with the signal's own reason instead.

export interface Detail {
  /** JSON pointer (RFC 6901) to the culprit in the body that was sent. */
  pointer: string;
  message: string;
}

export class CallboardError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No answer: the network, DNS, TLS, or in a browser a refusal by CORS. `cause` has the error. */
export class NetworkError extends CallboardError {}

/** No answer within `timeoutMs`. Whether the server did what was asked is not known. */
export class TimeoutError extends CallboardError {}

/** An answer that no Callboard gives; perhaps that of something in between. */
export class UnexpectedAnswerError extends CallboardError {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** The user has no session, or it has ended: sign in again. */
export class NoSessionError extends CallboardError {}

/** The server answered that it won't. The classes below are those that callers tell apart. */
export class ApiError extends CallboardError {
  constructor(
    readonly status: number,
    readonly errorType: string,
    message: string,
    readonly details: readonly Detail[],
    /** Stands in the server's log beside the cause. */
    readonly requestId: string,
    /** What Retry-After said, if it was there. */
    readonly retryAfterMs: number | undefined,
  ) {
    super(message);
  }
}

/** The client key or the clock is wrong, or the request was changed on its way. */
export class SignatureError extends ApiError {}
export class AuthenticationError extends ApiError {}
export class InvalidParameterError extends ApiError {}
export class ForbiddenError extends ApiError {}
export class NotFoundError extends ApiError {}
/** Too many requests (429) or too busy (503), still after every retry. */
export class UnavailableError extends ApiError {}

/** It is there already, or somebody else has changed it meanwhile. */
export class ConflictError extends ApiError {}
/** Understood, but against a rule: as many subscriptions as may be, say. */
export class UnprocessableError extends ApiError {}

const classes: Readonly<Record<string, typeof ApiError>> = {
  sig_invalid: SignatureError,
  auth_failed: AuthenticationError,
  invalid_parameter: InvalidParameterError,
  forbidden: ForbiddenError,
  not_found: NotFoundError,
  conflict: ConflictError,
  unprocessable: UnprocessableError,
};

// What is for people says what went wrong by its status.
const typesByStatus: Readonly<Record<number, string>> = {
  400: "invalid_parameter", 401: "auth_failed", 403: "forbidden", 404: "not_found",
  409: "conflict", 422: "unprocessable",
};

/** The error that an answer's body stands for. */
export function apiError(answer: Response, body: string, retryAfterMs?: number): CallboardError {
  const error = errorIn(parsed(body), answer.status);
  const isBusy = answer.status === 429 || answer.status === 503;
  if (typeof error?.error_type !== "string" && !isBusy) {
    return new UnexpectedAnswerError(
      answer.status, `status ${answer.status} with a body that is not Callboard's`);
  }
  const type = error?.error_type ?? "unavailable";
  const Class = isBusy ? UnavailableError : classes[type] ?? ApiError;
  return new Class(answer.status, type, error?.message ?? `status ${answer.status}`,
                   error?.details ?? [], answer.headers.get("X-Request-ID") ?? "", retryAfterMs);
}

interface ErrorFields {
  message?: string;
  error_type?: string;
  details?: Detail[];
}
interface ErrorBody {
  error?: ErrorFields;
  msg?: string;
  data?: {details?: Detail[]} | null;
}

function errorIn(body: ErrorBody | undefined, status: number): ErrorFields | undefined {
  if (typeof body?.msg !== "string") return body?.error;
  return {
    message: body.msg, error_type: typesByStatus[status] ?? "internal",
    ...(body.data?.details ? {details: body.data.details} : {}),
  };
}

function parsed(body: string): ErrorBody | undefined {
  try {
    return JSON.parse(body) as ErrorBody;
  } catch {
    return undefined;
  }
}
