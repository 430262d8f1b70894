package dev.loupe.model;

import java.util.List;

/** A model that tells products apart does not know a product. The message names those that it knows. */
public final class UnknownProductException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** @param known products of the model */
    UnknownProductException(String product, List<String> known) {
        super("product '%s': expected one of %s".formatted(product, String.join(", ", known)));
    }
}
