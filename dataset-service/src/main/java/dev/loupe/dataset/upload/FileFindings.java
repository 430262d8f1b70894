package dev.loupe.dataset.upload;

import dev.loupe.dataset.upload.ImportReport.Refusal;
import dev.loupe.dataset.upload.format.ArchivePath;
import dev.loupe.service.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The files of an upload that were refused or ignored. Not thread-safe. */
final class FileFindings {
    private final List<Refusal> refusals = new ArrayList<>();
    private final Map<String, Integer> refusedByCode = new TreeMap<>();
    private final List<String> ignored = new ArrayList<>();

    void refuse(String name, ErrorCode code, String reason) {
        refusedByCode.merge(code.name(), 1, Integer::sum);
        refusals.add(new Refusal(ArchivePath.show(name), code.name(), reason));
    }

    /** Adds a file that is not an image. */
    void ignore(String name) {
        ignored.add(ArchivePath.show(name));
    }

    List<Refusal> refusals() {
        return List.copyOf(refusals);
    }

    Map<String, Integer> refusedByCode() {
        return Map.copyOf(refusedByCode);
    }

    List<String> ignored() {
        return List.copyOf(ignored);
    }
}
