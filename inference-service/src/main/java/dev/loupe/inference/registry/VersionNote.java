package dev.loupe.inference.registry;

import java.util.List;
import org.jdbi.v3.json.Json;

/**
 * What people say of a version. Public, because Jdbi constructs only public records.
 *
 * @param number number of the version
 * @param revision increases by one with every change; 0 if there was none
 * @param description what the version is, null if not said
 * @param owner who is responsible for it, null if not said
 * @param tags tags in alphabetical order
 */
public record VersionNote(
        int number,
        long revision,
        String description,
        String owner,
        @Json List<String> tags) {
    public VersionNote {
        tags = tags.stream().distinct().sorted().toList();
    }

    static VersionNote none(int number) {
        return new VersionNote(number, 0, null, null, List.of());
    }

    /**
     * Returns the next revision of this note.
     *
     * @param newDescription new description, empty for none, null to keep it; the same for the owner
     * @param newTags new tags, null to keep them
     */
    VersionNote changed(String newDescription, String newOwner, List<String> newTags) {
        return new VersionNote(
                number,
                revision + 1,
                changed(description, newDescription),
                changed(owner, newOwner),
                newTags == null ? tags : newTags);
    }

    private static String changed(String before, String after) {
        return after == null ? before : after.isBlank() ? null : after.strip();
    }
}
