package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The names of an archive so far: finds those that are one name on some computers, by case or by Unicode form. */
final class ArchiveNames {
    private final Map<String, String> spellings = new HashMap<>();

    /** Adds a file; refuses it if it, or one of its folders, is another spelling of an earlier name. */
    void add(ArchivePath path) {
        StringBuilder prefix = new StringBuilder();
        int last = path.segments().size() - 1;
        for (int i = 0; i < last; i++) {
            prefix.append(path.segments().get(i)).append('/');
            String known = spellings.putIfAbsent(folded(prefix.toString()), prefix.toString());
            if (known != null && !known.contentEquals(prefix)) {
                throw refused("its folder '" + prefix + "' and '" + known + "' are one name on some computers");
            }
        }
        String known = spellings.putIfAbsent(folded(path.toString()), path.toString());
        if (known != null) {
            throw refused(
                    known.equals(path.toString())
                            ? "the archive has two files of this name"
                            : "its name and '" + known + "' are one name on some computers");
        }
    }

    private static String folded(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFKC)
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }

    private static ServiceException refused(String reason) {
        return new ServiceException(ErrorCode.ARCHIVE_ENTRY_REFUSED, reason);
    }
}
