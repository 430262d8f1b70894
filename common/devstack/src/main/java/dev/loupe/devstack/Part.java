package dev.loupe.devstack;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The servers that a {@link Devstack} can run. */
public enum Part {
    POSTGRES,
    KAFKA,
    S3;

    /**
     * @param list names separated by commas, case-insensitive: {@code postgres,s3}
     * @throws IllegalArgumentException if a name is unknown or there is none
     */
    public static Set<Part> parse(String list) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (String name : list.split(",")) {
            parts.add(Arrays.stream(values())
                    .filter(part -> part.name().equalsIgnoreCase(name.strip()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "unknown part '" + name.strip() + "', expected one or more of " + names())));
        }
        return parts;
    }

    private static String names() {
        return Arrays.stream(values())
                .map(part -> part.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(","));
    }
}
