package dev.loupe.service.access;

import java.util.Locale;

/** What a caller may do; each role includes those before it. */
public enum Role {
    /** Reads everything, and predicts. */
    VIEWER,
    /** Adds images, and changes labels and splits. */
    LABELLER,
    /** Freezes, trains, evaluates and promotes; deletes images and runs. */
    ENGINEER,
    /** Decides on promotions that others ask for, and sets the promotion policy. */
    APPROVER,
    /** Deletes projects, and decides who may do what. */
    ADMIN;

    /** Whether a caller with this role may do what needs the other one. */
    public boolean includes(Role other) {
        return compareTo(other) >= 0;
    }

    /** The name in messages. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
