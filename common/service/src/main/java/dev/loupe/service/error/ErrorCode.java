package dev.loupe.service.error;

/** Every error that Loupe's services name, in all of them the same. The name is the {@code code} of a problem. */
public enum ErrorCode {
    INVALID_REQUEST(Category.INVALID),
    INVALID_CURSOR(Category.INVALID),
    UNAUTHENTICATED(Category.UNAUTHENTICATED),
    IDEMPOTENCY_KEY_REUSED(Category.UNPROCESSABLE),
    IDEMPOTENCY_KEY_IN_USE(Category.IN_PROGRESS),
    REQUEST_TOO_LARGE(Category.TOO_LARGE),
    OVERLOADED(Category.OVERLOADED),
    STORAGE_UNAVAILABLE(Category.UNAVAILABLE),
    STORAGE_FULL(Category.STORAGE_FULL),
    DATABASE_UNAVAILABLE(Category.UNAVAILABLE),
    INTERNAL(Category.INTERNAL),

    PROJECT_NOT_FOUND(Category.NOT_FOUND),
    PROJECT_EXISTS(Category.CONFLICT),
    IMAGE_NOT_FOUND(Category.NOT_FOUND),
    IMAGE_UNSUPPORTED(Category.UNSUPPORTED_MEDIA),
    IMAGE_DAMAGED(Category.UNPROCESSABLE),
    IMAGE_TOO_LARGE(Category.TOO_LARGE),
    LABEL_INVALID(Category.UNPROCESSABLE),
    SPLIT_INVALID(Category.UNPROCESSABLE),
    ARCHIVE_DAMAGED(Category.UNPROCESSABLE),
    ARCHIVE_ENTRY_REFUSED(Category.UNPROCESSABLE),
    ARCHIVE_TOO_LARGE(Category.TOO_LARGE),
    DATASET_EMPTY(Category.PRECONDITION),
    DATASET_VERSION_NOT_FOUND(Category.NOT_YET),

    BACKBONE_NOT_FOUND(Category.NOT_FOUND),
    BACKBONE_EXISTS(Category.CONFLICT),
    BACKBONE_INVALID(Category.UNPROCESSABLE),
    RECIPE_INVALID(Category.UNPROCESSABLE),
    RUN_NOT_FOUND(Category.NOT_FOUND),
    RUN_FINISHED(Category.PRECONDITION),
    ATTEMPT_OVER(Category.GONE),
    OBJECT_FORBIDDEN(Category.FORBIDDEN),

    MODEL_NOT_FOUND(Category.NOT_FOUND),
    MODEL_VERSION_NOT_FOUND(Category.NOT_FOUND),
    PACKAGE_FILE_NOT_FOUND(Category.NOT_FOUND),
    MODEL_NOT_READY(Category.UNAVAILABLE),
    MODEL_TASK_MISMATCH(Category.PRECONDITION),
    ALIAS_NOT_FOUND(Category.NOT_FOUND),
    ALIAS_INVALID(Category.INVALID),
    STALE_GENERATION(Category.CONFLICT),
    GATE_FAILED(Category.PRECONDITION),
    NOTHING_TO_ROLL_BACK(Category.PRECONDITION),
    QUEUE_FULL(Category.EXHAUSTED);

    private final Category category;

    ErrorCode(Category category) {
        this.category = category;
    }

    public Category category() {
        return category;
    }
}
