package dev.loupe.contracts.recipe;

/** The parameters of a recipe are invalid. The message names them, what was expected and what was given. */
public final class InvalidRecipeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    InvalidRecipeException(String message) {
        super(message);
    }
}
