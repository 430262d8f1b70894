package dev.loupe.inference.registry;

/**
 * Something to announce to the webhook of a project. Observers run in the transaction of the change.
 *
 * @param type such as {@code alias-moved}
 * @param field name of the content in the message
 * @param content what has changed
 */
public record Announcement(Model model, String type, String field, Object content) {}
