/** Every error a client can get: catalogue code -> HTTP status and the class name under which ZenML clients re-raise it. */
export const problems = {
  invalid: [400, 'ValueError'],
  invalid_model: [400, 'ValidationError'],
  credentials: [401, 'CredentialsNotValid'],
  not_authorized: [401, 'AuthorizationException'],
  upgrade_required: [402, 'SubscriptionUpgradeRequiredError'],
  forbidden: [403, 'IllegalOperationError'],
  not_found: [404, 'KeyError'],
  does_not_exist: [404, 'DoesNotExistException'],
  method_not_allowed: [405, 'MethodNotAllowedError'],
  exists: [409, 'EntityExistsError'],
  // No class of clients belongs to 412, so they raise RuntimeError with the whole reply as its text.
  needs_force: [412, 'RuntimeError'],
  too_large: [413, 'ValueError'],
  unprocessable: [422, 'ValueError'],
  log_store_limit: [429, 'LogStoreRateLimitError'],
  busy: [429, 'MaxConcurrentTasksError'],
  not_implemented: [501, 'NotImplementedError'],
  log_store: [502, 'LogStoreError'],
  log_store_unavailable: [503, 'LogStoreUnavailableError'],
  unavailable: [503, 'RuntimeError'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof problems;

/**
 * How the body looks. `handled`: `{"detail": [class, text]}`. `validation`: the bare list `[class, text]` that the original's workspaces send for a
 * request that does not fit its model (the control plane answers as with `handled`). `plain`: `{"detail": text}`. `oauth`: the given object as it is.
 */
export type ProblemShape = 'handled' | 'validation' | 'plain' | 'oauth';

export type ProblemOptions = {
  shape?: ProblemShape;
  /** Extra reply headers, such as `Retry-After`. */
  headers?: Record<string, string>;
  /** The whole body for shape `oauth`. */
  body?: Record<string, unknown>;
  cause?: unknown;
};

/** The one error class. The text speaks to the user: what was sent, what is wrong, what to do. Internal facts belong in `cause`. */
export class Problem extends Error {
  readonly status: number;
  readonly className: string;

  constructor(
    readonly code: ProblemCode,
    text: string,
    readonly options: ProblemOptions = {},
  ) {
    super(text, { cause: options.cause });
    [this.status, this.className] = problems[code];
  }

  get body(): unknown {
    const shape = this.options.shape ?? 'handled';
    if (shape === 'oauth') return this.options.body;
    if (shape === 'plain') return { detail: this.message };
    // Python's KeyError prints its text in quotes; clients strip nothing and rely on nothing there, so the text stays plain.
    return shape === 'validation' ? [this.className, this.message] : { detail: [this.className, this.message] };
  }
}

/** 401 for a request without any credentials; the header makes clients start their log-in. */
export function notAuthenticated(): Problem {
  return new Problem('credentials', 'Not authenticated', { shape: 'plain', headers: { 'WWW-Authenticate': 'Bearer' } });
}

export function credentialsNotValid(text: string, cause?: unknown): Problem {
  return new Problem('credentials', text, { cause });
}
