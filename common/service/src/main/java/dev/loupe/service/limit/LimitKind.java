package dev.loupe.service.limit;

/** What a limit of requests is for. */
public enum LimitKind {
    PROJECT,
    TOKEN
}
