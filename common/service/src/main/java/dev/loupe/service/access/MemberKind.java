package dev.loupe.service.access;

/** What a member of a project is. */
public enum MemberKind {
    PERSON,
    GROUP
}
